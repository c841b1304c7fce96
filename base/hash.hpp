#pragma once
#include <array>
#include <filesystem>
#include <memory>

#include "base/bytes.hpp"

namespace ll {

using Digest32 = std::array<std::uint8_t, 32>;
using Digest64 = std::array<std::uint8_t, 64>;

/// SHA-256 (FIPS 180-4), incremental.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void update(ByteSpan bytes);
  /// The digest of what was fed; the object may not be fed afterwards.
  Digest32 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest32 sha256(ByteSpan bytes);
/// Hex SHA-256 of a file's bytes. Throws Error{io}.
std::string sha256_file(const std::filesystem::path& path);

/// BLAKE2b-512 with a 16-byte personalisation, no key, no salt (RFC 7693); clone by copying.
class Blake2b {
 public:
  explicit Blake2b(std::span<const std::uint8_t, 16> personalisation);
  void update(ByteSpan bytes);
  Digest64 finish();

 private:
  alignas(64) std::array<std::uint8_t, 384> state_{};
};

}  // namespace ll
