// Our own ceremonies: state files and transcripts.
#include "ceremony/state.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ll;
  using namespace ll::ceremony;
  fuzz::Input input(data, size);
  SeededRng rng(1);
  if ((input.byte() & 1) != 0) {
    const auto state = read_state(input.rest());
    if (!state.ok()) {
      fuzz::require(!state.error().message().empty(), "an error has a message");
      return 0;
    }
    VerifyOptions options;
    options.replay_beacon = false;
    (void)verify_ceremony(state.value(), rng, options);
    return 0;
  }
  const std::string text(reinterpret_cast<const char*>(input.rest().data()), input.rest().size());
  const auto transcript = Transcript::parse(text, "transcript.json");
  if (!transcript.ok()) {
    fuzz::require(!transcript.error().message().empty(), "an error has a message");
    return 0;
  }
  const std::string again = transcript.value().to_json();
  const auto second = Transcript::parse(again, "transcript.json");
  fuzz::require(second.ok() && second.value().to_json() == again, "a transcript has one text");
  return 0;
}
