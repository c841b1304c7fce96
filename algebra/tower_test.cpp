#include "algebra/tower.hpp"

#include <gtest/gtest.h>

#include "algebra/test_support.hpp"

namespace ll::algebra {
namespace {

Fq2 random_fq2(Rng& rng) { return {Fq::random(rng), Fq::random(rng)}; }
Fq6 random_fq6(Rng& rng) { return {random_fq2(rng), random_fq2(rng), random_fq2(rng)}; }
Fq12 random_fq12(Rng& rng) { return {random_fq6(rng), random_fq6(rng)}; }

TEST(Tower, TheGeneratorsSatisfyTheirEquations) {
  const Fq2 u{Fq(), Fq::one()}, xi{Fq::from_u64(9), Fq::one()};
  EXPECT_EQ(u * u, -Fq2::one());
  const Fq6 v{Fq2(), Fq2::one(), Fq2()};
  EXPECT_EQ(v * v * v, (Fq6{xi, Fq2(), Fq2()}));
  const Fq12 w{Fq6(), Fq6::one()};
  EXPECT_EQ(w * w, (Fq12{v, Fq6()}));
}

TEST(Tower, ProductsAreAssociativeAndSquaresAgree) {
  SeededRng rng(kSeed);
  for (int i = 0; i < 10; ++i) {
    const Fq12 a = random_fq12(rng), b = random_fq12(rng), c = random_fq12(rng);
    EXPECT_EQ((a * b) * c, a * (b * c));
    EXPECT_EQ(a * b, b * a);
    EXPECT_EQ(a.square(), a * a);
    EXPECT_EQ(a.c0.c0.square(), a.c0.c0 * a.c0.c0);
    EXPECT_EQ(a.c0.c0.times_xi(), a.c0.c0 * (Fq2{Fq::from_u64(9), Fq::one()}));
    EXPECT_EQ(a.c0.times_v(), a.c0 * (Fq6{Fq2(), Fq2::one(), Fq2()}));
    EXPECT_EQ(a.c0.times_sparse(b.c0.c0, b.c0.c1), a.c0 * (Fq6{b.c0.c0, b.c0.c1, Fq2()}));
  }
}

TEST(Tower, InversesUndoProducts) {
  SeededRng rng(kSeed);
  for (int i = 0; i < 10; ++i) {
    const Fq12 a = random_fq12(rng);
    EXPECT_EQ(a * a.inverse().value(), Fq12::one());
    EXPECT_EQ(a.c0 * a.c0.inverse().value(), Fq6::one());
    EXPECT_EQ(a.c0.c0 * a.c0.c0.inverse().value(), Fq2::one());
  }
  EXPECT_EQ(Fq2().inverse(), std::nullopt);
  EXPECT_EQ(Fq6().inverse(), std::nullopt);
  EXPECT_EQ(Fq12().inverse(), std::nullopt);
  const Fq12 w{Fq6(), Fq6::one()};
  EXPECT_EQ(w * w.inverse().value(), Fq12::one());
}

TEST(Tower, FrobeniusIsTheQthPower) {
  SeededRng rng(kSeed);
  const Fq12 a = random_fq12(rng);
  const Fq12 first = a.pow_vartime(Fq::kModulus);
  EXPECT_EQ(a.frobenius(1), first);
  EXPECT_EQ(a.frobenius(2), first.pow_vartime(Fq::kModulus));
  EXPECT_EQ(a.frobenius(3), a.frobenius(1).frobenius(2));
  EXPECT_EQ(a.frobenius(3).frobenius(3), a.conjugate());
}

TEST(Tower, CyclotomicSquareIsASquareThere) {
  SeededRng rng(kSeed);
  for (int i = 0; i < 5; ++i) {
    const Fq12 a = random_fq12(rng);
    const Fq12 unitary = a.conjugate() * a.inverse().value(), cyclotomic = unitary.frobenius(2) * unitary;
    EXPECT_EQ(cyclotomic.cyclotomic_square(), cyclotomic.square());
    EXPECT_FALSE(a.cyclotomic_square() == a.square());
  }
}

TEST(Fq2, SquareRootsSquareBackAndHalfHaveOne) {
  SeededRng rng(kSeed);
  int others = 0;
  for (int i = 0; i < 60; ++i) {
    // the first ones lie on an axis
    const Fq2 a{i % 10 == 1 ? Fq() : Fq::random(rng), i % 10 == 2 ? Fq() : Fq::random(rng)};
    const auto root = a.square().sqrt_vartime();
    ASSERT_TRUE(root.has_value());
    EXPECT_TRUE(*root == a || *root == -a);
    const auto own = a.sqrt_vartime();
    if (own) {
      EXPECT_EQ(own->square(), a);
    } else {
      ++others;
    }
  }
  EXPECT_GT(others, 10);
  EXPECT_EQ(Fq2().sqrt_vartime(), Fq2());
}

}  // namespace
}  // namespace ll::algebra
