#include "ledger/sequence_shards.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.hpp"
#include "base/parallel.hpp"
#include "ledger/sequence_generator.hpp"
#include "ledger/sequence_manifest.hpp"
#include "ledger/testing.hpp"

namespace ll::ledger {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const ShardPlan kPlan = {.config = {.seed = 6, .accounts = 8}, .train = 50, .validation = 25, .per_shard = 20};

std::map<std::string, Bytes> contents(const fs::path& folder) {
  std::map<std::string, Bytes> files;
  for (const auto& item : fs::directory_iterator(folder)) {
    if (item.path().filename() != ".lock") files[item.path().filename().string()] = read_file(item.path());
  }
  return files;
}

class SequenceShards : public testing::FolderTest {
 protected:
  ShardReport make(const std::string& name, ShardRange range = {}, bool resume = false) {
    return write_shards(kPlan, folder_ / name, range, resume);
  }
};

TEST_F(SequenceShards, AnyOrderAndAnyThreadsGiveTheSameBytes) {
  set_thread_count(1);
  const ShardReport report = make("a");
  set_thread_count(0);
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(report.made, 5u);
  EXPECT_EQ(report.sequences, 75u);
  EXPECT_EQ(report.invalid, 0u);
  EXPECT_EQ(report.replayed, report.transfers);
  make("b");
  EXPECT_EQ(contents(folder_ / "a"), contents(folder_ / "b"));
  for (const std::uint64_t shard : {4, 0, 2, 3, 1}) {
    EXPECT_FALSE(make("c", {shard, shard + 1}).complete);
    EXPECT_FALSE(SequenceSet::is_here(folder_ / "c"));
  }
  const ShardReport resumed = make("c", {}, true);
  EXPECT_EQ(resumed.kept, 5u);
  EXPECT_EQ(contents(folder_ / "a"), contents(folder_ / "c"));
  EXPECT_EQ(contents(folder_ / "a").size(), 6u);  // five shards and the manifest
}

TEST_F(SequenceShards, AreWhatTheGeneratorMakes) {
  make("a");
  const auto set = SequenceSet::open(folder_ / "a");
  ASSERT_TRUE(set.ok()) << set.error().message();
  EXPECT_EQ(set.value().plan(), kPlan);
  SequenceGenerator generator(kPlan.config);
  for (const Split split : {Split::train, Split::validation}) {
    const std::uint64_t count = split == Split::train ? 50 : 25;
    const SequenceBatch all = generator.batch(split, 0, count);
    EXPECT_EQ(set.value().transfers(split), all.transfers());
    SequenceReader reader(set.value(), split);
    for (std::uint64_t n = 0; n < count; ++n) {
      const auto s = reader.next();
      ASSERT_TRUE(s.has_value());
      EXPECT_EQ(s->number, n);
      EXPECT_TRUE(std::ranges::equal(s->account_ids, all.sequence(n).account_ids));
      EXPECT_TRUE(std::ranges::equal(s->amount, all.sequence(n).amount));
    }
    EXPECT_FALSE(reader.next().has_value());
  }
}

TEST_F(SequenceShards, ResumeMakesOnlyWhatIsMissingOrBroken) {
  make("a");
  const auto whole = contents(folder_ / "a");
  fs::remove(folder_ / "a" / "train-00001.parquet");
  Bytes broken = whole.at("validation-00000.parquet");
  broken[100] ^= 1;
  write_file(folder_ / "a" / "validation-00000.parquet", broken);
  write("a/train-00000.parquet.part-77", "half of a shard");
  const ShardReport report = make("a", {}, true);
  EXPECT_EQ(report.made, 2u);
  EXPECT_EQ(report.kept, 3u);
  EXPECT_EQ(contents(folder_ / "a"), whole);
}

TEST_F(SequenceShards, StoppedRunsKeepWhatIsFinished) {
  struct StopAfter final : Progress {
    void update(std::uint64_t done, std::string_view) override { done_ = done; }
    bool stop_requested() const override { return done_ >= 40; }
    std::uint64_t done_ = 0;
  } progress;
  set_thread_count(1);
  EXPECT_THROW(write_shards(kPlan, folder_ / "a", {}, false, &progress), Error);
  set_thread_count(0);
  EXPECT_FALSE(SequenceSet::is_here(folder_ / "a"));
  const ShardReport report = make("a", {}, true);
  EXPECT_EQ(report.kept, 2u);
  EXPECT_EQ(report.made, 3u);
  make("b");
  EXPECT_EQ(contents(folder_ / "a"), contents(folder_ / "b"));
}

TEST_F(SequenceShards, AFolderHoldsOnePlan) {
  make("a");
  ShardPlan other = kPlan;
  other.config.seed = 7;
  for (const bool resume : {false, true}) {
    try {
      write_shards(other, folder_ / "a", {}, resume);
      FAIL() << "another seed was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::mismatch);
      EXPECT_THAT(error.message(), HasSubstr("seed 7"));
    }
  }
  ShardPlan longer = kPlan;  // more sequences of the same plan: what is there stays
  longer.train = 70;
  const ShardReport report = write_shards(longer, folder_ / "a", {}, true);
  EXPECT_EQ(report.kept, 4u);  // the third training shard was short
  EXPECT_EQ(SequenceSet::open(folder_ / "a").value().plan(), longer);
}

TEST_F(SequenceShards, ChangedFilesAreNamed) {
  make("a");
  const auto whole = contents(folder_ / "a");
  const auto refused = [&](ErrorCode code, const std::string& what) {
    const auto set = SequenceSet::open(folder_ / "a");
    const Error error = set.ok() ? set.value().read(Split::train, 1).error() : set.error();
    EXPECT_EQ(error.code(), code) << error.message();
    EXPECT_THAT(error.message(), HasSubstr(what));
    for (const auto& [name, bytes] : whole) write_file(folder_ / "a" / name, bytes);
  };
  Bytes changed = whole.at("train-00001.parquet");
  changed[50] ^= 1;
  write_file(folder_ / "a" / "train-00001.parquet", changed);
  refused(ErrorCode::mismatch, "train-00001.parquet: SHA-256");
  fs::remove(folder_ / "a" / "train-00001.parquet");
  refused(ErrorCode::io, "train-00001.parquet");
  std::string text = read_text(folder_ / "a" / "manifest.json");
  text.replace(text.find("\"seed\": 6"), 9, "\"seed\": 7");
  write_text(folder_ / "a" / "manifest.json", text);
  refused(ErrorCode::malformed, "checksum");
  // The shard of another plan under a manifest that was made to fit: the file itself says what it is.
  Manifest manifest = parse_manifest(read_text(folder_ / "a" / "manifest.json"), "manifest");
  manifest.plan.config.seed = 7;
  write_text(folder_ / "a" / "manifest.json", manifest_text(manifest.plan, manifest.entries));
  refused(ErrorCode::mismatch, "seed 7");
  fs::remove(folder_ / "a" / "manifest.json");
  refused(ErrorCode::io, "manifest.json");
}

TEST(ShardPlans, CountTheirShards) {
  EXPECT_EQ(kPlan.shard_count(), 5u);
  const ShardPlan::Shard last = kPlan.shard(2), validation = kPlan.shard(3);
  EXPECT_EQ(last.file(), "train-00002.parquet");
  EXPECT_EQ(last.first, 40u);
  EXPECT_EQ(last.sequences, 10u);
  EXPECT_EQ(validation.file(), "validation-00000.parquet");
  EXPECT_EQ(validation.first, 0u);
  EXPECT_THROW(kPlan.shard(5), Error);
  EXPECT_THROW(check(ShardPlan{}), Error);
  EXPECT_THROW(check(ShardPlan{.config = {}, .train = 1, .per_shard = 0}), Error);
  EXPECT_THROW(check(ShardPlan{.config = {}, .train = 1, .per_shard = 1'000'000}), Error);  // above the memory
  EXPECT_THROW(check(ShardPlan{.config = {}, .train = (std::uint64_t{1} << 40) + 1}), Error);
}

}  // namespace
}  // namespace ll::ledger
