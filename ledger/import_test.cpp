#include "ledger/import.hpp"

#include <gmock/gmock.h>
#include <zlib.h>

#include "base/files.hpp"
#include "ledger/simulate.hpp"
#include "ledger/synthetic_csv.hpp"
#include "ledger/testing.hpp"

namespace ll::ledger {
namespace {

using ::testing::HasSubstr;

const std::filesystem::path kBundled =
    std::filesystem::path(LL_SOURCE_DIR) / "demo" / "data" / "synthetic_transactions.csv.gz";

std::string address(int number) { return fmt::format("0x{:040x}", number); }
std::string row(int from, int to, const std::string& wei, int block) {
  return fmt::format("{},{},{},{}\n", address(from), address(to), wei, block);
}

class Import : public testing::FolderTest {
 protected:
  Result<Dataset> import(const std::string& rows, const ImportOptions& options = {}) {
    const std::filesystem::path files[] = {write("t.csv", "from,to,value,block_number\n" + rows)};
    return import_files(files, options);
  }
};

TEST_F(Import, FewAccountsAreAllTakenAndStartBalancesAreSmallest) {
  const auto data = import(row(1, 2, "70", 1) + row(2, 3, "100", 2) + row(3, 1, "5", 3));
  ASSERT_TRUE(data.ok()) << data.error().message();
  EXPECT_EQ(data.value().accounts.size(), 3u);
  EXPECT_EQ(data.value().assets.front().unit, 1u);
  u128 supply = 0;
  for (const DatasetAccount& account : data.value().accounts) {
    const u128 expected = account.address == parse_address(address(1))   ? 70
                          : account.address == parse_address(address(2)) ? 30
                                                                         : 0;
    EXPECT_EQ(account.genesis_wei, expected) << to_string(account.address);
    supply += account.genesis_wei;
  }
  EXPECT_EQ(supply, 100u);
  EXPECT_EQ(data.value().check(), std::nullopt);
}

TEST_F(Import, TheUnitIsThePowerOfTenThatFitsOrTheOneAsked) {
  const std::string rows = row(1, 2, "1234567890123456789012", 1) + row(2, 1, "1", 2);
  const auto data = import(rows);
  EXPECT_EQ(data.value().assets.front().unit, parse_u128("1000000000000"));
  EXPECT_EQ(data.value().summary().supply_units, 1234567890u);
  EXPECT_EQ(data.value().summary().absorbed, 1u);
  EXPECT_EQ(import(rows, {.units = {{"", *parse_u128("500000000000000000")}}}).value().summary().supply_units, 2469u);
  const auto refused = import(rows, {.units = {{"", 1000}}});
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().hint(), HasSubstr("1000000000000 or more"));
  EXPECT_THROW((void)import(rows, {.units = {{"", 0}}}), Error);
}

TEST_F(Import, ChoosesTheNumberOfAccountsAsked) {
  std::string rows;
  for (int i = 1; i <= 5; ++i) rows += row(1, 2, "10", i) + row(2, 3, "10", i);
  rows += row(9, 8, "10", 9);
  EXPECT_EQ(import(rows, {.choice = {.count = 3}}).value().transfers.size(), 10u);
  EXPECT_EQ(import(rows).value().accounts.size(), 5u);
  EXPECT_THROW((void)import(rows, {.choice = {.count = 1}}), Error);
  EXPECT_THROW((void)import(rows, {.choice = {.count = 129}}), Error);
}

TEST_F(Import, WithoutAPlainTransferThereIsNoDataSet) {
  EXPECT_THAT(import(row(1, 1, "5", 1)).error().message(), HasSubstr("no plain transfer among 1 rows"));
  EXPECT_THAT(import("").error().message(), HasSubstr("no plain transfer among 0 rows"));
}

TEST_F(Import, StartBalancesOfAStateTakeThePlaceOfTheSmallest) {
  const std::string rows = row(1, 2, "70", 1) + row(2, 3, "100", 2);
  const auto with = [&](const std::string& json) {
    const auto known = read_start_balances(write("state.json", json));
    if (!known) return Result<Dataset>(known.error());
    return import(rows, {.start_balances = known.value()});
  };
  const std::string two = address(2);
  const auto data = with("{\"" + two + R"(":{"balance":"0x64","nonce":7},")" + address(9) + R"(":{"balance":"5"}})");
  ASSERT_TRUE(data.ok()) << data.error().message();
  EXPECT_EQ(data.value().summary().supply, 170u);  // 70 of account 1, 100 in place of 30
  EXPECT_EQ(data.value().check(), std::nullopt);
  EXPECT_THAT(with("{\"" + two + R"(":{"balance":"29"}})").error().message(),
              HasSubstr("starts with 29 wei, its transfers need 30"));
  EXPECT_THAT(with("{\"" + two + R"(":{"balance":"x"}})").error().message(),
              HasSubstr("expected wei, hex or decimal, found"));
  EXPECT_THAT(with("{\"" + two + R"(":{}})").error().message(), HasSubstr("expected a \"balance\""));
  EXPECT_THAT(with("{\"0x2\":{}}").error().message(), HasSubstr("expected an address"));
  EXPECT_THAT(with("[]").error().message(), HasSubstr("expected an object"));
  EXPECT_THAT(with("{").error().message(), HasSubstr("not valid JSON"));
}

TEST_F(Import, SimulationEndsWhereTheDataSetSaysItDoes) {
  std::string rows;
  for (int i = 0; i < 250; ++i) rows += row(1 + i % 5, 1 + (i + 1) % 5, std::to_string(1 + i % 17), i);
  const auto data = import(rows);
  const Simulation simulation = simulate(data.value(), 100, folder_ / "snapshots.csv");
  EXPECT_EQ(simulation.transfers, 250u);
  EXPECT_EQ(simulation.snapshots, 4u);  // 0, 100, 200, 250
  EXPECT_EQ(simulation.final_state_hash, data.value().summary().final_state_hash);
  const std::string csv = read_text(folder_ / "snapshots.csv");
  EXPECT_THAT(csv, HasSubstr("index,block,state_hash,balance_0,balance_1,balance_2,balance_3,balance_4\n0,,"));
  EXPECT_THAT(csv, HasSubstr("\n200,199," + to_hex(data.value().state_before(200).hash()) + ","));
  EXPECT_THROW(simulate(data.value(), 0, folder_ / "none.csv"), Error);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "none.csv"));
}

TEST(BundledData, IsWhatTheGeneratorMakes) {  // ledger/make_demo_data.cpp writes it
  gzFile file = gzopen(kBundled.c_str(), "rb");
  ASSERT_NE(file, nullptr) << kBundled;
  std::string text(1 << 21, '\0');
  const int size = gzread(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  ASSERT_GT(size, 0);
  text.resize(static_cast<std::size_t>(size));
  const std::string made = synthetic_transactions_csv();
  EXPECT_EQ(text.size(), made.size());
  EXPECT_TRUE(text == made);
  EXPECT_LE(std::filesystem::file_size(kBundled), 200'000u);
}

TEST(BundledData, ImportsThroughFilterAndChoice) {
  const std::filesystem::path files[] = {kBundled};
  const auto data = import_files(files);
  ASSERT_TRUE(data.ok()) << data.error().message();
  EXPECT_EQ(data.value().check(), std::nullopt);
  const DatasetSummary s = data.value().summary();
  EXPECT_EQ(s.provenance.kept, 2000u);
  for (const char* reason : {"has_input", "to_self", "zero_value", "duplicate_hash"}) {
    EXPECT_GT(s.provenance.dropped.count(reason), 0u) << reason;
  }
  EXPECT_EQ(s.accounts, 128u);
  EXPECT_GT(s.unit_transfers, 1000u);
  EXPECT_LT(s.transfers, 2000u);  // some end outside the 128
}

}  // namespace
}  // namespace ll::ledger
