#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace ll::ledger {

/// Records of a CSV file, front to back, in bounded memory (RFC 4180): cells in quotes may hold commas, line ends and
/// doubled quotes; lines end with LF or CRLF; the last needs no line end; empty lines are skipped; a UTF-8 byte order
/// mark is skipped. A file that starts with 1f 8b is read through gzip (RFC 1952, any number of members), whose length
/// and CRC are checked.
class CsvReader {
 public:
  /// Error{io} when the file cannot be opened.
  static Result<CsvReader> open(const std::filesystem::path& path);
  CsvReader(CsvReader&&) noexcept;
  CsvReader& operator=(CsvReader&&) noexcept;
  ~CsvReader();

  /// Reads the next record; false at the end. Error{malformed} names file and line: a quote that is never closed, text
  /// behind a closing quote, a lone carriage return, a record longer than 16 MiB, a gzip stream that is cut or broken.
  Result<bool> next();

  /// Cells of the record just read; valid until the next call of next().
  const std::vector<std::string_view>& cells() const noexcept { return cells_; }
  /// Line on which that record starts, from 1.
  std::uint64_t line() const noexcept { return record_line_; }
  /// Bytes of the file read so far, as they lie on disk.
  std::uint64_t bytes_read() const noexcept;
  /// Hex SHA-256 of the file's bytes as they lie on disk. Once, after next() has returned false.
  std::string finish_sha256();

 private:
  class Source;
  enum class Scan { cell_start, unquoted, quoted, quote_seen, carriage_return };

  explicit CsvReader(std::filesystem::path path, std::unique_ptr<Source> source);
  void end_cell();
  void end_record();
  Error broken(std::uint64_t line, std::string_view what) const;

  std::filesystem::path path_;
  std::unique_ptr<Source> source_;
  ByteSpan chunk_;
  std::size_t position_ = 0;
  bool at_start_ = true;
  std::uint64_t line_ = 1, record_line_ = 1;
  std::string text_;               // the record's cells, one behind the other
  std::vector<std::size_t> ends_;  // where each ends in text_
  std::vector<std::string_view> cells_;
};

}  // namespace ll::ledger
