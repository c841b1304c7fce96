#include "ledger/account_choice.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace ll::ledger {
namespace {

PlainTransfers graph(std::uint32_t accounts, const std::vector<std::pair<std::uint32_t, std::uint32_t>>& transfers) {
  PlainTransfers plain;
  plain.holders.resize(accounts);
  for (std::uint32_t i = 0; i < accounts; ++i) plain.holders[i].address.bytes[19] = static_cast<std::uint8_t>(i);
  for (const auto& [sender, receiver] : transfers) plain.transfers.push_back({1, 0, sender, receiver, 1});
  return plain;
}

std::vector<std::uint32_t> chosen(const PlainTransfers& plain, const AccountChoice& choice) {
  return choose_accounts(plain, choice).value_or_throw();
}

/// The definition, word by word: the twin of the fast one.
std::vector<std::uint32_t> slow_choice(const PlainTransfers& plain, std::size_t count, std::uint64_t cap) {
  const std::size_t n = plain.holders.size();
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
  EXPECT_EQ(chosen(plain, {.count = 5}), (std::vector<std::uint32_t>{0, 1, 3, 4, 5}));
  EXPECT_EQ(chosen(plain, {.count = 4}), (std::vector<std::uint32_t>{0, 1, 4, 5}));
  EXPECT_EQ(chosen(plain, {.count = 3}), (std::vector<std::uint32_t>{0, 1, 5}));
  EXPECT_EQ(chosen(plain, {.count = 2}), (std::vector<std::uint32_t>{0, 1}));
}

TEST(AccountChoice, TakesAllWhenThereAreFew) {
  EXPECT_EQ(chosen(graph(3, {{0, 1}, {1, 2}}), {.count = 128}), (std::vector<std::uint32_t>{0, 1, 2}));
}

TEST(AccountChoice, TheCapCountsADirectedPairAtMostThatOften) {
  // 0 -> 1 five times against a triangle 2, 3, 4: without a cap the pair wins, with cap 1 the triangle.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> transfers(5, {0, 1});
  transfers.insert(transfers.end(), {{2, 3}, {3, 4}, {4, 2}});
  EXPECT_EQ(chosen(graph(5, transfers), {.count = 2}), (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(chosen(graph(5, transfers), {.method = ChoiceMethod::capped, .count = 3, .pair_cap = 1}),
            (std::vector<std::uint32_t>{2, 3, 4}));
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
    EXPECT_EQ(chosen(plain, {.count = 10}), slow_choice(plain, 10, UINT64_MAX));
    EXPECT_EQ(chosen(plain, {.method = ChoiceMethod::capped, .count = 10, .pair_cap = 2}), slow_choice(plain, 10, 2));
  }
}

TEST(AccountChoice, ComponentGrowsFromTheBusiestByTheHeaviestTies) {
  // 0-1-2-3-4 a chain with weights 1, 5, 2, 1; 5-6 ten times, but alone.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> transfers = {{0, 1}, {2, 3}, {3, 2}, {3, 4}};
  transfers.insert(transfers.end(), 5, {1, 2});
  transfers.insert(transfers.end(), 10, {5, 6});
  const auto plain = graph(7, transfers);
  const auto component = [&](std::size_t count) {
    return chosen(plain, {.method = ChoiceMethod::component, .count = count});
  };
  EXPECT_EQ(component(128), (std::vector<std::uint32_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(component(2), (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(component(3), (std::vector<std::uint32_t>{1, 2, 3}));
  EXPECT_EQ(component(4), (std::vector<std::uint32_t>{0, 1, 2, 3}));  // 0 and 4 tie: the smaller address
}

TEST(AccountChoice, ListTakesEveryHoldingOfTheseAddresses) {
  auto plain = graph(4, {{0, 1}, {2, 3}});
  plain.holders[3] = {plain.holders[2].address, 1};  // address 2 holds two assets
  const auto list = [&](std::vector<std::size_t> positions, std::size_t count) {
    AccountChoice choice{.method = ChoiceMethod::list, .count = count};
    for (const std::size_t i : positions) choice.list.push_back(plain.holders[i].address);
    return choose_accounts(plain, choice);
  };
  EXPECT_EQ(list({2, 0, 2}, 4).value_or_throw(), (std::vector<std::uint32_t>{0, 2, 3}));
  EXPECT_FALSE(list({2, 0}, 2).ok());
  AccountChoice unknown{.method = ChoiceMethod::list};
  unknown.list = {Address{}};
  unknown.list[0].bytes[0] = 9;
  EXPECT_EQ(choose_accounts(plain, unknown).error().code(), ErrorCode::invalid_argument);
  EXPECT_FALSE(parse_choice_method("densest").ok());
}

}  // namespace
}  // namespace ll::ledger
