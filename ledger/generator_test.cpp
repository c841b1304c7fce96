#include "ledger/generator.hpp"

#include <set>

#include <gtest/gtest.h>

namespace ll::ledger {
namespace {

class Generator : public ::testing::TestWithParam<Profile> {};
INSTANTIATE_TEST_SUITE_P(Profiles, Generator, ::testing::Values(Profile::uniform, Profile::ethereum),
                         [](const auto& run) { return std::string(to_string(run.param)); });

TEST(FundedLedgers, ArePaidForToTheLastUnit) {
  for (const std::size_t accounts : {2, 128}) {
    for (const std::size_t transfers : {1, 5000, 400000}) {  // the last must halve its amounts
      const Dataset data =
          generate({.profile = Profile::ethereum_funded, .seed = 3, .accounts = accounts, .transfers = transfers});
      EXPECT_EQ(data.check(), std::nullopt);
      EXPECT_EQ(data.unit_transfers().size(), transfers);
      std::vector<std::int64_t> balances, lowest;
      for (const DatasetAccount& account : data.accounts) balances.push_back(account.genesis_units);
      lowest = balances;
      for (const DatasetTransfer& t : data.transfers) {
        balances[t.sender] -= t.amount_units;
        balances[t.receiver] += t.amount_units;
        lowest[t.sender] = std::min(lowest[t.sender], balances[t.sender]);
      }
      for (std::size_t slot = 0; slot < accounts; ++slot) {
        EXPECT_TRUE(data.accounts[slot].genesis_units == 0 || lowest[slot] == 0);  // not one unit too many
      }
    }
  }
}

TEST_P(Generator, EveryTransferIsValidInItsTurn) {
  for (const std::size_t accounts : {2, 3, 128}) {
    for (std::uint64_t sequence = 0; sequence < 4; ++sequence) {
      const Dataset data =
          generate({.profile = GetParam(), .seed = 9, .sequence = sequence, .accounts = accounts, .transfers = 3000});
      EXPECT_EQ(data.check(), std::nullopt);
      EXPECT_EQ(data.unit_transfers().size(), 3000u);  // none is absorbed: the unit is 1
      EXPECT_EQ(data.summary().supply_units, kMaxUnits);
      EXPECT_EQ(data.accounts.size(), accounts);
    }
  }
}

TEST_P(Generator, ASequenceIsAPureFunctionOfSeedAndNumber) {
  const GeneratorConfig config = {.profile = GetParam(), .seed = 5, .sequence = 77};
  EXPECT_EQ(generate(config), generate(config));
  GeneratorConfig other = config;
  other.sequence = 78;
  EXPECT_NE(generate(config).accounts, generate(other).accounts);
  other = config;
  other.seed = 6;
  EXPECT_NE(generate(config).accounts, generate(other).accounts);
}

TEST_P(Generator, LongHistoriesKeepMoving) {  // money does not end up where nobody spends it
  const Dataset data = generate({.profile = GetParam(), .seed = 1, .transfers = 100000});
  EXPECT_EQ(data.check(), std::nullopt);
  std::uint64_t late = 0;
  std::set<std::uint32_t> senders;
  for (std::size_t i = 90000; i < 100000; ++i) {
    late += data.transfers[i].amount_units > 1 ? 1 : 0;
    senders.insert(data.transfers[i].sender);
  }
  EXPECT_GT(late, 9000u);
  EXPECT_GT(senders.size(), 100u);
}

TEST_P(Generator, ContinuesAHistory) {
  const Dataset data = generate({.profile = GetParam(), .seed = 2, .accounts = 64, .transfers = 500});
  const auto balances = data.units_before(500);
  const auto more = continue_transfers(balances, 5000, {.profile = GetParam(), .seed = 3});
  EXPECT_EQ(more.size(), 5000u);
  EXPECT_EQ(more, continue_transfers(balances, 5000, {.profile = GetParam(), .seed = 3}));
  State state = data.state_before(500);
  const auto ids = data.account_ids();
  for (const SlotTransfer& t : more) {
    ASSERT_EQ(state.apply({ids[t.sender], ids[t.receiver], t.amount}), std::nullopt);
  }
}

TEST_P(Generator, ContinuesWithASingleUnitInTheLedger) {
  const auto more = continue_transfers({0, 0, 1}, 100, {.profile = GetParam()});
  std::vector<std::uint32_t> balances = {0, 0, 1};
  for (const SlotTransfer& t : more) {
    ASSERT_EQ(t.amount, 1u);
    ASSERT_EQ(balances[t.sender], 1u);
    std::swap(balances[t.sender], balances[t.receiver]);
  }
  EXPECT_THROW(continue_transfers({0, 0}, 1, {.profile = GetParam()}), Error);
  EXPECT_THROW(continue_transfers({UINT32_MAX, 1}, 1, {.profile = GetParam()}), Error);
  EXPECT_THROW(continue_transfers({5}, 1, {.profile = GetParam()}), Error);
}

TEST_P(Generator, TheseExactHashes) {  // the same bytes on every machine
  const DatasetSummary s = generate({.profile = GetParam(), .seed = 1, .sequence = 2, .transfers = 1000}).summary();
  if (GetParam() == Profile::uniform) {
    EXPECT_EQ(s.final_state_hash, "faced816e3481807bd5b5c3c9b502ce1a1a1e8a16abf825ad50ff40e508d1bdd");
  } else {
    EXPECT_EQ(s.final_state_hash, "0ea7f9b029deb8d5408b61ab3c30b5320c7d8ead7bc04e056739d22c476e9c4b");
  }
}

TEST(GeneratorProfiles, UniformAmountsFillTheirRange) {
  const Dataset data = generate({.profile = Profile::uniform, .seed = 4, .accounts = 2, .transfers = 4000});
  std::uint32_t largest = 0;
  for (const DatasetTransfer& t : data.transfers) largest = std::max(largest, t.amount_units);
  EXPECT_LE(largest, 1'000'000'000u);
  EXPECT_GT(largest, 990'000'000u);
}

TEST(GeneratorProfiles, NamesAreReadBack) {
  EXPECT_EQ(parse_profile("uniform").value(), Profile::uniform);
  EXPECT_EQ(parse_profile("ethereum").value(), Profile::ethereum);
  EXPECT_EQ(parse_profile("ethereum-funded").value(), Profile::ethereum_funded);
  EXPECT_FALSE(parse_profile("bitcoin").ok());
}

}  // namespace
}  // namespace ll::ledger
