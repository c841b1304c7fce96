// Files of public ceremonies: snarkjs .ptau with its chain verified, PPoT challenges and responses.
#include <algorithm>

#include "ceremony/chain.hpp"
#include "ceremony/ppot_files.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ll;
  using namespace ll::ceremony;
  const ByteSpan bytes(data, size);
  SeededRng rng(1);
  const auto file = read_ptau(bytes);
  if (!file.ok()) {
    fuzz::require(!file.error().message().empty(), "an error has a message");
  } else {
    const auto& chain = file.value().contributions;
    fuzz::require(std::ranges::search(bytes, encode_contributions(chain)).size() > 0, "a chain has one encoding");
    ChainOptions options;
    options.replay_beacon = false;
    (void)verify_ptau(file.value(), rng, options);
    if (file.value().powers) {
      const auto srs = srs_of_powers(*file.value().powers, std::nullopt);
      if (srs.ok()) fuzz::require(powers_are_consistent(srs.value(), rng), "powers that are read are of one tau");
    }
  }
  const auto ppot = read_ppot(bytes);
  if (ppot.ok()) {
    (void)check_powers(ppot.value().powers, rng);
    if (ppot.value().response) (void)decode_public_key(ppot.value().key, PointForm::ppot_uncompressed, "key", 0);
  }
  return 0;
}
