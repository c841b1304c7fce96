#pragma once
#include <cstdio>
#include <cstdlib>
#include <span>

#include "base/bytes.hpp"

/// What libFuzzer calls; a program without libFuzzer calls it from replay_main.cpp for each file of the corpus.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// libFuzzer calls it once, outside the time limit of an input: for what is slow to make.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);

namespace ll::fuzz {

/// Stops the fuzzer with a sentence: a property does not hold.
[[noreturn]] inline void broken(const char* property) {
  std::fprintf(stderr, "property broken: %s\n", property);
  std::abort();
}
inline void require(bool holds, const char* property) {
  if (!holds) broken(property);
}

/// Takes small choices from the front of an input; zeros once it is used up.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t value = rest_[0];
    rest_ = rest_.subspan(1);
    return value;
  }
  bool empty() const { return rest_.empty(); }
  ByteSpan rest() const { return rest_; }

 private:
  ByteSpan rest_;
};

}  // namespace ll::fuzz
