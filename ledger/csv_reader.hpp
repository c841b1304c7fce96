#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/byte_source.hpp"
#include "ledger/record_reader.hpp"

namespace ll::ledger {

/// Records of a CSV file in bounded memory (RFC 4180): cells in quotes may hold commas, line ends and doubled quotes;
/// lines end with LF or CRLF; the last needs no line end; empty lines are skipped; a UTF-8 byte order mark is skipped.
class CsvReader final : public RecordReader {
 public:
  /// Error{io} when the file cannot be opened.
  static Result<CsvReader> open(const std::filesystem::path& path);

  /// Error{malformed} names file and line: a quote that is never closed, text behind a closing quote, a lone carriage
  /// return, a record longer than 16 MiB, a compressed stream that is cut or broken.
  Result<bool> next() override;
  std::string place() const override;
  /// Line on which the record just read starts, from 1.
  std::uint64_t line() const noexcept { return record_line_; }
  std::uint64_t bytes_read() const noexcept override { return source_.bytes_read(); }
  std::string finish_sha256() override { return source_.finish_sha256(); }

 private:
  enum class Scan { cell_start, unquoted, quoted, quote_seen, carriage_return };

  CsvReader(std::filesystem::path path, ByteSource source);
  void end_cell();
  void end_record();
  Error broken(std::uint64_t line, std::string_view what) const;

  std::filesystem::path path_;
  ByteSource source_;
  ByteSpan chunk_;
  std::size_t position_ = 0;
  bool at_start_ = true;
  std::uint64_t line_ = 1, record_line_ = 1;
  std::string text_;               // the record's cells, one behind the other
  std::vector<std::size_t> ends_;  // where each ends in text_
};

}  // namespace ll::ledger
