#include "base/files.hpp"

#include <gtest/gtest.h>

#include "base/resources.hpp"

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

TEST_F(Files, SecretsAreTheOwnersAloneAndAreWiped) {
  const fs::path path = folder_ / "secret.json", link = folder_ / "same";
  write_secret_text(path, std::string(10000, 'x'));
  EXPECT_EQ(fs::status(path).permissions() & fs::perms::all, fs::perms::owner_read | fs::perms::owner_write);
  fs::create_hard_link(path, link);  // the blocks that the name stood for
  wipe_file(path);
  EXPECT_FALSE(fs::exists(path));
  EXPECT_EQ(read_text(link), std::string(10000, '\0'));
  wipe_file(path);  // not there: nothing happens
  EXPECT_THROW(wipe_file(folder_), Error);
}

TEST(Resources, MemoryIsAvailableAndUsed) {
  EXPECT_GT(available_memory_bytes(), std::uint64_t{1} << 20);
  EXPECT_GT(current_rss_bytes(), std::uint64_t{1} << 20);
  EXPECT_GE(peak_rss_bytes(), current_rss_bytes() / 2);
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
