#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace ll::ledger {

/// Records of a table file as text, front to back; the first is the header. CSV, Parquet and JSON-RPC blocks are read
/// through it alike.
class RecordReader {
 public:
  virtual ~RecordReader() = default;
  /// Reads the next record; false at the end. Error{malformed} or Error{io} names file and place.
  virtual Result<bool> next() = 0;
  /// Cells of the record just read; valid until the next call of next(). Nothing is an empty cell.
  const std::vector<std::string_view>& cells() const noexcept { return cells_; }
  /// Where that record is, for messages: "line 7", "row 7", "block 46147, transaction 0".
  virtual std::string place() const = 0;
  /// Bytes of the file read so far, as they lie on disk.
  virtual std::uint64_t bytes_read() const noexcept = 0;
  /// Hex SHA-256 of the file's bytes as they lie on disk. Once, after next() has returned false.
  virtual std::string finish_sha256() = 0;

 protected:
  std::vector<std::string_view> cells_;
};

}  // namespace ll::ledger
