#include "model/exact_encoder.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "model/test_encoder.hpp"

namespace ll::model {
namespace {

u128 random_u128(Rng& rng) { return u128{rng.next_u64()} << 64 | rng.next_u64(); }

constexpr EncoderShape kShape{.accounts = 6, .dims = 10};

TEST(ExactEncoder, EachLimbIsAnEmbeddingOfItsOwn) {
  const ExactEncoder exact(random_encoder(kShape, 1));
  SeededRng rng(2);
  std::vector<u128> balances = {0, 1, kU128Max, u128{1} << 32, (u128{1} << 96) - 1, random_u128(rng)};
  const auto e = exact.embed(balances);
  ASSERT_EQ(e.size(), 40u);
  for (std::size_t limb = 0; limb < 4; ++limb) {
    std::vector<std::uint64_t> part;
    for (const u128 balance : balances) part.push_back(std::uint64_t(balance >> (32 * limb)) & 0xffffffff);
    const auto expected = exact.encoder().embed(part);
    for (std::size_t k = 0; k < kShape.dims; ++k) EXPECT_EQ(e[limb * kShape.dims + k], expected[k]);
  }
}

TEST(ExactEncoder, ADeltaMovesEveryLimbWithItsBorrowsAndCarries) {
  const ExactEncoder exact(random_encoder(kShape, 3));
  SeededRng rng(4);
  for (int round = 0; round < 200; ++round) {
    std::vector<u128> balances(kShape.accounts);
    for (u128& balance : balances) balance = random_u128(rng) >> (1 + rng.below(120));
    const std::size_t sender = rng.below(6), receiver = (sender + 1 + rng.below(5)) % 6;
    if (round % 4 == 0) balances[sender] = u128{1} << (32 * (1 + rng.below(3)));  // every lower limb borrows
    if (round % 4 == 1) balances[receiver] = (u128{1} << 96) - 1;                 // every limb carries
    const u128 amount = round % 2 == 0 ? 1 : random_u128(rng) % (balances[sender] + 1);
    if (amount > balances[sender]) continue;
    auto predicted = exact.embed(balances);
    const auto delta = exact.delta(sender, receiver, amount, balances[sender], balances[receiver]);
    for (std::size_t k = 0; k < predicted.size(); ++k) predicted[k] += delta[k];
    balances[sender] -= amount, balances[receiver] += amount;
    EXPECT_EQ(predicted, exact.embed(balances)) << round;
    EXPECT_EQ(exact.recombine(delta), exact.combined_delta(sender, receiver, amount)) << round;
  }
}

TEST(ExactEncoder, LimbsTogetherAreOneInteger) {
  const QuantizedEncoder one({.accounts = 2, .dims = 2}, {7, 8}, {16384, -16384, 3, -1});
  const ExactEncoder exact(one);
  const auto both = exact.recombine(exact.embed(std::vector<u128>{kU128Max, 0}));
  EXPECT_EQ(to_string(both[0]), "5575186299632655785383929568162090376478720");  // 16384 (2^128 - 1)
  EXPECT_EQ(to_string(both[1]), "-5575186299632655785383929568162090376478720");
  const auto small = exact.recombine(exact.embed(std::vector<u128>{0, 5}));
  EXPECT_EQ(small[0], (WideInteger{0, 15}));
  EXPECT_EQ(to_string(small[1]), "-5");
  EXPECT_EQ(to_string(WideInteger{-1, 0}), "-340282366920938463463374607431768211456");
  EXPECT_EQ(to_string(WideInteger{}), "0");
}

TEST(ExactEncoder, RefusesWhatIsNoTransfer) {
  const ExactEncoder exact(random_encoder(kShape, 5));
  EXPECT_THROW(exact.delta(0, 0, 1, 5, 5), Error);
  EXPECT_THROW(exact.delta(0, 6, 1, 5, 5), Error);
  EXPECT_THROW(exact.delta(0, 1, 6, 5, 5), Error);
  EXPECT_THROW(exact.delta(0, 1, 1, 5, kU128Max), Error);
  EXPECT_NO_THROW(exact.delta(0, 1, 5, 5, kU128Max - 5));
  EXPECT_THROW(exact.embed(std::vector<u128>(5)), Error);
  EXPECT_THROW(exact.recombine(std::vector<std::int64_t>(39)), Error);
  EXPECT_THROW(ExactEncoder(random_encoder({.accounts = 2, .dims = 2, .balance_bits = 16}, 1)), Error);
}

}  // namespace
}  // namespace ll::model
