#include "algebra/glv.hpp"

#include <gtest/gtest.h>

#include "algebra/test_support.hpp"
#include "base/error.hpp"

namespace ll::algebra {
namespace {

TEST(Glv, TheEndomorphismMultipliesByLambda) {
  EXPECT_EQ(glv_lambda().square() + glv_lambda() + Fr::one(), Fr());
  EXPECT_EQ(glv_beta().square() + glv_beta() + Fq::one(), Fq());
  const G1 g = G1::generator();
  EXPECT_EQ(g.with_x_times(glv_beta()), g.mul_vartime(glv_lambda().canonical_limbs()));
}

TEST(Glv, TheHalvesAreShortAndMakeTheWhole) {
  for (const Fr& k : edge_and_random<Fr>(kSeed, 2000)) {
    const GlvScalar halves = glv_decompose(k);
    EXPECT_LE(bit_length(halves.a), 127u);
    EXPECT_LE(bit_length(halves.b), 127u);
    const auto value = [](const std::array<std::uint64_t, 2>& limbs, bool negative) {
      const Fr magnitude = Fr::from_u128(u128{limbs[1]} << 64 | limbs[0]);
      return negative ? -magnitude : magnitude;
    };
    EXPECT_EQ(value(halves.a, halves.a_negative) + value(halves.b, halves.b_negative) * glv_lambda(), k);
  }
}

TEST(Glv, MultiplicationAgreesWithTheLongWay) {
  SeededRng rng(kSeed);
  const G1 p = random_g1(rng);
  for (const Fr& k : edge_and_random<Fr>(kSeed, 20)) EXPECT_EQ(p * k, p.mul_vartime(k.canonical_limbs()));
}

TEST(Wnaf, DigitsAreOddSparseAndSumUp) {
  for (unsigned width = 2; width <= 7; ++width) {
    for (const Fr& k : edge_and_random<Fr>(kSeed, 20)) {
      const Limbs limbs = k.canonical_limbs();
      const auto digits = wnaf(limbs, width);
      Fr sum;
      std::size_t last = 1000;
      for (std::size_t i = digits.size(); i-- > 0;) {
        sum = sum.doubled() + Fr::from_i64(digits[i]);
        if (digits[i] == 0) continue;
        EXPECT_EQ(std::abs(digits[i]) % 2, 1);
        EXPECT_LT(std::abs(digits[i]), 1 << (width - 1));
        if (last != 1000) {
          EXPECT_GE(last - i, width);
        }
        last = i;
      }
      EXPECT_EQ(sum, k);
    }
  }
  EXPECT_THROW(wnaf(Limbs{}, 1), Error);
  EXPECT_THROW(wnaf(Limbs{}, 8), Error);
}

}  // namespace
}  // namespace ll::algebra
