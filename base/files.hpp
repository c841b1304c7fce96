#pragma once
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"

namespace ll {

/// Whole file. Throws Error{io} with the path.
Bytes read_file(const std::filesystem::path& path);
std::string read_text(const std::filesystem::path& path);

/// A file's bytes without reading them into memory: pages come when touched and go when memory is short, so a file may
/// be larger than the machine. The bytes must not shrink while mapped: our own writers replace files by renaming.
class MappedFile {
 public:
  /// Throws Error{io} with the path.
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MappedFile();

  ByteSpan bytes() const noexcept { return bytes_; }

 private:
  ByteSpan bytes_;
};

/// Writes to a temporary name in the same folder, syncs, and renames: a reader sees the old file or the new one, never
/// half of either. Makes missing parent folders. Throws Error{io} with the path; nothing is left behind then.
void write_file(const std::filesystem::path& path, ByteSpan bytes);
void write_text(const std::filesystem::path& path, std::string_view text);

/// Like write_text, readable by the owner alone.
void write_secret_text(const std::filesystem::path& path, std::string_view text);
/// Overwrites a file with zeros, syncs, and removes it; nothing happens when it is not there. What a file system or a
/// disk keeps of earlier versions (copy on write, snapshots, wear levelling) is out of reach. Throws Error{io}.
void wipe_file(const std::filesystem::path& path);

/// A temporary name beside `path` that is renamed to it by commit(), or removed by the destructor: for writers that
/// need a path of their own (Parquet, ONNX).
class PendingFile {
 public:
  explicit PendingFile(std::filesystem::path target);
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;
  ~PendingFile();

  const std::filesystem::path& path() const noexcept { return temporary_; }
  /// Throws Error{io} when the rename fails.
  void commit();

 private:
  std::filesystem::path target_, temporary_;
  bool committed_ = false;
};

/// Writes a file piece by piece, in order. Throws Error{io} with the path.
class FileWriter {
 public:
  enum class Mode { create, append };
  /// `create` begins an empty file, readable by the owner only when `secret`; `append` goes on behind what is there.
  FileWriter(std::filesystem::path path, Mode mode, bool secret = false);
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;
  ~FileWriter();

  void write(ByteSpan bytes);
  /// Syncs to the disk and closes.
  void finish();

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

/// Advisory lock of one output folder (file `.lock` inside), held while alive. Throws Error{io} when another process
/// holds it.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock();

 private:
  int descriptor_ = -1;
};

}  // namespace ll
