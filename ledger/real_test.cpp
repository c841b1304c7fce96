// Counts and sums on the real data of ../shared/data/ethereum, against its expected.json.
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/resources.hpp"
#include "ledger/account_choice.hpp"
#include "ledger/import.hpp"
#include "ledger/simulate.hpp"
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
                                           "etherscan_txlist_3300000_3379999.csv.gz",
                                           "core256_from_to_value_1000000_3999999.csv.gz"),
                         [](const auto& run) { return "N" + std::to_string(run.index + 1); });

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
  EXPECT_EQ(plain.value().holders.size(), expected_.at("accounts"));
  EXPECT_EQ(pairs.size(), expected_.at("directed_pairs"));
  EXPECT_EQ(ll::to_string(sum), expected_.at("sum_value_wei").get<std::string>());

  for (const bool capped : {false, true}) {
    SCOPED_TRACE(capped ? "capped20" : "weight");
    const auto& want = expected_.at("subgraph128").at(capped ? "capped20" : "weight");
    const auto chosen = choose_accounts(plain.value(), {.method = capped ? ChoiceMethod::capped : ChoiceMethod::dense})
                            .value_or_throw();
    std::vector<std::string> addresses;
    for (const std::uint32_t position : chosen) addresses.push_back(to_string(plain.value().holders[position].address));
    EXPECT_EQ(nlohmann::json(addresses), want.at("accounts"));
  }
}

TEST_P(Real, ImportsSavesLoadsAndReplays) {
  const std::filesystem::path files[] = {kData / GetParam()};
  for (const bool capped : {false, true}) {
    SCOPED_TRACE(capped ? "capped20" : "weight");
    ImportOptions options;
    if (capped) options.choice.method = ChoiceMethod::capped;
    const auto data = import_files(files, options);
    ASSERT_TRUE(data.ok()) << data.error().message();
    const auto& want = expected_.at("subgraph128").at(capped ? "capped20" : "weight");
    const DatasetSummary s = data.value().summary();
    u128 sum = 0;
    for (const DatasetTransfer& t : data.value().transfers) sum += t.amount_wei;
    EXPECT_EQ(s.transfers, want.at("transfers"));
    EXPECT_EQ(s.pairs, want.at("directed_pairs"));
    EXPECT_EQ(ll::to_string(sum), want.at("sum_value_wei").get<std::string>());
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
  const std::map<char, std::tuple<std::uint64_t, double, double>> study = {// four digits each
                                                                           {'e', {38, 7.945e21, 2.074e22}},
                                                                           {'s', {36, 8.506e23, 2.765e24}},
                                                                           {'c', {62, 9.473e24, 2.195e25}}};
  const std::string name = GetParam();
  const auto [accounts, most, supply] = study.at(name.starts_with("etherscan") ? 's' : name.front());
  EXPECT_EQ(needing, accounts);
  EXPECT_NEAR(static_cast<double>(largest), most, most / 5000);
  EXPECT_NEAR(static_cast<double>(data.value().summary().supply), supply, supply / 2000);
}

class RealTokens : public Real {};
INSTANTIATE_TEST_SUITE_P(Files, RealTokens,
                         ::testing::Values("etherscan_tokentx_stablecoins_upto_12499999.csv.gz",
                                           "ethereumetl_token_transfers_12600000_12600050.csv.gz"),
                         [](const auto& run) { return "T" + std::to_string(run.index + 1); });

TEST_P(RealTokens, EachTokenHasTheExpectedTransfers) {
  const std::filesystem::path files[] = {kData / GetParam()};
  const auto all = read_plain_transfers(files).value_or_throw();
  EXPECT_EQ(all.provenance.rows, expected_.at("rows"));
  const auto duplicates = all.provenance.dropped.find("duplicate_transfer");
  const std::uint64_t repeated = duplicates == all.provenance.dropped.end() ? 0 : duplicates->second;
  EXPECT_EQ(all.provenance.rows - repeated, expected_.at("unique_transfers"));
  EXPECT_EQ(all.transfers.size(), expected_.at("positive_non_self"));
  EXPECT_EQ(all.assets.size(), expected_.at("per_token").size());
  for (const auto& [symbol, want] : expected_.at("per_token").items()) {
    SCOPED_TRACE(symbol);
    ReadOptions options;
    options.assets = {symbol};
    const auto plain = read_plain_transfers(files, options).value_or_throw();
    std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
    for (const PlainTransfer& t : plain.transfers) pairs.emplace(t.sender, t.receiver);
    EXPECT_EQ(plain.transfers.size(), want.at("transfers"));
    EXPECT_EQ(plain.holders.size(), want.at("accounts"));
    EXPECT_EQ(pairs.size(), want.at("pairs"));
    EXPECT_EQ(plain.transfers.front().block, want.at("block_min"));
    EXPECT_EQ(plain.transfers.back().block, want.at("block_max"));
    const Dataset data = build_dataset(plain).value_or_throw();
    const DatasetSummary s = data.summary();
    EXPECT_EQ(s.transfers, want.at("sub128"));
    EXPECT_EQ(s.pairs, want.at("sub128_pairs"));
    std::vector<std::string> addresses;
    for (const DatasetAccount& account : data.accounts) addresses.push_back(to_string(account.address));
    std::ranges::sort(addresses);
    EXPECT_EQ(nlohmann::json(addresses), want.at("sub128_accounts"));
    EXPECT_EQ(data.assets.front().asset.decimals, symbol == "USDT" || symbol == "USDC" ? 6u : 18u);
  }
}

TEST_P(RealTokens, TogetherTheyAreOneLedgerOfSeveralAssets) {
  const std::filesystem::path files[] = {kData / GetParam()};
  const Dataset data = import_files(files).value_or_throw();
  EXPECT_EQ(data.check(), std::nullopt);
  EXPECT_FALSE(data.is_ether_only());
  EXPECT_EQ(data.accounts.size(), 128u);
  EXPECT_GE(data.assets.size(), 3u);
  data.save(folder_ / "ledger");
  EXPECT_EQ(Dataset::load(folder_ / "ledger").value_or_throw(), data);
  const Simulation run = simulate(data, 100, folder_ / "snapshots.csv");
  EXPECT_EQ(run.final_state_hash, data.summary().final_state_hash);
}

struct Sample {
  const char* file;
  const char* title;
  std::uint64_t rows, plain;
  FloatPolicy floats = FloatPolicy::refuse;
};
class RealFormats : public ::testing::TestWithParam<Sample> {};
INSTANTIATE_TEST_SUITE_P(
    Files, RealFormats,
    ::testing::Values(
        Sample{"ethereumetl_transactions_47218.csv.gz", "ethereum-etl transactions", 4, 4},
        Sample{"ethereumetl_transactions_17173049_17173050.csv.gz", "ethereum-etl transactions", 298, 83},
        Sample{"ethereumetl_token_transfers_1452581.csv.gz", "ethereum-etl token transfers", 2, 2},
        Sample{"bigquery_transactions_nullwords_16064756.csv.gz", "BigQuery transactions", 100, 16},
        Sample{"bigquery_token_transfers_hex_16064756.csv.gz", "BigQuery token transfers", 100, 89},
        Sample{"bigquery_transactions_floatvalue_1992xxxx.csv.gz", "BigQuery transactions", 300, 186,
               FloatPolicy::exact_only},
        Sample{"bigquery_6col_whales_2025-11-11_a.csv.gz", "BigQuery selection without input", 3000, 2992},
        Sample{"block_from_to_value_checksummed_ether.csv.gz", "block_number,from,to,value in ether", 240, 118},
        Sample{"etherscan_export_address_header16_cells17.csv.gz", "Etherscan website export", 320, 0},
        Sample{"etherscan_export_wallet_in_out.csv.gz", "Etherscan website export", 160, 17},
        Sample{"etherscan_export_address_2023header.csv.gz", "Etherscan website export", 150, 0},
        Sample{"etherscan_export_tokens_thousands_separator.csv.gz", "Etherscan website token export", 155, 154},
        Sample{"chartalist_stablecoin_14669683.csv.gz", "Chartalist token transfers", 99, 99},
        Sample{"etherscan_txlist_edge_rows.csv.gz", "Etherscan API txlist", 78, 11},
        Sample{"jsonrpc_block_46147.json.gz", "JSON-RPC blocks", 1, 1},
        Sample{"jsonrpc_block_2179522.json.gz", "JSON-RPC blocks", 222, 218},
        Sample{"jsonrpc_block_5891667.json.gz", "JSON-RPC blocks", 380, 380}),
    [](const auto& run) {
      std::string name = run.param.file;
      name.resize(name.find('.'));
      std::ranges::replace(name, '-', '_');
      return name;
    });

TEST_P(RealFormats, IsRecognisedAndCounted) {
  if (!std::filesystem::exists(kData / "formats")) {
    GTEST_SKIP() << "REAL DATA IS NOT THERE: " << kData << "/formats is needed for this test, nothing was checked";
  }
  const Sample& sample = GetParam();
  const std::filesystem::path files[] = {kData / "formats" / sample.file};
  const auto plain = read_plain_transfers(files, {.floats = sample.floats});
  ASSERT_TRUE(plain.ok()) << plain.error().message();
  const Provenance& p = plain.value().provenance;
  EXPECT_EQ(p.inputs.front().format, sample.title);
  EXPECT_EQ(p.rows, sample.rows);
  EXPECT_EQ(p.kept, sample.plain) << nlohmann::json(p.dropped).dump();
}

}  // namespace
}  // namespace ll::ledger
