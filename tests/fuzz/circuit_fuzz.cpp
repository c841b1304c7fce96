// Circuit descriptions and witnesses as JSON: refused with a sentence, or decoded and then encoded to a text that
// decodes the same; a small circuit that decodes can be run by MockProver without a crash.
#include "halo2/mock_prover.hpp"
#include "halo2/random_circuit.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ll;
  using namespace ll::halo2;
  static const testing::RandomCircuit honest = testing::make_random_circuit(1);
  fuzz::Input input(data, size);
  const bool witness = (input.byte() & 1) != 0;
  const std::string text(reinterpret_cast<const char*>(input.rest().data()), input.rest().size());
  if (witness) {
    const auto decoded = decode_witness(text, "witness.json", honest.circuit);
    if (decoded.ok()) {
      const std::string again = encode_witness(honest.circuit, decoded.value());
      const auto second = decode_witness(again, "witness.json", honest.circuit);
      fuzz::require(second.ok() && encode_witness(honest.circuit, second.value()) == again, "a witness has one text");
    } else {
      fuzz::require(!decoded.error().message().empty(), "an error has a message");
    }
    return 0;
  }
  const auto decoded = decode_circuit(text, "circuit.json");
  if (!decoded.ok()) {
    fuzz::require(!decoded.error().message().empty(), "an error has a message");
    return 0;
  }
  const std::string again = encode_circuit(decoded.value());
  const auto second = decode_circuit(again, "circuit.json");
  fuzz::require(second.ok() && encode_circuit(second.value()) == again, "a circuit has one text");
  if (decoded.value().k > 8) return 0;
  try {
    DescribedCircuit circuit(decoded.value());
    Instances instances;
    for (const auto& rows : decoded.value().cs.instance_rows()) instances.emplace_back(rows.value_or(0));
    (void)MockProver::run(decoded.value().k, circuit, instances);
  } catch (const Error&) {
    return 0;  // a circuit that does not fit, said so
  }
  return 0;
}
