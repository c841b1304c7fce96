#include "training/run_files.hpp"

#include <bit>
#include <cmath>

#include <gmock/gmock.h>

#include "base/files.hpp"

namespace ll::training {
namespace {

std::vector<TrainMetrics> rows() {
  std::vector<TrainMetrics> result(3);
  result[0] = {
      0, double(0.1F), double(0.07F), double(0.03F), double(1e-14F), double(0.5F), double(5.3F), double(0.27F), 0.125};
  const double none = std::nan("");
  result[1] = {1, double(1.0F / 3), 0, double(3e-38F), 0, none, none, none, 1.5};
  result[2] = {2, none, none, none, none, double(2e-6F), double(1.004F), double(6e-4F), 2.75};
  return result;
}

TEST(Metrics, ComeBackAsTheyWere) {
  const auto written = rows();
  const std::string csv = metrics_csv(written);
  const auto read = parse_metrics(csv, 3).value_or_throw();
  EXPECT_EQ(metrics_csv(read), csv);
  EXPECT_EQ(float(read[1].loss), 1.0F / 3);
  EXPECT_TRUE(std::isnan(read[1].heldout));
  EXPECT_EQ(parse_metrics(csv, 2).value_or_throw().size(), 2u);  // a checkpoint that is older than its metrics
  EXPECT_EQ(parse_metrics(csv.substr(0, csv.size() - 3), 2).value_or_throw().size(), 2u);
}

TEST(Metrics, OthersAreRefusedWithTheirLine) {
  const std::string csv = metrics_csv(rows());
  EXPECT_FALSE(parse_metrics(csv, 4).ok());
  EXPECT_FALSE(parse_metrics("", 0).ok());
  EXPECT_FALSE(parse_metrics(csv.substr(0, csv.size() - 3), 3).ok());
  std::string changed = csv;
  changed.replace(changed.find("0.125"), 5, "0.1z5");
  EXPECT_THAT(parse_metrics(changed, 3).error().message(), testing::HasSubstr("line 2"));
  changed = csv;
  changed.insert(changed.find("\n1,") + 3, "1,");  // a column too many
  EXPECT_THAT(parse_metrics(changed, 3).error().message(), testing::HasSubstr("line 3"));
}

/// CRC-32C bit by bit: reflected polynomial 0x82f63b78.
std::uint32_t crc32c(ByteSpan bytes) {
  std::uint32_t crc = ~0U;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0x82f63b78U & (0U - (crc & 1)));
  }
  return ~crc;
}

TEST(Events, EveryRecordHasItsLengthAndBothSums) {
  const std::string nine = "123456789";
  ASSERT_EQ(crc32c({reinterpret_cast<const std::uint8_t*>(nine.data()), nine.size()}), 0xe3069283U);
  const Bytes bytes = event_records(rows());
  const auto number = [&](std::size_t at, int size) {
    std::uint64_t value = 0;
    for (int i = 0; i < size; ++i) value |= std::uint64_t{bytes.at(at + std::size_t(i))} << (8 * i);
    return value;
  };
  const auto masked = [&](std::size_t at, std::size_t size) {
    return std::rotr(crc32c(ByteSpan(bytes).subspan(at, size)), 15) + 0xa282ead8U;
  };
  std::size_t records = 0, at = 0;
  for (; at < bytes.size(); ++records) {
    const std::size_t length = number(at, 8);
    EXPECT_EQ(number(at + 8, 4), masked(at, 8));
    EXPECT_EQ(number(at + 12 + length, 4), masked(at + 12, length));
    at += 16 + length;
  }
  EXPECT_EQ(at, bytes.size());
  EXPECT_EQ(records, 3u);
}

TEST(Events, GrowWithTheRowsAndAreWrittenAnewAtAStart) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "ll_events";
  std::filesystem::remove_all(folder);
  const auto all = rows();
  RunFiles files(folder, std::span(all).first(1));
  files.save(std::span(all).first(2));
  files.save(all);
  const Bytes whole = read_file(folder / kEventFile);
  RunFiles again(folder, all);
  EXPECT_EQ(read_file(folder / kEventFile), whole);
  EXPECT_EQ(read_text(folder / "metrics.csv"), metrics_csv(all));
  RunFiles shorter(folder, std::span(all).first(1));  // back to an older checkpoint
  EXPECT_LT(read_file(folder / kEventFile).size(), whole.size());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace ll::training
