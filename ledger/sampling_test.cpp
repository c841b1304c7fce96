#include "ledger/sampling.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace ll::ledger {
namespace {

TEST(Sampling, LogAndExpAgreeWithTheLibrary) {
  SeededRng rng(1);
  for (int i = 0; i < 20000; ++i) {
    const double x = reproducible_exp(1400 * uniform_open(rng) - 700);
    EXPECT_NEAR(reproducible_log(x), std::log(x), 4e-16 * std::max(1.0, std::abs(std::log(x))));
    const double y = 100 * uniform_open(rng) - 50;
    EXPECT_NEAR(reproducible_exp(y) / std::exp(y), 1.0, 1e-15);
  }
  EXPECT_EQ(reproducible_log(1.0), 0.0);
  EXPECT_EQ(reproducible_exp(0.0), 1.0);
  EXPECT_THROW(reproducible_log(0), Error);
  EXPECT_THROW(reproducible_exp(701), Error);
}

TEST(Sampling, TheseExactBits) {  // made by sampling_golden.py; a change here changes all synthetic data
  SeededRng rng(42, 7);
  const auto bits = [](double value) { return fmt::format("{:016x}", std::bit_cast<std::uint64_t>(value)); };
  EXPECT_EQ(bits(reproducible_log(3.0)), "3ff193ea7aad030b");  // ln 3 = 1.0986122886681098
  EXPECT_EQ(bits(reproducible_exp(1.0)), "4005bf0a8b14576a");  // e and one unit in the last place
  EXPECT_EQ(bits(normal(rng)), "3fe1d6ccd14fedcc");
  EXPECT_EQ(to_string(EthereumShape::amount_wei(rng)), "14759501831000000000");
  for (const std::uint64_t gap : {0, 2, 0, 2, 0, 6, 0, 9}) EXPECT_EQ(EthereumShape::block_gap(rng), gap);
}

TEST(Sampling, NormalHasItsMoments) {
  SeededRng rng(3);
  double sum = 0, squares = 0, fourth = 0;
  constexpr int kCount = 200000;
  for (int i = 0; i < kCount; ++i) {
    const double z = normal(rng);
    sum += z;
    squares += z * z;
    fourth += z * z * z * z;
  }
  EXPECT_NEAR(sum / kCount, 0, 0.01);
  EXPECT_NEAR(squares / kCount, 1, 0.02);
  EXPECT_NEAR(fourth / kCount, 3, 0.15);
}

TEST(Sampling, WeightedChoiceFollowsItsWeights) {
  const std::uint64_t weights[] = {1, 0, 3};
  const WeightedChoice choice(weights);
  SeededRng rng(5);
  std::map<std::size_t, int> counts;
  for (int i = 0; i < 40000; ++i) ++counts[choice.draw(rng)];
  EXPECT_EQ(counts.count(1), 0u);
  EXPECT_NEAR(counts[0], 10000, 400);
  EXPECT_THROW(WeightedChoice(std::vector<std::uint64_t>{0, 0}), Error);
  EXPECT_THROW(WeightedChoice(std::vector<std::uint64_t>{}), Error);
}

/// Burstiness (s - m) / (s + m) of gaps.
double burstiness(const std::vector<double>& gaps) {
  double mean = 0, square = 0;
  for (const double gap : gaps) mean += gap / static_cast<double>(gaps.size());
  for (const double gap : gaps) square += (gap - mean) * (gap - mean) / static_cast<double>(gaps.size());
  return (std::sqrt(square) - mean) / (std::sqrt(square) + mean);
}

TEST(EthereumShape, AmountsHaveTheFiguresOfN3) {  // data README, "N3 sub128 weight"
  SeededRng rng(11);
  std::vector<double> logs;
  int whole_gwei = 0, beyond_64_bits = 0;
  constexpr int kCount = 100000;
  for (int i = 0; i < kCount; ++i) {
    const u128 wei = EthereumShape::amount_wei(rng);
    logs.push_back(std::log(static_cast<double>(wei)));
    whole_gwei += wei % 1'000'000'000 == 0 ? 1 : 0;
    beyond_64_bits += wei >> 64 != 0 ? 1 : 0;
  }
  double mean = 0, square = 0;
  for (const double x : logs) mean += x / kCount;
  for (const double x : logs) square += (x - mean) * (x - mean) / kCount;
  EXPECT_NEAR(mean, 42.4831, 0.15);
  EXPECT_NEAR(std::sqrt(square), 2.3589, 0.15);
  EXPECT_NEAR(whole_gwei / double{kCount}, 0.6452, 0.02);
  EXPECT_NEAR(beyond_64_bits / double{kCount}, 0.1417, 0.04);
  std::ranges::sort(logs);
  EXPECT_NEAR(logs[kCount / 2], std::log(1.188e18), 0.25);
  EXPECT_NEAR(logs[kCount * 95 / 100], std::log(1.099e21), 0.35);
}

TEST(EthereumShape, PairsAreFewAndSendersConcentrated) {
  constexpr int kCount = 60000;

  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    SeededRng rng(seed);
    EthereumShape shape(128, rng);
    std::map<std::uint32_t, int> sent;
    std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
    int repeated = 0;
    std::uint32_t last = UINT32_MAX;
    for (int i = 0; i < kCount; ++i) {
      const auto [sender, receiver] = shape.next_pair(rng);
      ASSERT_NE(sender, receiver);
      ASSERT_LT(std::max(sender, receiver), 128u);
      ++sent[sender];
      seen.emplace(sender, receiver);
      repeated += sender == last ? 1 : 0;
      last = sender;
    }
    std::vector<int> counts;
    for (const auto& [_, count] : sent) counts.push_back(count);
    std::ranges::sort(counts, std::greater<>());
    int ten = 0;
    for (int i = 0; i < 10; ++i) ten += counts[i];
    EXPECT_NEAR(counts[0] / double{kCount}, 0.1942, 0.03);
    EXPECT_NEAR(ten / double{kCount}, 0.6018, 0.1);
    EXPECT_NEAR(repeated / double{kCount}, 0.1738, 0.02);
    EXPECT_GT(seen.size(), 350u);  // 581 in N3; the degree draw has a heavy tail
    EXPECT_LT(seen.size(), 900u);
  }
}

TEST(EthereumShape, GapsAreBursty) {
  SeededRng rng(13);
  std::vector<double> gaps;
  double sum = 0;
  for (int i = 0; i < 100000; ++i) {
    gaps.push_back(static_cast<double>(EthereumShape::block_gap(rng)));
    sum += gaps.back();
  }
  EXPECT_NEAR(sum / 100000, 12.1, 0.3);
  EXPECT_NEAR(burstiness(gaps), 0.336, 0.02);
}

TEST(EthereumShape, WorksForTwoAccounts) {
  SeededRng rng(1);
  EthereumShape shape(2, rng);
  for (int i = 0; i < 100; ++i) {
    const auto [sender, receiver] = shape.next_pair(rng);
    EXPECT_EQ(sender + receiver, 1u);
  }
  EXPECT_THROW(EthereumShape(1, rng), Error);
}

}  // namespace
}  // namespace ll::ledger
