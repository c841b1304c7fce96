#include "ledger/figures.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "ledger/generator.hpp"

namespace ll::ledger {
namespace {

TEST(Burstiness, RegularIsMinusOneAndPoissonNearZero) {
  EXPECT_EQ(burstiness(std::vector<double>{5, 5, 5, 5}), -1);
  EXPECT_EQ(burstiness(std::vector<double>{0, 0}), std::nullopt);
  EXPECT_EQ(burstiness({}), std::nullopt);
  EXPECT_NEAR(burstiness(std::vector<double>{0, 2}).value(), 0, 1e-15);
  std::vector<double> bursts(1000, 0);
  bursts.back() = 1e6;
  EXPECT_GT(burstiness(bursts).value(), 0.9);
}

TEST(KsDistance, OfSmallSamples) {
  const std::vector<double> a = {1, 2, 3, 4}, b = {3, 4, 5, 6}, c = {10};
  EXPECT_EQ(ks_distance(a, a), 0);
  EXPECT_EQ(ks_distance(a, b), 0.5);
  EXPECT_EQ(ks_distance(b, a), 0.5);
  EXPECT_EQ(ks_distance(a, c), 1);
  EXPECT_THROW(ks_distance(a, {}), Error);
}

TEST(Figures, OfALedgerByHand) {
  Dataset data;
  data.accounts.resize(4);
  const auto add = [&](std::uint64_t block, std::uint32_t sender, std::uint32_t receiver, std::uint32_t amount) {
    data.transfers.push_back({block, 0, sender, receiver, amount, amount});
  };
  add(1, 0, 1, 1);
  add(2, 0, 1, 1);
  add(2, 0, 2, 1);
  add(5, 1, 0, 1);
  const auto [f, s] = figures_of(data, std::exp(2.0));
  EXPECT_EQ(f.transfers, 4u);
  EXPECT_EQ(f.accounts, 3u);
  EXPECT_EQ(f.senders, 2u);
  EXPECT_EQ(f.pairs, 3u);
  EXPECT_NEAR(f.mu, 2, 1e-12);
  EXPECT_EQ(f.top_senders, (std::array<double, 3>{0.75, 1, 1}));
  EXPECT_EQ(f.top_receivers, (std::array<double, 3>{0.5, 1, 1}));
  EXPECT_EQ(f.repeated, 0.25);
  EXPECT_NEAR(f.reciprocal, 2.0 / 3, 1e-15);
  EXPECT_NEAR(f.same_sender, 2.0 / 3, 1e-15);
  EXPECT_EQ(s.gaps, (std::vector<double>{0, 1, 3}));
  EXPECT_EQ(s.out_degree, (std::vector<std::uint64_t>{2, 1}));
  EXPECT_EQ(s.per_pair, (std::vector<std::uint64_t>{2, 1, 1}));
  EXPECT_FALSE(f.out_degree.has_value());
}

TEST(Figures, OfAFundedLedger) {  // near N3, "sub128 weight" (ledger/sampling.hpp)
  const Dataset data = generate({.profile = Profile::ethereum_funded, .seed = 3, .transfers = 30000});
  const auto [f, s] = figures_of(data, static_cast<double>(kEthereumWeiPerUnit));
  EXPECT_NEAR(f.mu, 42.48, 0.15);
  EXPECT_NEAR(f.sigma, 2.36, 0.15);
  EXPECT_NEAR(f.burstiness, 0.336, 0.03);
  EXPECT_NEAR(f.top_senders[0], 0.194, 0.03);
  EXPECT_NEAR(f.top_senders[2], 0.602, 0.1);
  EXPECT_NEAR(f.same_sender, 0.174, 0.02);
  EXPECT_GT(f.repeated, 0.97);
  ASSERT_TRUE(f.sent.has_value());
  EXPECT_NEAR(f.sent->alpha, 2.0, 0.4);
}

}  // namespace
}  // namespace ll::ledger
