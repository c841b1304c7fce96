#include "ledger/byte_source.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <zlib.h>
#include <zstd.h>

#include "base/hash.hpp"

namespace ll::ledger {
namespace {

constexpr std::size_t kChunkBytes = 1 << 16;

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
struct FreeZstd {
  void operator()(ZSTD_DStream* stream) const noexcept { ZSTD_freeDStream(stream); }
};

enum class Compression { none, gzip, zstd };

Compression compression_of(ByteSpan start) {
  const auto begins = [&](std::initializer_list<std::uint8_t> magic) {
    return start.size() >= magic.size() && std::equal(magic.begin(), magic.end(), start.begin());
  };
  if (begins({0x1f, 0x8b})) return Compression::gzip;
  if (begins({0x28, 0xb5, 0x2f, 0xfd})) return Compression::zstd;
  return Compression::none;
}

}  // namespace

class ByteSource::State {
 public:
  State(std::filesystem::path path, std::FILE* file) : path_(std::move(path)), file_(file) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (compression_ == Compression::gzip) inflateEnd(&gzip_);
  }

  std::uint64_t bytes_read() const noexcept { return bytes_read_; }
  std::string finish_sha256() { return to_hex(hash_.finish()); }

  Result<ByteSpan> next() {
    if (!started_) {
      started_ = true;
      if (auto error = fill()) return *error;
      if (auto error = start()) return *error;
      if (compression_ == Compression::none) return raw_;
    }
    if (compression_ == Compression::gzip) return decompressed([this] { return inflate_some(); });
    if (compression_ == Compression::zstd) return decompressed([this] { return zstd_some(); });
    if (auto error = fill()) return *error;
    return raw_;
  }

 private:
  std::optional<Error> start() {
    compression_ = compression_of(raw_);
    for (const auto& [extension, named, magic] : {std::tuple{".gz", Compression::gzip, "gzip (1f 8b)"},
                                                  std::tuple{".zst", Compression::zstd, "Zstandard (28 b5 2f fd)"}}) {
      if (path_.extension() == extension && compression_ != named) {
        return malformed("{}: named {}, but its first bytes are not those of {}", path_.string(), extension, magic);
      }
    }
    if (compression_ == Compression::gzip && inflateInit2(&gzip_, 15 + 16) != Z_OK) {
      compression_ = Compression::none;
      return Error(ErrorCode::memory, "zlib: no memory for a stream");
    }
    if (compression_ == Compression::zstd) {
      zstd_.reset(ZSTD_createDStream());
      if (zstd_ == nullptr) return Error(ErrorCode::memory, "zstd: no memory for a stream");
    }
    return std::nullopt;
  }

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
                 fmt::format("{}: {} stream is broken: {} (byte {} of the file)", path_.string(),
                             compression_ == Compression::gzip ? "gzip" : "Zstandard", what, offset),
                 path_.string(), "the file was cut or changed: fetch or export it again");
  }

  /// Runs `step`, which takes from raw_ and fills output_, until it has made something.
  template <class Step>
  Result<ByteSpan> decompressed(const Step& step) {
    while (true) {
      if (raw_.empty() && !output_full_) {
        if (auto error = fill()) return *error;
        if (raw_.empty()) {
          if (member_ended_) return ByteSpan();
          return broken("it ends early");
        }
      }
      const Result<std::size_t> made = step();
      if (!made) return made.error();
      if (made.value() > 0) return ByteSpan(output_.data(), made.value());
    }
  }

  Result<std::size_t> inflate_some() {
    if (member_ended_) {  // RFC 1952: members follow each other
      if (inflateReset(&gzip_) != Z_OK) return broken("zlib cannot start the next member");
      member_ended_ = false;
    }
    gzip_.next_in = const_cast<Bytef*>(raw_.data());
    gzip_.avail_in = static_cast<uInt>(raw_.size());
    gzip_.next_out = output_.data();
    gzip_.avail_out = static_cast<uInt>(output_.size());
    const int status = inflate(&gzip_, Z_NO_FLUSH);
    raw_ = raw_.last(gzip_.avail_in);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
      return broken(gzip_.msg ? gzip_.msg : "unknown zlib error");
    }
    member_ended_ = status == Z_STREAM_END;
    return output_.size() - gzip_.avail_out;
  }

  Result<std::size_t> zstd_some() {
    ZSTD_inBuffer in = {raw_.data(), raw_.size(), 0};
    ZSTD_outBuffer out = {output_.data(), output_.size(), 0};
    const std::size_t left = ZSTD_decompressStream(zstd_.get(), &out, &in);
    if (ZSTD_isError(left)) return broken(ZSTD_getErrorName(left));
    raw_ = raw_.subspan(in.pos);
    member_ended_ = left == 0;                       // RFC 8878: frames follow each other
    output_full_ = out.pos == out.size && left > 0;  // the stream may hold more without further input
    return out.pos;
  }

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  bool started_ = false, member_ended_ = false, output_full_ = false;
  Compression compression_ = Compression::none;
  std::uint64_t bytes_read_ = 0;
  Sha256 hash_;
  z_stream gzip_{};
  std::unique_ptr<ZSTD_DStream, FreeZstd> zstd_;
  ByteSpan raw_;  // part of input_ not yet used
  std::array<std::uint8_t, kChunkBytes> input_{}, output_{};
};

ByteSource::ByteSource(std::unique_ptr<State> state) : state_(std::move(state)) {}
ByteSource::ByteSource(ByteSource&&) noexcept = default;
ByteSource& ByteSource::operator=(ByteSource&&) noexcept = default;
ByteSource::~ByteSource() = default;

Result<ByteSource> ByteSource::open(const std::filesystem::path& path) {
  std::error_code ignored;
  const bool folder = std::filesystem::is_directory(path, ignored);
  std::FILE* file = folder ? nullptr : std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    return Error(ErrorCode::io,
                 fmt::format("{}: cannot open: {}", path.string(), folder ? "it is a folder" : std::strerror(errno)),
                 path.string());
  }
  return ByteSource(std::make_unique<State>(path, file));
}

Result<ByteSpan> ByteSource::next() { return state_->next(); }
std::uint64_t ByteSource::bytes_read() const noexcept { return state_->bytes_read(); }
std::string ByteSource::finish_sha256() { return state_->finish_sha256(); }

Result<std::string> read_decompressed(ByteSource& source, const std::filesystem::path& path, std::size_t limit) {
  std::string text;
  while (true) {
    const auto chunk = source.next();
    if (!chunk) return chunk.error();
    if (chunk.value().empty()) return text;
    if (chunk.value().size() > limit - text.size()) {
      return malformed("{}: longer than {} bytes when decompressed", path.string(), limit);
    }
    text.append(reinterpret_cast<const char*>(chunk.value().data()), chunk.value().size());
  }
}

}  // namespace ll::ledger
