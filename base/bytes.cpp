#include "base/bytes.hpp"

namespace ll {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

template <class T>
T read_le(ByteSpan bytes) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value |= static_cast<T>(bytes[i]) << (8 * i);
  return value;
}

}  // namespace

std::string to_hex(ByteSpan bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return bytes;
}

void append_u32_le(Bytes& out, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void append_u64_le(Bytes& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void append(Bytes& out, ByteSpan bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

Result<ByteSpan> ByteReader::take(std::size_t count, std::string_view field) {
  if (count > remaining()) {
    return malformed("{}: {} needs {} bytes at offset {}, {} are left", what_, field, count, offset_, remaining());
  }
  const ByteSpan taken = bytes_.subspan(offset_, count);
  offset_ += count;
  return taken;
}

Result<std::uint8_t> ByteReader::u8(std::string_view field) {
  auto bytes = take(1, field);
  if (!bytes) return bytes.error();
  return bytes.value()[0];
}

Result<std::uint32_t> ByteReader::u32_le(std::string_view field) {
  auto bytes = take(4, field);
  if (!bytes) return bytes.error();
  return read_le<std::uint32_t>(bytes.value());
}

Result<std::uint64_t> ByteReader::u64_le(std::string_view field) {
  auto bytes = take(8, field);
  if (!bytes) return bytes.error();
  return read_le<std::uint64_t>(bytes.value());
}

std::optional<Error> ByteReader::expect_end() const {
  if (remaining() == 0) return std::nullopt;
  return malformed("{}: {} bytes too many from offset {}", what_, remaining(), offset_);
}

}  // namespace ll
