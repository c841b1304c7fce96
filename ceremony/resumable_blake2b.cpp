#include "ceremony/resumable_blake2b.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace ll::ceremony {
namespace {

// RFC 7693, section 2.6 (initial words) and 2.7 (message schedule).
constexpr std::array<std::uint64_t, 8> kInitial = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                                   0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                                   0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
constexpr std::uint8_t kSchedule[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

std::uint64_t load_u64(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = (value << 8) | bytes[i];
  return value;
}

void store_u64(std::uint8_t* bytes, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

}  // namespace

ResumableBlake2b::ResumableBlake2b() : h_(kInitial) { h_[0] ^= 0x01010000 ^ 64; }  // 64-byte digest, no key

void ResumableBlake2b::compress(std::uint64_t counter, bool last) {
  std::uint64_t m[16], v[16];
  for (int i = 0; i < 16; ++i) m[i] = load_u64(buffer_.data() + 8 * i);
  for (int i = 0; i < 8; ++i) {
    v[i] = h_[i];
    v[i + 8] = kInitial[i];
  }
  v[12] ^= counter;
  if (last) v[14] = ~v[14];
  const auto mix = [&](int a, int b, int c, int d, std::uint64_t x, std::uint64_t y) {
    v[a] += v[b] + x;
    v[d] = std::rotr(v[d] ^ v[a], 32);
    v[c] += v[d];
    v[b] = std::rotr(v[b] ^ v[c], 24);
    v[a] += v[b] + y;
    v[d] = std::rotr(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = std::rotr(v[b] ^ v[c], 63);
  };
  for (int round = 0; round < 12; ++round) {
    const std::uint8_t* s = kSchedule[round % 10];
    mix(0, 4, 8, 12, m[s[0]], m[s[1]]);
    mix(1, 5, 9, 13, m[s[2]], m[s[3]]);
    mix(2, 6, 10, 14, m[s[4]], m[s[5]]);
    mix(3, 7, 11, 15, m[s[6]], m[s[7]]);
    mix(0, 5, 10, 15, m[s[8]], m[s[9]]);
    mix(1, 6, 11, 12, m[s[10]], m[s[11]]);
    mix(2, 7, 8, 13, m[s[12]], m[s[13]]);
    mix(3, 4, 9, 14, m[s[14]], m[s[15]]);
  }
  for (int i = 0; i < 8; ++i) h_[i] ^= v[i] ^ v[i + 8];
}

void ResumableBlake2b::update(ByteSpan bytes) {
  while (!bytes.empty()) {
    if (filled_ == buffer_.size()) {  // a full block waits: the last one is compressed differently
      compressed_ += buffer_.size();
      compress(compressed_, false);
      filled_ = 0;
    }
    const std::size_t count = std::min(bytes.size(), buffer_.size() - filled_);
    std::memcpy(buffer_.data() + filled_, bytes.data(), count);
    filled_ += count;
    bytes = bytes.subspan(count);
  }
}

Digest64 ResumableBlake2b::digest() const {
  ResumableBlake2b copy = *this;
  std::fill(copy.buffer_.begin() + static_cast<std::ptrdiff_t>(filled_), copy.buffer_.end(), std::uint8_t{0});
  copy.compress(compressed_ + filled_, true);
  Digest64 out;
  for (std::size_t i = 0; i < 8; ++i) store_u64(out.data() + 8 * i, copy.h_[i]);
  return out;
}

ResumableBlake2b::State ResumableBlake2b::state() const {
  State out{};
  std::memcpy(out.data(), buffer_.data(), filled_);
  for (std::size_t i = 0; i < 8; ++i) store_u64(out.data() + 128 + 8 * i, h_[i]);
  store_u64(out.data() + 192, compressed_);
  store_u64(out.data() + 200, filled_);
  return out;
}

Result<ResumableBlake2b> ResumableBlake2b::from_state(std::span<const std::uint8_t, kStateBytes> state) {
  ResumableBlake2b out;
  std::memcpy(out.buffer_.data(), state.data(), 128);
  for (std::size_t i = 0; i < 8; ++i) out.h_[i] = load_u64(state.data() + 128 + 8 * i);
  out.compressed_ = load_u64(state.data() + 192);
  const std::uint64_t filled = load_u64(state.data() + 200), zero = load_u64(state.data() + 208);
  if (filled > 128 || out.compressed_ % 128 != 0 || zero != 0)
    return malformed("partial hash: {} bytes compressed, {} in the buffer, last word {}: no state of BLAKE2b",
                     out.compressed_, filled, zero);
  out.filled_ = static_cast<std::size_t>(filled);
  return out;
}

Digest64 blake2b_512(ByteSpan bytes) {
  ResumableBlake2b hash;
  hash.update(bytes);
  return hash.digest();
}

}  // namespace ll::ceremony
