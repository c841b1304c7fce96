#include "ledger/account_choice.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace ll::ledger {
namespace {

PlainTransfers graph(std::uint32_t accounts, const std::vector<std::pair<std::uint32_t, std::uint32_t>>& transfers) {
  PlainTransfers plain;
  plain.addresses.resize(accounts);
  for (std::uint32_t i = 0; i < accounts; ++i) plain.addresses[i].bytes[19] = static_cast<std::uint8_t>(i);
  for (const auto& [sender, receiver] : transfers) plain.transfers.push_back({1, 0, sender, receiver, 1});
  return plain;
}

/// The definition, word by word: the twin of the fast one.
std::vector<std::uint32_t> slow_choice(const PlainTransfers& plain, std::size_t count, std::uint64_t cap) {
  const std::size_t n = plain.addresses.size();
  std::vector<std::vector<std::uint64_t>> directed(n, std::vector<std::uint64_t>(n, 0));
  for (const PlainTransfer& t : plain.transfers) ++directed[t.sender][t.receiver];
  std::vector<std::uint32_t> left(n);
  for (std::uint32_t i = 0; i < n; ++i) left[i] = i;
  while (left.size() > count) {
    const auto weight = [&](std::uint32_t a) {
      std::uint64_t sum = 0;
      for (const std::uint32_t b : left) sum += std::min(directed[a][b], cap) + std::min(directed[b][a], cap);
      return sum;
    };
    left.erase(std::ranges::min_element(left, {}, weight));  // the first of equals: the smallest address
  }
  return left;
}

TEST(AccountChoice, RemovesTheLightestAndTheSmallestAddressAmongEquals) {
  // 0-1 twice, 2-3 once, 4-5 once: 2 goes first (weight 1, smallest), which leaves 3 with nothing.
  const auto plain = graph(6, {{0, 1}, {1, 0}, {2, 3}, {4, 5}});
  EXPECT_EQ(choose_accounts(plain, 5), (std::vector<std::uint32_t>{0, 1, 3, 4, 5}));
  EXPECT_EQ(choose_accounts(plain, 4), (std::vector<std::uint32_t>{0, 1, 4, 5}));
  EXPECT_EQ(choose_accounts(plain, 3), (std::vector<std::uint32_t>{0, 1, 5}));
  EXPECT_EQ(choose_accounts(plain, 2), (std::vector<std::uint32_t>{0, 1}));
}

TEST(AccountChoice, TakesAllWhenThereAreFew) {
  EXPECT_EQ(choose_accounts(graph(3, {{0, 1}, {1, 2}}), 128), (std::vector<std::uint32_t>{0, 1, 2}));
}

TEST(AccountChoice, TheCapCountsADirectedPairAtMostThatOften) {
  // 0 -> 1 five times against a triangle 2, 3, 4: without a cap the pair wins, with cap 1 the triangle.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> transfers(5, {0, 1});
  transfers.insert(transfers.end(), {{2, 3}, {3, 4}, {4, 2}});
  EXPECT_EQ(choose_accounts(graph(5, transfers), 2), (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(choose_accounts(graph(5, transfers), 3, 1), (std::vector<std::uint32_t>{2, 3, 4}));
}

TEST(AccountChoice, EqualsTheDefinitionOnRandomGraphs) {
  SeededRng rng(7);
  for (int round = 0; round < 30; ++round) {
    SCOPED_TRACE(round);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> transfers;
    for (int i = 0; i < 150; ++i) {
      const auto a = static_cast<std::uint32_t>(rng.below(1 + rng.below(30)));
      const auto b = static_cast<std::uint32_t>(rng.below(30));
      if (a != b) transfers.emplace_back(a, b);
    }
    const auto plain = graph(30, transfers);
    EXPECT_EQ(choose_accounts(plain, 10), slow_choice(plain, 10, UINT64_MAX));
    EXPECT_EQ(choose_accounts(plain, 10, 2), slow_choice(plain, 10, 2));
  }
}

}  // namespace
}  // namespace ll::ledger
