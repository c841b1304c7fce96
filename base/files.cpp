#include "base/files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ll {
namespace {

namespace fs = std::filesystem;

Error io_error(const fs::path& path, const char* action, int error_number) {
  return Error(ErrorCode::io, fmt::format("cannot {} {}: {}", action, path.string(), std::strerror(error_number)),
               path.string());
}

void make_parent(const fs::path& path) {
  const fs::path parent = path.parent_path();
  if (parent.empty()) return;
  std::error_code error;
  fs::create_directories(parent, error);
  if (error) throw io_error(parent, "make folder", error.value());
}

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags, mode_t mode = 0)
      : value_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  int get() const noexcept { return value_; }
  int close() noexcept {
    const int result = value_ >= 0 ? ::close(value_) : 0;
    value_ = -1;
    return result;
  }

 private:
  int value_;
};

}  // namespace

Bytes read_file(const fs::path& path) {
  Descriptor file(path, O_RDONLY);
  if (file.get() < 0) throw io_error(path, "open", errno);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) throw io_error(path, "read", errno);
  if (S_ISDIR(status.st_mode)) throw io_error(path, "read", EISDIR);
  Bytes bytes;
  if (status.st_size > 0) bytes.reserve(static_cast<std::size_t>(status.st_size) + 1);
  std::array<std::uint8_t, 1 << 16> block;
  while (true) {
    const ssize_t got = ::read(file.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw io_error(path, "read", errno);
    if (got == 0) return bytes;
    bytes.insert(bytes.end(), block.begin(), block.begin() + got);
  }
}

std::string read_text(const fs::path& path) {
  const Bytes bytes = read_file(path);
  return std::string(bytes.begin(), bytes.end());
}

PendingFile::PendingFile(fs::path target) : target_(std::move(target)) {
  make_parent(target_);
  temporary_ = target_;
  temporary_ += fmt::format(".part-{}", ::getpid());
}

PendingFile::~PendingFile() {
  std::error_code ignored;
  if (!committed_) fs::remove(temporary_, ignored);
}

void PendingFile::commit() {
  std::error_code error;
  fs::rename(temporary_, target_, error);
  if (error) throw io_error(target_, "write", error.value());
  committed_ = true;
}

MappedFile::MappedFile(const fs::path& path) {
  Descriptor file(path, O_RDONLY);
  if (file.get() < 0) throw io_error(path, "open", errno);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) throw io_error(path, "read", errno);
  if (S_ISDIR(status.st_mode)) throw io_error(path, "read", EISDIR);
  if (status.st_size == 0) return;
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
  if (data == MAP_FAILED) throw io_error(path, "map", errno);
  bytes_ = ByteSpan(static_cast<const std::uint8_t*>(data), size);
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
}

FileWriter::FileWriter(fs::path path, Mode mode, bool secret) : path_(std::move(path)) {
  make_parent(path_);
  const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (mode == Mode::create ? O_TRUNC : O_APPEND);
  descriptor_ = ::open(path_.c_str(), flags, secret ? 0600 : 0644);
  if (descriptor_ < 0) throw io_error(path_, "write", errno);
}

FileWriter::~FileWriter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void FileWriter::write(ByteSpan bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t put = ::write(descriptor_, bytes.data() + done, bytes.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw io_error(path_, "write", errno);
    done += static_cast<std::size_t>(put);
  }
}

void FileWriter::finish() {
  if (::fsync(descriptor_) != 0 && errno != EINVAL) throw io_error(path_, "write", errno);
  const int result = ::close(descriptor_);
  descriptor_ = -1;
  if (result != 0) throw io_error(path_, "write", errno);
}

void write_file(const fs::path& path, ByteSpan bytes) {
  PendingFile pending(path);
  FileWriter file(pending.path(), FileWriter::Mode::create);
  file.write(bytes);
  file.finish();
  pending.commit();
}

void write_text(const fs::path& path, std::string_view text) {
  write_file(path, ByteSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

void write_secret_text(const fs::path& path, std::string_view text) {
  PendingFile pending(path);
  FileWriter file(pending.path(), FileWriter::Mode::create, /*secret=*/true);
  file.write(ByteSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  file.finish();
  pending.commit();
  const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  // The name, too, is on the disk when this returns: what is written after it can rely on it after a power cut.
  const Descriptor folder(parent, O_RDONLY | O_DIRECTORY);
  if (folder.get() < 0 || (::fsync(folder.get()) != 0 && errno != EINVAL)) throw io_error(parent, "sync", errno);
}

void wipe_file(const fs::path& path) {
  Descriptor file(path, O_WRONLY);
  if (file.get() < 0 && errno == ENOENT) return;
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) throw io_error(path, "wipe", errno);
  const std::array<std::uint8_t, 1 << 12> zeros{};
  for (auto left = static_cast<std::size_t>(status.st_size); left > 0;) {
    const ssize_t put = ::write(file.get(), zeros.data(), std::min(left, zeros.size()));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw io_error(path, "wipe", errno);
    left -= static_cast<std::size_t>(put);
  }
  if (::fsync(file.get()) != 0) throw io_error(path, "wipe", errno);
  if (::unlink(path.c_str()) != 0) throw io_error(path, "remove", errno);
}

FolderLock::FolderLock(const fs::path& folder) {
  make_parent(folder / ".lock");
  const fs::path path = folder / ".lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) throw io_error(path, "open", errno);
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor_);
    throw Error(ErrorCode::io, fmt::format("{} is in use by another latentledger process", folder.string()),
                path.string(), "wait for it to end, or write to another folder");
  }
}

FolderLock::~FolderLock() { ::close(descriptor_); }

}  // namespace ll
