// snarkjs .ptau files.
#include "halo2/srs.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ll;
  using namespace ll::halo2;
  const ByteSpan bytes(data, size);
  const auto info = read_ptau_info(bytes);
  const auto srs = read_ptau(bytes, std::nullopt, true);
  if (srs.ok()) {
    fuzz::require(info.ok() && srs.value().k == info.value().power, "header and powers agree");
    SeededRng rng(1);
    fuzz::require(powers_are_consistent(srs.value(), rng), "powers that are read are powers of one tau");
  } else {
    fuzz::require(!srs.error().message().empty(), "an error has a message");
  }
  return 0;
}
