#include "base/random.hpp"

#include <algorithm>

#include <sodium.h>

#include "base/error.hpp"

namespace ll {
namespace {

/// libsodium chooses the code for this CPU when it is initialised; before, ChaCha20 runs five times slower.
bool initialise() {
  static const bool ready = sodium_init() >= 0;
  return ready;
}

}  // namespace

std::uint64_t Rng::next_u64() {
  std::array<std::uint8_t, 8> bytes;
  fill(bytes);
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  return value;
}

std::uint64_t Rng::below(std::uint64_t bound) {
  LL_CHECK(bound >= 1, "Rng::below: bound must be at least 1");
  const std::uint64_t reject_from = UINT64_MAX - UINT64_MAX % bound;  // a multiple of bound
  while (true) {
    const std::uint64_t value = next_u64();
    if (value < reject_from) return value % bound;
  }
}

void OsRng::fill(std::span<std::uint8_t> out) {
  if (!initialise()) throw Error(ErrorCode::io, "the operating system's random generator is not available");
  randombytes_buf(out.data(), out.size());
}

SeededRng::SeededRng(std::uint64_t seed, std::uint64_t stream) {
  initialise();
  for (int i = 0; i < 8; ++i) key_[i] = static_cast<std::uint8_t>(seed >> (8 * i));
  for (int i = 0; i < 8; ++i) nonce_[i] = static_cast<std::uint8_t>(stream >> (8 * i));
}

void SeededRng::refill() {
  block_.fill(0);
  crypto_stream_chacha20_xor_ic(block_.data(), block_.data(), block_.size(), nonce_.data(), counter_, key_.data());
  counter_ += block_.size() / 64;  // ChaCha20 blocks of 64 bytes
  used_ = 0;
}

void SeededRng::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    if (used_ == block_.size()) refill();
    const std::size_t count = std::min(out.size(), block_.size() - used_);
    std::copy_n(block_.begin() + used_, count, out.begin());
    used_ += count;
    out = out.subspan(count);
  }
}

}  // namespace ll
