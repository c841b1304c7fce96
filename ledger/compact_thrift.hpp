#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace ll::ledger {

inline void append_varint(Bytes& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
  out.push_back(static_cast<std::uint8_t>(value));
}
inline std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}

/// Writes structures of Thrift's compact protocol: what Parquet's headers and footer are. Fields in ascending order.
/// Source: Apache Thrift, doc/specs/thrift-compact-protocol.md.
class CompactThrift {
 public:
  explicit CompactThrift(Bytes& out) : out_(out) {}

  void i32(int id, std::int64_t value) { number(id, kI32, value); }
  void i64(int id, std::int64_t value) { number(id, kI64, value); }
  void i8(int id, std::uint8_t value) {
    field(id, kI8);
    out_.push_back(value);
  }
  void boolean(int id, bool value) { field(id, value ? kTrue : kFalse); }
  void text(int id, std::string_view value) {
    field(id, kBinary);
    bytes(value);
  }
  void i32_list(int id, const std::vector<std::int32_t>& values) {
    list(id, kI32, values.size());
    for (const std::int32_t value : values) append_varint(out_, zigzag(value));
  }
  void text_list(int id, const std::vector<std::string_view>& values) {
    list(id, kBinary, values.size());
    for (const std::string_view value : values) bytes(value);
  }
  /// `size` structures follow, each between open() and close().
  void struct_list(int id, std::size_t size) { list(id, kStruct, size); }
  /// A structure that is a field, closed by close().
  void open(int id) {
    field(id, kStruct);
    open();
  }
  /// A structure that stands alone or in a list.
  void open() { last_.push_back(0); }
  void close() {
    out_.push_back(0);
    last_.pop_back();
  }

 private:
  enum Type : std::uint8_t { kTrue = 1, kFalse = 2, kI8 = 3, kI32 = 5, kI64 = 6, kBinary = 8, kList = 9, kStruct = 12 };

  void field(int id, Type type) {
    const int step = id - last_.back();  // 1..15 in every structure of Parquet
    out_.push_back(static_cast<std::uint8_t>(step << 4 | type));
    last_.back() = id;
  }
  void number(int id, Type type, std::int64_t value) {
    field(id, type);
    append_varint(out_, zigzag(value));
  }
  void list(int id, Type type, std::size_t size) {
    field(id, kList);
    if (size < 15) {
      out_.push_back(static_cast<std::uint8_t>(size << 4 | type));
    } else {
      out_.push_back(static_cast<std::uint8_t>(0xf0 | type));
      append_varint(out_, size);
    }
  }
  void bytes(std::string_view value) {
    append_varint(out_, value.size());
    out_.insert(out_.end(), value.begin(), value.end());
  }

  Bytes& out_;
  std::vector<int> last_;  ///< of each open structure: the field written last
};

}  // namespace ll::ledger
