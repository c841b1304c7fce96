// Key files of every profile: what is read is written back byte for byte, or refused with a sentence.
#include "halo2/keygen.hpp"
#include "halo2/test_circuits.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ll;
  using namespace ll::halo2;
  fuzz::Input input(data, size);
  const Profile profile = kProfiles[input.byte() % kProfiles.size()];
  const std::uint8_t options = input.byte();
  const SerdeFormat format = (options & 1) != 0 ? SerdeFormat::raw : SerdeFormat::processed;
  testing::CircuitA a;
  testing::CircuitB b;
  b.with_shuffle = profile != Profile::axiom;
  Circuit& circuit = (options & 2) != 0 ? static_cast<Circuit&>(a) : b;
  // A file may claim k up to 28; selector rows and pse-main's synthesis would then be large on purpose. Keep k small.
  if (input.rest().size() > 1 && input.rest()[1] > 12) return 0;
  const auto key = VerifyingKey::read(input.rest(), format, profile, circuit, (options & 4) != 0);
  if (!key.ok()) {
    fuzz::require(!key.error().message().empty(), "an error has a message");
    return 0;
  }
  const Bytes again = key.value().write(format);
  fuzz::require(std::ranges::equal(again, input.rest()), "a key that is read is written back alike");
  return 0;
}
