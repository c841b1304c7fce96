#include "ledger/csv_reader.hpp"

#include <gmock/gmock.h>
#include <zlib.h>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "ledger/testing.hpp"

namespace ll::ledger {
namespace {

using ::testing::HasSubstr;
using Rows = std::vector<std::vector<std::string>>;

std::string gzip(std::string_view text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

class Csv : public testing::FolderTest {
 protected:
  /// All rows, or the message of the first error.
  Rows rows(std::string_view text, const std::string& name = "a.csv") { return read(write(name, text)); }
  std::string message(std::string_view text, const std::string& name = "a.csv") {
    read(write(name, text));
    return message_;
  }

 private:
  Rows read(const std::filesystem::path& path) {
    message_.clear();
    Rows rows;
    auto reader = CsvReader::open(path);
    EXPECT_TRUE(reader.ok());
    while (true) {
      const auto more = reader.value().next();
      if (!more) message_ = more.error().message();
      if (!more || !more.value()) return rows;
      rows.emplace_back(reader.value().cells().begin(), reader.value().cells().end());
    }
  }
  std::string message_;
};

TEST_F(Csv, PlainCellsAndEveryLineEnd) {
  const Rows expected = {{"a", "b"}, {"", "2"}};
  EXPECT_EQ(rows("a,b\n,2\n"), expected);
  EXPECT_EQ(rows("a,b\r\n,2\r\n"), expected);
  EXPECT_EQ(rows("a,b\n,2"), expected);
  EXPECT_EQ(rows("\xef\xbb\xbf"
                 "a,b\n\n\r\n,2\n\n"),
            expected);
  EXPECT_EQ(rows(""), Rows());
  EXPECT_EQ(rows("a,\n"), (Rows{{"a", ""}}));
}

TEST_F(Csv, Quotes) {
  EXPECT_EQ(rows("\"a,b\",\"c\"\"d\",\"e\nf\"\n"), (Rows{{"a,b", "c\"d", "e\nf"}}));
  EXPECT_EQ(rows("\"\"\n"), (Rows{{""}}));  // an empty cell, not an empty line
  EXPECT_EQ(rows("5\" disk,x\n"), (Rows{{"5\" disk", "x"}}));
}

TEST_F(Csv, BrokenTextIsNamedByLine) {
  EXPECT_THAT(message("a\nb,\"c\nd"), HasSubstr("line 2: a quote is opened and never closed"));
  EXPECT_THAT(message("a\n\"b\"c\n"), HasSubstr("line 2: text behind a closing quote"));
  EXPECT_THAT(message("a\rb\n"), HasSubstr("line 1: a carriage return without a line feed"));
  EXPECT_THAT(message(std::string((1 << 24) + 70000, 'x')), HasSubstr("longer than 16 MiB"));
}

TEST_F(Csv, LinesAreCountedThroughQuotes) {
  auto reader = CsvReader::open(write("a.csv", "h\n\"x\ny\"\n\nz\n"));
  std::vector<std::uint64_t> lines;
  while (reader.value().next().value()) lines.push_back(reader.value().line());
  EXPECT_EQ(lines, (std::vector<std::uint64_t>{1, 2, 5}));
}

TEST_F(Csv, GzipWithSeveralMembersAndChunks) {
  std::string text;
  for (int i = 0; i < 30000; ++i) text += std::to_string(i) + ",x\n";  // more than one chunk on either side
  EXPECT_EQ(rows(gzip(text) + gzip("last,y\n"), "a.csv.gz").size(), 30001u);
  EXPECT_EQ(rows(gzip("a,b\n"), "misnamed.csv"), (Rows{{"a", "b"}}));
}

TEST_F(Csv, EveryCutAndEveryChangeOfTheTrailerIsRefused) {
  const std::string whole = gzip("a,b\n1,2\n3,4\n");
  for (std::size_t size = 2; size < whole.size(); ++size) {
    EXPECT_THAT(message(whole.substr(0, size), "a.csv.gz"), HasSubstr("gzip stream is broken")) << size;
  }
  for (std::size_t at = whole.size() - 8; at < whole.size(); ++at) {  // CRC-32 and length
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_THAT(message(changed, "a.csv.gz"), HasSubstr("incorrect")) << at;
  }
  EXPECT_THAT(message(whole + "garbage", "a.csv.gz"), HasSubstr("gzip stream is broken"));
  EXPECT_THAT(message("a,b\n", "a.csv.gz"), HasSubstr("first bytes are not those of gzip"));
}

TEST_F(Csv, Sha256IsThatOfTheFile) {
  const auto path = write("a.csv.gz", gzip("a\n"));
  auto reader = CsvReader::open(path);
  while (reader.value().next().value()) {
  }
  EXPECT_EQ(reader.value().finish_sha256(), sha256_file(path));
}

TEST_F(Csv, MissingFileAndFolderAreNamed) {
  EXPECT_THAT(CsvReader::open(folder_ / "absent.csv").error().message(), HasSubstr("absent.csv: cannot open"));
  EXPECT_THAT(CsvReader::open(folder_).error().message(), HasSubstr("it is a folder"));
}

}  // namespace
}  // namespace ll::ledger
