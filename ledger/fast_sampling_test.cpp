#include "ledger/fast_sampling.hpp"

#include <bit>
#include <cmath>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace ll::ledger {
namespace {

TEST(AliasTable, FollowsItsWeights) {
  const double weights[] = {1, 0, 3, 0.5, 0.5};
  const AliasTable table(weights);
  WordStream words(5);
  std::vector<int> counts(5);
  constexpr int kCount = 200000;
  for (int i = 0; i < kCount; ++i) ++counts.at(table.draw(words));
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(counts[i], kCount * weights[i] / 5, 1000);
  EXPECT_EQ(counts[1], 0);
}

TEST(AliasTable, OneWeightIsAlwaysDrawn) {
  const AliasTable table(std::vector<double>{0.3});
  WordStream words(1);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(table.draw(words), 0u);
  EXPECT_THROW(AliasTable(std::vector<double>{}), Error);
  EXPECT_THROW(AliasTable(std::vector<double>{0, 0}), Error);
  EXPECT_THROW(AliasTable(std::vector<double>{1, -1}), Error);
}

TEST(Ziggurat, IsTheNormalDistribution) {
  const Ziggurat normal;
  WordStream words(3);
  constexpr int kCount = 2'000'000;
  double sum = 0, squares = 0, fourth = 0;
  std::vector<int> below(9);  // at -4, -3, ..., 4
  for (int i = 0; i < kCount; ++i) {
    const double z = normal.draw(words);
    sum += z;
    squares += z * z;
    fourth += z * z * z * z;
    for (int cut = -4; cut <= 4; ++cut) below[cut + 4] += z < cut ? 1 : 0;
  }
  EXPECT_NEAR(sum / kCount, 0, 0.003);
  EXPECT_NEAR(squares / kCount, 1, 0.005);
  EXPECT_NEAR(fourth / kCount, 3, 0.04);
  for (int cut = -4; cut <= 4; ++cut) {  // the tail beyond 3.65 too
    const double share = 0.5 * std::erfc(-cut / std::sqrt(2.0));
    EXPECT_NEAR(below[cut + 4], kCount * share, 5 * std::sqrt(kCount * share * (1 - share))) << cut;
  }
}

TEST(FastExp, AgreesWithTheLibrary) {
  const FastExp fast;
  for (double x = -40; x <= 40; x += 0.0137) EXPECT_NEAR(fast(x) / std::exp(x), 1, 1e-14) << x;
}

TEST(FastSampling, TheseExactBits) {  // a change here changes every sequence of every seed
  const auto bits = [](double value) { return fmt::format("{:016x}", std::bit_cast<std::uint64_t>(value)); };
  const Ziggurat normal;
  const FastExp fast;
  WordStream words(42, 7);
  EXPECT_EQ(bits(fast(1.0)), "4005bf0a8b145769");
  EXPECT_EQ(bits(normal.draw(words)), "bfdc0f7df8c3074d");
  double sum = 0;
  for (int i = 0; i < 100000; ++i) sum += normal.draw(words);  // wedges and tails among them
  EXPECT_EQ(bits(sum), "c0768bb7a981a0a2");
}

}  // namespace
}  // namespace ll::ledger
