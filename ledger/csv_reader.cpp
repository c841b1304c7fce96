#include "ledger/csv_reader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <zlib.h>

#include "base/hash.hpp"

namespace ll::ledger {
namespace {

constexpr std::size_t kChunkBytes = 1 << 16;
constexpr std::size_t kMaxRecordBytes = 1 << 24;

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

}  // namespace

/// The file's bytes, through gzip where it is gzip.
class CsvReader::Source {
 public:
  Source(std::filesystem::path path, std::FILE* file) : path_(std::move(path)), file_(file) {}
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source() {
    if (gzip_) inflateEnd(&stream_);
  }

  std::uint64_t bytes_read() const noexcept { return bytes_read_; }
  std::string finish_sha256() { return to_hex(hash_.finish()); }

  /// The next bytes of text; empty at the end.
  Result<ByteSpan> next() {
    if (!started_) {
      started_ = true;
      if (auto error = fill()) return *error;
      if (raw_.size() >= 2 && raw_[0] == 0x1f && raw_[1] == 0x8b) {
        gzip_ = true;
        if (inflateInit2(&stream_, 15 + 16) != Z_OK) return Error(ErrorCode::memory, "zlib: no memory for a stream");
      } else if (path_.extension() == ".gz") {
        return malformed("{}: named .gz, but its first bytes are not those of gzip (1f 8b)", path_.string());
      }
      if (!gzip_) return raw_;
    }
    if (gzip_) return next_inflated();
    if (auto error = fill()) return *error;
    return raw_;
  }

 private:
  std::optional<Error> fill() {
    const std::size_t count = std::fread(input_.data(), 1, input_.size(), file_.get());
    if (count < input_.size() && std::ferror(file_.get())) {
      return Error(ErrorCode::io, fmt::format("{}: cannot read: {}", path_.string(), std::strerror(errno)),
                   path_.string());
    }
    raw_ = ByteSpan(input_.data(), count);
    hash_.update(raw_);
    bytes_read_ += count;
    return std::nullopt;
  }

  Error broken(std::string_view what) const {
    const std::uint64_t offset = bytes_read_ - raw_.size();
    return Error(ErrorCode::malformed,
                 fmt::format("{}: gzip stream is broken: {} (byte {} of the file)", path_.string(), what, offset),
                 path_.string(), "the file was cut or changed: fetch or export it again");
  }

  Result<ByteSpan> next_inflated() {
    while (true) {
      if (raw_.empty()) {
        if (auto error = fill()) return *error;
        if (raw_.empty()) {
          if (member_ended_) return ByteSpan();
          return broken("it ends early");
        }
      }
      if (member_ended_) {  // RFC 1952: members follow each other
        if (inflateReset(&stream_) != Z_OK) return broken("zlib cannot start the next member");
        member_ended_ = false;
      }
      stream_.next_in = const_cast<Bytef*>(raw_.data());
      stream_.avail_in = static_cast<uInt>(raw_.size());
      stream_.next_out = output_.data();
      stream_.avail_out = static_cast<uInt>(output_.size());
      const int status = inflate(&stream_, Z_NO_FLUSH);
      raw_ = raw_.last(stream_.avail_in);
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
        return broken(stream_.msg ? stream_.msg : "unknown zlib error");
      }
      member_ended_ = status == Z_STREAM_END;
      const std::size_t made = output_.size() - stream_.avail_out;
      if (made > 0) return ByteSpan(output_.data(), made);
    }
  }

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  bool started_ = false, gzip_ = false, member_ended_ = false;
  std::uint64_t bytes_read_ = 0;
  Sha256 hash_;
  z_stream stream_{};
  ByteSpan raw_;  // part of input_ not yet used
  std::array<std::uint8_t, kChunkBytes> input_, output_;
};

CsvReader::CsvReader(std::filesystem::path path, std::unique_ptr<Source> source)
    : path_(std::move(path)), source_(std::move(source)) {}
CsvReader::CsvReader(CsvReader&&) noexcept = default;
CsvReader& CsvReader::operator=(CsvReader&&) noexcept = default;
CsvReader::~CsvReader() = default;

Result<CsvReader> CsvReader::open(const std::filesystem::path& path) {
  std::error_code ignored;
  const bool folder = std::filesystem::is_directory(path, ignored);
  std::FILE* file = folder ? nullptr : std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    return Error(ErrorCode::io,
                 fmt::format("{}: cannot open: {}", path.string(), folder ? "it is a folder" : std::strerror(errno)),
                 path.string());
  }
  return CsvReader(path, std::make_unique<Source>(path, file));
}

std::uint64_t CsvReader::bytes_read() const noexcept { return source_->bytes_read(); }
std::string CsvReader::finish_sha256() { return source_->finish_sha256(); }

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
      const auto chunk = source_->next();
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
