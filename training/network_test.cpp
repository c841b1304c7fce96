#include "training/torch_engine.hpp"

#include <gmock/gmock.h>

#include "training/account_sets.hpp"

namespace ll::training {
namespace {

constexpr std::uint64_t kSeed = 17;

double gap(const torch::Tensor& a, const torch::Tensor& b) { return (a - b).abs().max().item<double>(); }

TEST(Network, OneLayerIsOneNewtonSchulzStep) {
  torch::NoGradGuard no_grad;
  SeededRng rng(kSeed);
  const NetworkConfig config{.rotary_heads = 0, .start_a = 1.5, .start_g = 0.5};
  Layer layer(config, &rng);  // starts with orthogonal P and W, and a feed-forward that adds zero
  layer.to(torch::kFloat64);
  const auto x = gaussian_tensor({2, 128, 256}, rng) / 20;
  const auto step = 1.5 * x - 0.5 * torch::matmul(torch::matmul(x, x.transpose(1, 2)), x);
  EXPECT_LT(gap(layer.forward(x), step), 1e-5);
}

TEST(Network, HeadsAddTheirScoresWithTheirGains) {
  torch::NoGradGuard no_grad;
  SeededRng rng(kSeed);
  const NetworkConfig config{.heads = 4, .hidden = 32, .dims = 32};
  Layer layer(config, &rng);
  layer.to(torch::kFloat64);
  layer.a.copy_(torch::tensor({1.25}));
  layer.g.copy_(torch::tensor({0.1, -0.2, 0.3, 0.4}));
  const auto x = gaussian_tensor({1, 9, 32}, rng);

  auto expected = 1.25 * x[0];
  for (int h = 0; h < 4; ++h) {
    auto q = torch::matmul(x[0], layer.p.narrow(0, 8 * h, 8).t());
    if (h == 0) {  // the rotary head: pairs (j, j + 4) turned by slot·10000^(-j/4)
      const auto plain = q.clone();
      for (int slot = 0; slot < 9; ++slot) {
        for (int j = 0; j < 4; ++j) {
          const double angle = slot * std::pow(10000.0, -j / 4.0);
          const double first = plain[slot][j].item<double>(), second = plain[slot][j + 4].item<double>();
          q[slot][j] = first * std::cos(angle) - second * std::sin(angle);
          q[slot][j + 4] = first * std::sin(angle) + second * std::cos(angle);
        }
      }
    }
    const auto values = torch::matmul(torch::matmul(x[0], layer.w.t()), layer.w);
    expected = expected - layer.g[h] * torch::matmul(torch::matmul(q, q.t()), values);
  }
  EXPECT_LT(gap(layer.attention(x)[0], expected), 1e-9);
}

TEST(Network, StartsAtTheLevelOfRandomFeatures) {
  const Encoder encoder = Encoder::untrained({}, kSeed);
  for (const AccountSet& set : heldout_sets(128, 32)) {
    const DirectionQuality q = measure_directions(set.name, encoder.directions(set.ids), 128, 512);
    EXPECT_GT(q.loss, 0.4) << set.name;  // 127/256 for random directions in 256 dimensions
    EXPECT_LT(q.loss, 0.6) << set.name;
  }
}

TEST(Network, ParameterCount) {
  // per layer P, W, feed-forward with biases, a and 8 g; then frequencies, phases, input, output, the decoder's scale
  const std::size_t layer = 2 * 256 * 256 + 2 * 256 * 64 + 64 + 256 + 9;
  const Encoder encoder = Encoder::untrained({}, 1);
  EXPECT_EQ(encoder.parameter_count(), 6 * layer + 256 * 32 + 256 + 256 * 256 + 512 * 256 + 1);
  EXPECT_EQ(encoder.parameter_count(), 1'190'071u);
}

TEST(Network, WithoutRotaryHeadSlotOrderOnlyPermutesTheRows) {
  const Encoder encoder = Encoder::untrained({.rotary_heads = 0, .start_a = 1.5, .start_g = 0.5}, kSeed);
  const std::vector<std::uint32_t> ids = {5, 900, 4294967295}, turned = {4294967295, 5, 900};
  const auto v = encoder.directions(ids), w = encoder.directions(turned);
  for (std::size_t k = 0; k < 512; ++k) EXPECT_NEAR(v[2 * 512 + k], w[k], 1e-12);
}

TEST(Encoder, EmbedsStatesAndTransfersByItsDirections) {
  for (const Architecture architecture : {Architecture::orthogonalising, Architecture::softmax}) {
    const Encoder encoder = Encoder::untrained(
        {.layers = 2, .heads = 2, .hidden = 16, .feed_forward = 4, .dims = 20, .architecture = architecture}, kSeed);
    const std::vector<std::uint32_t> ids = {3, 1, 4};
    const auto v = encoder.directions(ids);
    const std::vector<double> balances = {0.5, 0.25, 0, 0, 1, 0.125};  // two states
    const auto e = encoder.embed_states(ids, balances);
    const auto delta = encoder.deltas(ids, std::vector<SlotTransfer>{{0, 2, 1U << 30}});
    ASSERT_EQ(e.size(), 40u);
    ASSERT_EQ(delta.size(), 20u);
    for (std::size_t k = 0; k < 20; ++k) {
      EXPECT_NEAR(e[k], 0.5 * v[k] + 0.25 * v[20 + k], 1e-5);
      EXPECT_NEAR(e[20 + k], v[20 + k] + 0.125 * v[40 + k], 1e-5);
      EXPECT_NEAR(delta[k], 0.25 * (v[40 + k] - v[k]), 1e-5);
    }
    EXPECT_THROW(encoder.embed_states(ids, std::vector<double>(4)), Error);
    EXPECT_THROW(encoder.deltas(ids, std::vector<SlotTransfer>{{0, 3, 1}}), Error);
  }
}

TEST(Encoder, ABaselineHasNoDirectionsButEmbeds) {
  const NetworkConfig config{
      .layers = 2, .heads = 2, .hidden = 16, .feed_forward = 4, .dims = 20, .architecture = Architecture::baseline};
  const Encoder encoder = Encoder::untrained(config, kSeed);
  const std::vector<std::uint32_t> ids = {3, 1, 4};
  EXPECT_THROW(encoder.directions(ids), Error);
  EXPECT_THROW(encoder.quantized(ids), Error);
  const auto one = encoder.embed_states(ids, std::vector<double>{0.5, 0.25, 0}),
             other = encoder.embed_states(ids, std::vector<double>{0.5, 0.25, 0.5});
  EXPECT_EQ(one.size(), 20u);
  EXPECT_NE(one, other);
  EXPECT_EQ(encoder.deltas(ids, std::vector<SlotTransfer>{{0, 2, 5}, {1, 0, 9}}).size(), 40u);
  EXPECT_EQ(encoder.embed_states(ids, {}).size(), 0u);
}

TEST(Network, SizesOfTheBaselineAreLikeTheEncoders) {
  const auto options = TrainOptions().with(Architecture::baseline);
  const double count = double(Encoder::untrained(options.network, 1).parameter_count());
  EXPECT_NEAR(count / 1'190'071, 1, 0.1) << count;
}

TEST(Encoder, RefusesIdsThatItCannotTell) {
  const Encoder encoder = Encoder::untrained({.hidden = 16, .feed_forward = 4, .dims = 16, .id_bits = 8}, 1);
  EXPECT_NO_THROW(encoder.directions(std::vector<std::uint32_t>{255}));
  EXPECT_THROW(encoder.directions(std::vector<std::uint32_t>{256}), Error);
  EXPECT_THROW(encoder.directions(std::vector<std::uint32_t>{1, 1}), Error);
  EXPECT_THROW(encoder.directions(std::vector<std::uint32_t>{}), Error);
}

TEST(AccountSets, AreDifferentIdsInRangeAndRepeatable) {
  for (const int id_bits : {9, 16, 32}) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      SeededRng rng(seed), again(seed);
      const AccountSet set = draw_training_set(128, id_bits, rng);
      EXPECT_EQ(set.ids, draw_training_set(128, id_bits, again).ids);
      auto sorted = set.ids;
      std::ranges::sort(sorted);
      EXPECT_EQ(std::ranges::adjacent_find(sorted), sorted.end()) << set.name;
      EXPECT_EQ(set.ids.size(), 128u);
      EXPECT_TRUE(id_bits == 32 || sorted.back() >> id_bits == 0) << set.name;
    }
    EXPECT_EQ(heldout_sets(128, id_bits).size(), 4u);
  }
}

TEST(AccountSets, PaddingTakesTheSmallestFreeIds) {
  EXPECT_THAT(padded_ids({7, 1, 0}, 6), ::testing::ElementsAre(7, 1, 0, 2, 3, 4));
  EXPECT_THAT(padded_ids({7, 1}, 2), ::testing::ElementsAre(7, 1));
  EXPECT_THROW(padded_ids({7, 1}, 1), Error);
}

}  // namespace
}  // namespace ll::training
