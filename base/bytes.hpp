#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace ll {

using Bytes = std::vector<std::uint8_t>;
using ByteSpan = std::span<const std::uint8_t>;

/// Lower-case hex without prefix.
std::string to_hex(ByteSpan bytes);

/// Reads hex of an even length, upper or lower case, without prefix; nullopt for anything else.
std::optional<Bytes> from_hex(std::string_view text);

void append_u32_le(Bytes& out, std::uint32_t value);
void append_u64_le(Bytes& out, std::uint64_t value);
void append(Bytes& out, ByteSpan bytes);

/// Reads a byte string front to back and never past its end: every read returns a Result that says what was wanted,
/// at which offset, and how many bytes were left.
class ByteReader {
 public:
  /// `what` names the input in messages, e.g. "srs".
  ByteReader(ByteSpan bytes, std::string what) : bytes_(bytes), what_(std::move(what)) {}

  std::size_t offset() const noexcept { return offset_; }
  std::size_t remaining() const noexcept { return bytes_.size() - offset_; }

  /// The next `count` bytes; `field` names them in the message.
  Result<ByteSpan> take(std::size_t count, std::string_view field);
  Result<std::uint8_t> u8(std::string_view field);
  Result<std::uint32_t> u32_le(std::string_view field);
  Result<std::uint64_t> u64_le(std::string_view field);
  /// Error{malformed} when bytes are left over, nullopt otherwise.
  std::optional<Error> expect_end() const;

 private:
  ByteSpan bytes_;
  std::size_t offset_ = 0;
  std::string what_;
};

}  // namespace ll
