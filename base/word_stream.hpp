#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace ll {

/// The keystream of SeededRng(seed, stream) as little-endian 32-bit words, inlined: for generators that draw a hundred
/// million times a second. Never for secrets.
class WordStream {
 public:
  explicit WordStream(std::uint64_t seed, std::uint64_t stream = 0);

  std::uint32_t next_u32() {
    if (used_ == words_.size()) refill();
    return words_[used_++];
  }
  std::uint64_t next_u64() {
    const std::uint64_t low = next_u32();
    return std::uint64_t{next_u32()} << 32 | low;
  }
  /// Uniform in [0, bound), bound >= 1. Source: Lemire, "Fast random integer generation in an interval",
  /// arXiv:1805.10941, algorithm 5.
  std::uint32_t below(std::uint32_t bound) {
    std::uint64_t product = std::uint64_t{next_u32()} * bound;
    if (static_cast<std::uint32_t>(product) < bound) [[unlikely]] {
      const std::uint32_t threshold = (0 - bound) % bound;
      while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{next_u32()} * bound;
    }
    return static_cast<std::uint32_t>(product >> 32);
  }

 private:
  void refill();
  std::uint64_t seed_, stream_, counter_ = 0;
  std::size_t used_ = 256;
  alignas(64) std::array<std::uint32_t, 256> words_;
};

}  // namespace ll
