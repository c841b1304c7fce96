#pragma once
#include <filesystem>
#include <string_view>

#include "base/bytes.hpp"

namespace ll {

/// Whole file. Throws Error{io} with the path.
Bytes read_file(const std::filesystem::path& path);
std::string read_text(const std::filesystem::path& path);

/// Writes to a temporary name in the same folder, syncs, and renames: a reader sees the old file or the new one, never
/// half of either. Makes missing parent folders. Throws Error{io} with the path; nothing is left behind then.
void write_file(const std::filesystem::path& path, ByteSpan bytes);
void write_text(const std::filesystem::path& path, std::string_view text);

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
