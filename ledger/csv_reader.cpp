#include "ledger/csv_reader.hpp"

#include <algorithm>

namespace ll::ledger {
namespace {

constexpr std::size_t kMaxRecordBytes = 1 << 24;

}  // namespace

CsvReader::CsvReader(std::filesystem::path path, ByteSource source)
    : path_(std::move(path)), source_(std::move(source)) {}

Result<CsvReader> CsvReader::open(const std::filesystem::path& path) {
  auto source = ByteSource::open(path);
  if (!source) return source.error();
  return CsvReader(path, std::move(source).value());
}

std::string CsvReader::place() const { return fmt::format("line {}", record_line_); }

Error CsvReader::broken(std::uint64_t line, std::string_view what) const {
  return Error(ErrorCode::malformed, fmt::format("{}: line {}: {}", path_.string(), line, what),
               fmt::format("{}, line {}", path_.string(), line));
}

void CsvReader::end_cell() { ends_.push_back(text_.size()); }

void CsvReader::end_record() {
  end_cell();
  cells_.clear();
  std::size_t begin = 0;
  for (const std::size_t end : ends_) {
    cells_.emplace_back(text_.data() + begin, end - begin);
    begin = end;
  }
}

Result<bool> CsvReader::next() {
  text_.clear();
  ends_.clear();
  record_line_ = line_;
  std::uint64_t quote_line = line_;
  bool quoted_cell = false;  // an empty cell in quotes is a cell, an empty line is not
  Scan scan = Scan::cell_start;
  while (true) {
    if (position_ == chunk_.size()) {
      const auto chunk = source_.next();
      if (!chunk) return chunk.error();
      chunk_ = chunk.value();
      position_ = 0;
      if (at_start_) {
        at_start_ = false;
        if (chunk_.size() >= 3 && chunk_[0] == 0xef && chunk_[1] == 0xbb && chunk_[2] == 0xbf) position_ = 3;
      }
      if (chunk_.empty()) {
        if (scan == Scan::quoted) return broken(quote_line, "a quote is opened and never closed");
        if (text_.empty() && ends_.empty() && !quoted_cell) return false;
        end_record();
        return true;
      }
      continue;
    }
    if (text_.size() > kMaxRecordBytes) return broken(record_line_, "the record is longer than 16 MiB");
    const char c = static_cast<char>(chunk_[position_]);
    if (scan == Scan::carriage_return && c != '\n') return broken(line_, "a carriage return without a line feed");
    if (scan == Scan::quoted) {
      ++position_;
      if (c == '"') {
        scan = Scan::quote_seen;
      } else {
        if (c == '\n') ++line_;
        text_.push_back(c);
      }
      continue;
    }
    if (c == '\n') {
      ++position_;
      ++line_;
      if (text_.empty() && ends_.empty() && !quoted_cell) {  // an empty line
        record_line_ = line_;
        scan = Scan::cell_start;
        continue;
      }
      end_record();
      return true;
    }
    if (c == '\r') {
      ++position_;
      scan = Scan::carriage_return;
    } else if (c == ',') {
      ++position_;
      end_cell();
      scan = Scan::cell_start;
    } else if (c == '"' && scan == Scan::cell_start) {
      ++position_;
      scan = Scan::quoted;
      quoted_cell = true;
      quote_line = line_;
    } else if (scan == Scan::quote_seen) {
      if (c != '"') return broken(line_, "text behind a closing quote, expected a comma or the end of the line");
      ++position_;
      text_.push_back(c);
      scan = Scan::quoted;
    } else {  // plain text up to the next comma or line end, at once
      const auto begin = chunk_.begin() + static_cast<std::ptrdiff_t>(position_);
      const auto end =
          std::find_if(begin, chunk_.end(), [](std::uint8_t b) { return b == ',' || b == '\n' || b == '\r'; });
      text_.append(begin, end);
      position_ += static_cast<std::size_t>(end - begin);
      scan = Scan::unquoted;
    }
  }
}

}  // namespace ll::ledger
