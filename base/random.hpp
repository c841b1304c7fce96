#pragma once
#include <array>
#include <cstdint>
#include <span>

namespace ll {

/// Source of random bytes; an argument wherever randomness is used.
class Rng {
 public:
  virtual ~Rng() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;
  std::uint64_t next_u64();
  /// Uniform in [0, bound), bound >= 1, by rejection.
  std::uint64_t below(std::uint64_t bound);
};

/// The operating system's generator: the only one that may blind a proof.
class OsRng final : public Rng {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

/// ChaCha20 keystream of a 64-bit seed: the same bytes on every machine. For tests and synthetic data, never for
/// secrets.
class SeededRng final : public Rng {
 public:
  explicit SeededRng(std::uint64_t seed, std::uint64_t stream = 0);
  void fill(std::span<std::uint8_t> out) override;

 private:
  void refill();
  std::array<std::uint8_t, 32> key_{};
  std::array<std::uint8_t, 8> nonce_{};
  std::array<std::uint8_t, 1024> block_{};
  std::uint64_t counter_ = 0;
  std::size_t used_ = 1024;
};

}  // namespace ll
