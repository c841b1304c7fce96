#include "ledger/quantise.hpp"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "ledger/dataset.hpp"
#include "ledger/state.hpp"

namespace ll::ledger {
namespace {

constexpr u128 kEther = 1'000'000'000'000'000'000;

TEST(StartBalances, AreTheSmallestThatKeepEveryoneAtZeroOrMore) {
  const std::vector<WeiTransfer> transfers = {{0, 1, 5}, {1, 2, 7}, {2, 0, 3}, {0, 2, 9}};
  EXPECT_EQ(smallest_start_balances(transfers, 4), (std::vector<u128>{11, 2, 0, 0}));
  EXPECT_THROW(smallest_start_balances(transfers, 2), Error);
}

TEST(StartBalances, RefusesASumBeyond10To38) {
  const std::vector<WeiTransfer> most = {{0, 1, kMaxWei}};
  EXPECT_EQ(smallest_start_balances(most, 2)[0], kMaxWei);
  EXPECT_THROW(smallest_start_balances(std::vector<WeiTransfer>{{0, 1, kMaxWei}, {1, 0, 1}}, 2), Error);
}

TEST(Unit, SmallestPowerOfTenThatFits) {
  EXPECT_EQ(smallest_unit(0), 1u);
  EXPECT_EQ(smallest_unit(kMaxUnits), 1u);
  EXPECT_EQ(smallest_unit(u128{kMaxUnits} + 1), 10u);
  EXPECT_EQ(smallest_unit(u128{kMaxUnits} * 10 + 9), 10u);
  EXPECT_EQ(smallest_unit(u128{kMaxUnits} * 10 + 10), 100u);
  EXPECT_EQ(smallest_unit(kMaxWei) % 10, 0u);
  EXPECT_LE(kMaxWei / smallest_unit(kMaxWei), kMaxUnits);
}

TEST(Quantise, DustIsCarriedUntilItMakesAUnit) {
  // Unit 10. Slot 0 has 25 wei = 2 units + 5 dust and sends 4 wei three times: 25 -> 21 -> 17 -> 13.
  const std::vector<WeiTransfer> transfers = {{0, 1, 4}, {0, 1, 4}, {0, 1, 4}};
  const Quantised q = quantise(std::vector<u128>{25, 0}, transfers, 10);
  EXPECT_EQ(q.genesis_units, (std::vector<std::uint32_t>{2, 0}));
  EXPECT_EQ(q.amount_units, (std::vector<std::uint32_t>{0, 1, 0}));  // floor: 2, 1, 1
  EXPECT_EQ(q.dust_total, 5u);
}

TEST(Quantise, ASenderWithMoreDustThanTheAmountSendsNothing) {
  // Slot 1 receives 9 wei twice as dust (slot 0 stays at floor 4): 18 wei, 0 units; then sends 3: 15 wei is 1 unit > 0.
  const std::vector<WeiTransfer> transfers = {{0, 1, 9}, {2, 1, 9}, {1, 0, 3}};
  const Quantised q = quantise(std::vector<u128>{49, 0, 19}, transfers, 10);
  EXPECT_EQ(q.amount_units, (std::vector<std::uint32_t>{0, 0, 0}));
  EXPECT_EQ(q.largest_dust, 18u);
}

TEST(Quantise, RefusesWhatItCannotHold) {
  const std::vector<u128> two = {10, 0};
  EXPECT_THROW(quantise(two, {}, 0), Error);
  EXPECT_THROW(quantise(std::vector<u128>{u128{kMaxUnits} + 1, 0}, {}, 1), Error);
  EXPECT_NO_THROW(quantise(std::vector<u128>{u128{kMaxUnits}, 0}, {}, 1));
  EXPECT_THROW(quantise(two, std::vector<WeiTransfer>{{0, 2, 1}}, 1), Error);
  for (const WeiTransfer& invalid : {WeiTransfer{0, 1, 11}, WeiTransfer{0, 1, 0}, WeiTransfer{0, 0, 1}}) {
    try {
      quantise(two, std::vector<WeiTransfer>{invalid}, 1);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::unsatisfied);
    }
  }
}

TEST(Quantise, ConservesUnitsAndDustAndNeverOverdraws) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    SeededRng rng(seed);
    const std::size_t accounts = 2 + rng.below(12);
    std::vector<WeiTransfer> transfers;
    for (int i = 0; i < 400; ++i) {
      const auto sender = static_cast<std::uint32_t>(rng.below(accounts));
      auto receiver = static_cast<std::uint32_t>(rng.below(accounts - 1));
      if (receiver >= sender) ++receiver;
      // From far below a unit to far above: 1 wei to 2^84
      const u128 amount = 1 + ((u128{rng.next_u64()} << 20) >> rng.below(84));
      transfers.push_back({sender, receiver, amount});
    }
    std::vector<u128> wei = smallest_start_balances(transfers, accounts);
    const u128 supply = std::accumulate(wei.begin(), wei.end(), u128{0});
    const u128 smallest = smallest_unit(supply);
    const u128 unit = seed % 3 == 0 ? smallest * (1 + rng.below(100000)) : smallest;
    const Quantised q = quantise(wei, transfers, unit);

    std::vector<AccountBalance> entries;
    for (std::uint32_t slot = 0; slot < accounts; ++slot) {
      EXPECT_EQ(q.genesis_units[slot], wei[slot] / unit);
      entries.push_back({slot, q.genesis_units[slot]});
    }
    State state = State::from_balances(entries);
    const u128 total = *state.supply();
    EXPECT_LE(total, kMaxUnits);
    EXPECT_EQ(q.dust_total, supply - unit * total);
    for (std::size_t i = 0; i < transfers.size(); ++i) {
      const WeiTransfer& t = transfers[i];
      ASSERT_LE(t.amount, wei[t.sender]);
      wei[t.sender] -= t.amount;
      wei[t.receiver] += t.amount;
      if (q.amount_units[i] > 0) {
        ASSERT_EQ(state.apply({t.sender, t.receiver, q.amount_units[i]}), std::nullopt) << i;
        ASSERT_EQ(state.balance_at(t.sender), wei[t.sender] / unit) << i;
      } else {
        ASSERT_LE(state.balance_at(t.sender), wei[t.sender] / unit) << i;
      }
      i128 dust = 0;
      for (std::size_t slot = 0; slot < accounts; ++slot) {
        dust += static_cast<i128>(wei[slot]) - static_cast<i128>(unit * state.balance_at(slot));
      }
      ASSERT_EQ(dust, static_cast<i128>(q.dust_total)) << i;
      ASSERT_EQ(*state.supply(), total) << i;
    }
  }
}

TEST(Quantise, WithAUnitOfOneWeiNothingIsLost) {
  const std::vector<WeiTransfer> transfers = {{0, 1, 7}, {1, 0, 3}, {0, 1, 1}};
  const Quantised q = quantise(smallest_start_balances(transfers, 2), transfers, 1);
  EXPECT_EQ(q.amount_units, (std::vector<std::uint32_t>{7, 3, 1}));
  EXPECT_EQ(q.dust_total, 0u);
  EXPECT_EQ(q.largest_dust, 0u);
}

TEST(Quantise, LargestSupplyFits) {
  const std::vector<WeiTransfer> transfers = {{0, 1, kMaxWei}, {1, 0, kEther}};
  const Quantised q = quantise(std::vector<u128>{kMaxWei, 0}, transfers, smallest_unit(kMaxWei));
  EXPECT_EQ(q.amount_units[0], q.genesis_units[0]);
}

}  // namespace
}  // namespace ll::ledger
