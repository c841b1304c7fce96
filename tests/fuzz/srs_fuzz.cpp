// halo2 parameter files, raw and processed.
#include <algorithm>

#include "halo2/srs.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ll;
  using namespace ll::halo2;
  fuzz::Input input(data, size);
  const SerdeFormat format = (input.byte() & 1) != 0 ? SerdeFormat::raw : SerdeFormat::processed;
  const auto srs = Srs::read(input.rest(), format, true);
  if (!srs.ok()) {
    fuzz::require(!srs.error().message().empty(), "an error has a message");
    return 0;
  }
  fuzz::require(std::ranges::equal(srs.value().write(format, Srs::flags_of_processed(input.rest())), input.rest()),
                "parameters are written back alike");
  SeededRng rng(1);
  fuzz::require(powers_are_consistent(srs.value(), rng), "parameters that are read are powers of one tau");
  return 0;
}
