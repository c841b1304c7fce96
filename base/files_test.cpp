#include "base/files.hpp"

#include <gtest/gtest.h>

namespace ll {
namespace {

namespace fs = std::filesystem;

class Files : public ::testing::Test {
 protected:
  fs::path folder_ = fs::temp_directory_path() / ("ll_files_" + std::to_string(::getpid()));
  void TearDown() override { fs::remove_all(folder_); }
};

TEST_F(Files, WritesAtomicallyAndReadsBack) {
  write_text(folder_ / "a" / "b.txt", "first");
  write_text(folder_ / "a" / "b.txt", "second");
  EXPECT_EQ(read_text(folder_ / "a" / "b.txt"), "second");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "a"), {}), 1);
}

TEST_F(Files, PendingFileLeavesNothingUnlessCommitted) {
  {
    PendingFile pending(folder_ / "x");
    write_text(pending.path(), "half");
  }
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(Files, MissingFileIsNamed) {
  try {
    read_file(folder_ / "absent");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::io);
    EXPECT_NE(error.message().find("absent"), std::string::npos);
  }
}

TEST_F(Files, OneLockPerFolder) {
  const FolderLock first(folder_);
  EXPECT_THROW(FolderLock second(folder_), Error);
}

TEST_F(Files, AMappedFileIsItsBytes) {
  const fs::path path = folder_ / "a";
  FileWriter writer(path, FileWriter::Mode::create, /*secret=*/true);
  writer.write(Bytes{1, 2});
  writer.finish();
  EXPECT_EQ(fs::status(path).permissions() & fs::perms::all, fs::perms::owner_read | fs::perms::owner_write);
  FileWriter more(path, FileWriter::Mode::append);
  more.write(Bytes{3});
  more.finish();
  const MappedFile mapped(path);
  EXPECT_EQ(Bytes(mapped.bytes().begin(), mapped.bytes().end()), (Bytes{1, 2, 3}));
  write_file(path, {});
  EXPECT_TRUE(MappedFile(path).bytes().empty());
  EXPECT_EQ(mapped.bytes().size(), 3u);  // the old file, renamed over
  EXPECT_THROW(MappedFile{folder_ / "b"}, Error);
}

}  // namespace
}  // namespace ll
