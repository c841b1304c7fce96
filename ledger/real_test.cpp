// Counts and sums on the real data of ../shared/data/ethereum, against its expected.json.
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/resources.hpp"
#include "ledger/account_choice.hpp"
#include "ledger/import.hpp"
#include "ledger/testing.hpp"

namespace ll::ledger {
namespace {

const std::filesystem::path kData = std::filesystem::path(LL_SOURCE_DIR) / ".." / "shared" / "data" / "ethereum";

class Real : public testing::FolderTest, public ::testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kData / "expected.json")) {
      GTEST_SKIP() << "REAL DATA IS NOT THERE: " << kData << " is needed for this test, nothing was checked";
    }
    expected_ = nlohmann::json::parse(std::ifstream(kData / "expected.json")).at(std::string(GetParam()));
  }
  nlohmann::json expected_;
};
INSTANTIATE_TEST_SUITE_P(Files, Real,
                         ::testing::Values("ethereumetl_transactions_3300000_3302204.csv.gz",
                                           "core256_from_to_value_1000000_3999999.csv.gz"),
                         [](const auto& run) { return run.index == 0 ? "N1" : "N3"; });

TEST_P(Real, PlainTransfersAreTheExpectedOnes) {
  const std::filesystem::path files[] = {kData / GetParam()};
  const auto plain = read_plain_transfers(files);
  ASSERT_TRUE(plain.ok()) << plain.error().message();
  const auto& transfers = plain.value().transfers;
  std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
  u128 sum = 0;
  for (const PlainTransfer& t : transfers) {
    pairs.emplace(t.sender, t.receiver);
    sum += t.amount;
  }
  EXPECT_EQ(plain.value().provenance.rows, expected_.at("rows"));
  EXPECT_EQ(transfers.size(), expected_.at("plain_native_transfers"));
  EXPECT_EQ(plain.value().addresses.size(), expected_.at("accounts"));
  EXPECT_EQ(pairs.size(), expected_.at("directed_pairs"));
  EXPECT_EQ(ll::to_string(sum), expected_.at("sum_value_wei"));

  for (const bool capped : {false, true}) {
    SCOPED_TRACE(capped ? "capped20" : "weight");
    const auto& want = expected_.at("subgraph128").at(capped ? "capped20" : "weight");
    const auto chosen = choose_accounts(plain.value(), 128, capped ? std::optional<std::uint64_t>(20) : std::nullopt);
    std::vector<std::string> addresses;
    for (const std::uint32_t position : chosen) addresses.push_back(to_string(plain.value().addresses[position]));
    EXPECT_EQ(nlohmann::json(addresses), want.at("accounts"));
  }
}

TEST_P(Real, ImportsSavesLoadsAndReplays) {
  const std::filesystem::path files[] = {kData / GetParam()};
  for (const bool capped : {false, true}) {
    SCOPED_TRACE(capped ? "capped20" : "weight");
    ImportOptions options;
    if (capped) options.pair_cap = 20;
    const auto data = import_files(files, options);
    ASSERT_TRUE(data.ok()) << data.error().message();
    const auto& want = expected_.at("subgraph128").at(capped ? "capped20" : "weight");
    const DatasetSummary s = data.value().summary();
    u128 sum = 0;
    for (const DatasetTransfer& t : data.value().transfers) sum += t.amount_wei;
    EXPECT_EQ(s.transfers, want.at("transfers"));
    EXPECT_EQ(s.pairs, want.at("directed_pairs"));
    EXPECT_EQ(ll::to_string(sum), want.at("sum_value_wei"));
    EXPECT_EQ(s.supply, s.unit * s.supply_units + s.dust_total);
    EXPECT_EQ(data.value().check(), std::nullopt);
    const auto folder = folder_ / (capped ? "capped" : "weight");
    data.value().save(folder);
    const auto loaded = Dataset::load(folder);
    ASSERT_TRUE(loaded.ok()) << loaded.error().message();
    EXPECT_EQ(loaded.value(), data.value());
  }
}

TEST_P(Real, StartBalancesAreThoseOfTheDataStudy) {  // stats.json: smallest sufficient balances of the 128 accounts
  const std::filesystem::path files[] = {kData / GetParam()};
  const auto data = import_files(files);
  ASSERT_TRUE(data.ok());
  std::uint64_t needing = 0;
  u128 largest = 0;
  for (const DatasetAccount& account : data.value().accounts) {
    needing += account.genesis_wei > 0 ? 1 : 0;
    largest = std::max(largest, account.genesis_wei);
  }
  const bool n1 = std::string(GetParam()).starts_with("ethereumetl");
  EXPECT_EQ(needing, n1 ? 38u : 62u);
  EXPECT_NEAR(static_cast<double>(largest), n1 ? 7.945e21 : 9.473e24, n1 ? 1e18 : 1e21);
  EXPECT_NEAR(static_cast<double>(data.value().summary().supply), n1 ? 2.074e22 : 2.195e25, n1 ? 1e19 : 1e22);
}

}  // namespace
}  // namespace ll::ledger
