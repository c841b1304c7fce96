#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/bytes.hpp"

namespace ll::ledger {

/// The bytes of a file from front to back, in bounded memory, through gzip (RFC 1952, any number of members; lengths
/// and CRCs are checked) or Zstandard (RFC 8878, any number of frames; checksums are checked where a frame has one)
/// where the file's first bytes say so.
class ByteSource {
 public:
  /// Error{io} when the file cannot be opened.
  static Result<ByteSource> open(const std::filesystem::path& path);
  ByteSource(ByteSource&&) noexcept;
  ByteSource& operator=(ByteSource&&) noexcept;
  ~ByteSource();

  /// The next bytes, valid until the next call; empty at the end. Error{io}, or Error{malformed} when a compressed
  /// stream is cut or broken.
  Result<ByteSpan> next();
  /// Bytes of the file read so far, as they lie on disk.
  std::uint64_t bytes_read() const noexcept;
  /// Hex SHA-256 of the file's bytes as they lie on disk. Once, after next() has returned nothing.
  std::string finish_sha256();

 private:
  class State;
  explicit ByteSource(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The whole text of a file through the same decompression. Error{malformed} when it is longer than `limit` bytes.
Result<std::string> read_decompressed(ByteSource& source, const std::filesystem::path& path, std::size_t limit);

}  // namespace ll::ledger
