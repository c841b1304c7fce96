#include "algebra/curve.hpp"

#include <gtest/gtest.h>

#include "algebra/test_support.hpp"

namespace ll::algebra {
namespace {

template <class Point>
class GroupLaws : public ::testing::Test {
 protected:
  /// The identity, generator multiples that meet each exceptional case, and random points.
  static std::vector<Point> samples() {
    const Point g = Point::generator();
    std::vector<Point> out = {Point(), g, -g, g.doubled(), g.doubled() + g};
    SeededRng rng(kSeed);
    for (int i = 0; i < 4; ++i) out.push_back(g * Fr::random(rng));
    return out;
  }
};
using Groups = ::testing::Types<G1, G2>;
TYPED_TEST_SUITE(GroupLaws, Groups);

TYPED_TEST(GroupLaws, AGroup) {
  using P = TypeParam;
  const auto samples = this->samples();
  const P c = samples.back();
  for (const P& a : samples) {
    EXPECT_TRUE(a.to_affine().is_on_curve());
    EXPECT_EQ(a + P(), a);
    EXPECT_EQ(P() + a, a);
    EXPECT_TRUE((a - a).is_identity());
    EXPECT_EQ(a + a, a.doubled());
    for (const P& b : samples) {
      EXPECT_EQ(a + b, b + a);
      EXPECT_EQ((a + b) + c, a + (b + c));
      EXPECT_EQ(a + b.to_affine(), a + b);
      EXPECT_EQ(a - b.to_affine(), a - b);
      EXPECT_EQ(a == b, a.to_affine() == b.to_affine());
      EXPECT_TRUE((a + b).to_affine().is_on_curve());
    }
  }
}

TYPED_TEST(GroupLaws, ScalarsActAsTheyShould) {
  using P = TypeParam;
  const P g = P::generator();
  P sum;
  for (std::uint64_t i = 0; i < 70; ++i, sum += g) {
    EXPECT_EQ(g * Fr::from_u64(i), sum);
    EXPECT_EQ(g * -Fr::from_u64(i), -sum);
  }
  const auto scalars = edge_and_random<Fr>(kSeed, 4);
  const Fr b = scalars.back();
  for (const Fr& a : scalars) {
    P slow;  // double and add
    const Limbs bits = a.canonical_limbs();
    for (int i = 255; i >= 0; --i) {
      slow = slow.doubled();
      if ((bits[i / 64] >> (i % 64) & 1) != 0) slow += g;
    }
    EXPECT_EQ(g * a, slow);
    EXPECT_EQ((g * a) * b, g * (a * b));
    EXPECT_EQ(g * a + g * b, g * (a + b));
    EXPECT_TRUE((P() * a).is_identity());
  }
}

TYPED_TEST(GroupLaws, TheGeneratorHasOrderR) {
  using P = TypeParam;
  const auto g = P::Affine::generator();
  EXPECT_TRUE(g.is_on_curve());
  EXPECT_TRUE(g.is_in_subgroup());
  EXPECT_FALSE(P(g).is_identity());
  EXPECT_TRUE(P(g).mul_vartime(Fr::kModulus).is_identity());
  EXPECT_TRUE(P::Affine::identity().is_in_subgroup());
  auto off = g;
  off.y = off.y.doubled();
  EXPECT_FALSE(off.is_on_curve());
  EXPECT_FALSE(off.is_in_subgroup());
}

TYPED_TEST(GroupLaws, BatchToAffineAgrees) {
  const auto samples = this->samples();
  const auto affine = batch_to_affine(samples);
  ASSERT_EQ(affine.size(), samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) EXPECT_EQ(affine[i], samples[i].to_affine());
  EXPECT_TRUE(batch_to_affine(std::span<const TypeParam>()).empty());
}

TEST(G2, APointOutsideTheSubgroupIsSeen) {
  // The twist has far more points than r, so the first x = i·u that has a y gives one outside.
  for (std::uint64_t i = 1;; ++i) {
    const Fq2 x{Fq(), Fq::from_u64(i)};
    const auto y = (x.square() * x + G2Curve::b()).sqrt_vartime();
    if (!y) continue;
    const G2Affine point{x, *y};
    EXPECT_TRUE(point.is_on_curve());
    EXPECT_FALSE(point.is_in_subgroup());
    break;
  }
}

TEST(G2, TheCurveConstantIsThatOfTheSpecification) {
  EXPECT_EQ(G2Curve::b().c0.to_hex(), "0x2b149d40ceb8aaae81be18991be06ac3b5b4c5e559dbefa33267e6dc24a138e5");
  EXPECT_EQ(G2Curve::b().c1.to_hex(), "0x009713b03af0fed4cd2cafadeed8fdf4a74fa084e52d1852e4a2bd0685c315d2");
}

}  // namespace
}  // namespace ll::algebra
