#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "base/hash.hpp"

namespace ll::ceremony {

/// BLAKE2b-512 without key, salt or personalisation (RFC 7693) whose state can be written down and taken up again.
///
/// A `.ptau` record holds the state in the middle of a response's hash (`partialHash`), so that a chain can be verified
/// without the points. libsodium's BLAKE2b keeps its state opaque, hence this one; the tests hold it to libsodium's.
class ResumableBlake2b {
 public:
  /// 128 bytes of block buffer | eight u64 LE state words | u64 LE bytes compressed | u64 LE bytes in the buffer | 8
  /// zero bytes: snarkjs' layout (toPartialHash in its src/misc.js).
  static constexpr std::size_t kStateBytes = 216;
  using State = std::array<std::uint8_t, kStateBytes>;

  ResumableBlake2b();
  void update(ByteSpan bytes);
  /// The digest of what was fed so far; more may be fed afterwards.
  Digest64 digest() const;
  std::uint64_t bytes_fed() const noexcept { return compressed_ + filled_; }

  State state() const;
  /// Error{malformed} unless the counters are ones that hashing can give.
  static Result<ResumableBlake2b> from_state(std::span<const std::uint8_t, kStateBytes> state);

 private:
  void compress(std::uint64_t counter, bool last);

  std::array<std::uint64_t, 8> h_{};
  std::array<std::uint8_t, 128> buffer_{};
  std::uint64_t compressed_ = 0;
  std::size_t filled_ = 0;
};

Digest64 blake2b_512(ByteSpan bytes);

}  // namespace ll::ceremony
