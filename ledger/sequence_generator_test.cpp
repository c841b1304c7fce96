#include "ledger/sequence_generator.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "ledger/generator.hpp"

namespace ll::ledger {
namespace {

class Sequences : public ::testing::TestWithParam<Profile> {};
INSTANTIATE_TEST_SUITE_P(Profiles, Sequences, ::testing::Values(Profile::uniform, Profile::ethereum),
                         [](const auto& run) { return std::string(to_string(run.param)); });

TEST_P(Sequences, EveryTransferIsValidInItsTurn) {
  for (const std::size_t accounts : {2, 3, 128}) {
    SequenceGenerator generator(
        {.profile = GetParam(), .seed = 9, .accounts = accounts, .least_transfers = 1, .most_transfers = 500});
    const SequenceBatch batch = generator.batch(Split::train, 0, 200);
    const Replay result = replay(batch);
    EXPECT_EQ(result.invalid, 0u) << result.first.value_or("");
  }
}

TEST_P(Sequences, ASequenceIsAPureFunctionOfSeedSplitAndNumber) {
  const SequenceConfig config = {.profile = GetParam(), .seed = 5};
  SequenceGenerator forward(config), alone(config), other({.profile = GetParam(), .seed = 6});
  const SequenceBatch all = forward.batch(Split::train, 40, 20);
  SequenceBatch one = alone.batch(Split::train, 57, 1);  // on a fresh generator, and out of order
  SequenceBatch again = alone.batch(Split::train, 41, 1);
  const auto same = [](const SequenceView& a, const SequenceView& b) {
    return a.number == b.number && std::ranges::equal(a.account_ids, b.account_ids) &&
           std::ranges::equal(a.start_balances, b.start_balances) && std::ranges::equal(a.block, b.block) &&
           std::ranges::equal(a.tx_index, b.tx_index) && std::ranges::equal(a.sender, b.sender) &&
           std::ranges::equal(a.receiver, b.receiver) && std::ranges::equal(a.amount, b.amount);
  };
  EXPECT_TRUE(same(all.sequence(17), one.sequence(0)));
  EXPECT_TRUE(same(all.sequence(1), again.sequence(0)));
  EXPECT_NE(all.account_ids, other.batch(Split::train, 40, 20).account_ids);
  EXPECT_NE(all.account_ids, forward.batch(Split::validation, 40, 20).account_ids);
}

TEST_P(Sequences, LengthsAreUniform) {
  SequenceGenerator generator({.profile = GetParam(), .seed = 2, .accounts = 4});
  const SequenceBatch batch = generator.batch(Split::train, 0, 9100);
  std::map<std::size_t, int> counts;
  for (std::size_t i = 0; i < batch.size(); ++i) ++counts[batch.sequence(i).amount.size()];
  EXPECT_EQ(counts.begin()->first, 10u);
  EXPECT_EQ(counts.rbegin()->first, 100u);
  for (const auto& [length, count] : counts) EXPECT_NEAR(count, 100, 50) << length;
}

TEST_P(Sequences, TheseExactBytes) {  // on every machine
  const SequenceBatch b = SequenceGenerator({.profile = GetParam(), .seed = 1}).batch(Split::train, 2, 100);
  Sha256 hash;
  for (const auto* column : {&b.account_ids, &b.start_balances, &b.block, &b.tx_index, &b.amount}) {
    for (const std::uint32_t word : *column) {
      const std::uint8_t bytes[] = {std::uint8_t(word), std::uint8_t(word >> 8), std::uint8_t(word >> 16),
                                    std::uint8_t(word >> 24)};
      hash.update(bytes);
    }
  }
  hash.update(b.sender);
  hash.update(b.receiver);
  EXPECT_EQ(to_hex(hash.finish()), GetParam() == Profile::uniform
                                       ? "ec206499b3f6e6d53d335a1474f3a746809c329b77f8d7ed560c67b1679159e1"
                                       : "378c8b2742947f50341476b487ffcaf7070597bd530b0c484f13bdc51b9ebd06");
}

/// Largest distance between the distributions of two samples.
double two_sample_distance(std::vector<double> a, std::vector<double> b) {
  std::ranges::sort(a);
  std::ranges::sort(b);
  double largest = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const double x = std::min(a[i], b[j]);
    while (i < a.size() && a[i] <= x) ++i;
    while (j < b.size() && b[j] <= x) ++j;
    largest = std::max(largest, std::abs(double(i) / double(a.size()) - double(j) / double(b.size())));
  }
  return largest;
}

TEST(EthereumSequences, AreDistributedAsTheGeneratorOfLedgers) {
  constexpr std::size_t kLedgers = 400, kLength = 100;
  struct Figures {
    std::vector<double> amounts, gaps, pairs, senders, top, same;
  } fast, slow;
  const auto add = [](Figures& f, auto&& block, auto&& sender, auto&& receiver, auto&& amount) {
    std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
    std::map<std::uint32_t, int> sent;
    int same = 0, most = 0;
    for (std::size_t i = 0; i < kLength; ++i) {
      f.amounts.push_back(std::log(double(amount(i))));
      f.gaps.push_back(double(block(i) - (i == 0 ? 0 : block(i - 1))));
      pairs.emplace(sender(i), receiver(i));
      most = std::max(most, ++sent[sender(i)]);
      same += i > 0 && sender(i) == sender(i - 1) ? 1 : 0;
    }
    f.pairs.push_back(double(pairs.size()));
    f.senders.push_back(double(sent.size()));
    f.top.push_back(most);
    f.same.push_back(same);
  };
  SequenceGenerator generator({.seed = 4, .least_transfers = kLength, .most_transfers = kLength});
  const SequenceBatch batch = generator.batch(Split::train, 0, kLedgers);
  for (std::size_t k = 0; k < kLedgers; ++k) {
    const SequenceView s = batch.sequence(k);
    add(
        fast, [&](std::size_t i) { return s.block[i]; }, [&](std::size_t i) { return s.sender[i]; },
        [&](std::size_t i) { return s.receiver[i]; }, [&](std::size_t i) { return s.amount[i]; });
    const Dataset data = generate({.seed = 77, .sequence = k, .transfers = kLength});
    add(
        slow, [&](std::size_t i) { return data.transfers[i].block; },
        [&](std::size_t i) { return data.transfers[i].sender; },
        [&](std::size_t i) { return data.transfers[i].receiver; },
        [&](std::size_t i) { return data.transfers[i].amount_units; });
  }
  // Critical values at 0.001: 1.95 sqrt(2 / n).
  EXPECT_LT(two_sample_distance(fast.amounts, slow.amounts), 1.95 * std::sqrt(2.0 / (kLedgers * kLength)));
  EXPECT_LT(two_sample_distance(fast.gaps, slow.gaps), 1.95 * std::sqrt(2.0 / (kLedgers * kLength)));
  EXPECT_LT(two_sample_distance(fast.pairs, slow.pairs), 1.95 * std::sqrt(2.0 / kLedgers));
  EXPECT_LT(two_sample_distance(fast.senders, slow.senders), 1.95 * std::sqrt(2.0 / kLedgers));
  EXPECT_LT(two_sample_distance(fast.top, slow.top), 1.95 * std::sqrt(2.0 / kLedgers));
  EXPECT_LT(two_sample_distance(fast.same, slow.same), 1.95 * std::sqrt(2.0 / kLedgers));
}

}  // namespace
}  // namespace ll::ledger
