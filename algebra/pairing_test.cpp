#include "algebra/pairing.hpp"

#include <gtest/gtest.h>

#include "algebra/test_support.hpp"

namespace ll::algebra {
namespace {

const G1Affine kG1 = G1Affine::generator();
G2Affine g2() { return G2Affine::generator(); }

TEST(Pairing, Bilinear) {
  SeededRng rng(kSeed);
  const Fr a = Fr::random(rng), b = Fr::random(rng);
  const Fq12 base = pairing(kG1, g2());
  const G1Affine ap = (G1(kG1) * a).to_affine();
  const G2Affine bq = (G2(g2()) * b).to_affine();
  EXPECT_EQ(pairing(ap, bq), base.pow_vartime((a * b).canonical_limbs()));
  EXPECT_EQ(pairing(ap, g2()), base.pow_vartime(a.canonical_limbs()));
  EXPECT_EQ(pairing(kG1, bq), base.pow_vartime(b.canonical_limbs()));
  EXPECT_EQ(pairing(-kG1, g2()), base.conjugate());
  EXPECT_EQ(pairing(kG1, -g2()), base.conjugate());
}

TEST(Pairing, NotDegenerateAndOfOrderR) {
  const Fq12 base = pairing(kG1, g2());
  EXPECT_FALSE(base == Fq12::one());
  EXPECT_EQ(base.pow_vartime(Fr::kModulus), Fq12::one());
}

TEST(Pairing, TheIdentityGivesOne) {
  EXPECT_EQ(pairing(G1Affine::identity(), g2()), Fq12::one());
  EXPECT_EQ(pairing(kG1, G2Affine::identity()), Fq12::one());
  EXPECT_EQ(pairing(G1Affine::identity(), G2Affine::identity()), Fq12::one());
}

TEST(Pairing, TheFinalPowerIsThatOfItsDefinition) {
  // (q¹² - 1)/r in hex words, least significant first, from tools/derive_bn254.py would be 2790 bits; instead: the
  // easy part by Frobenius and inversion, then the exponent (q⁴ - q² + 1)/r = q³ + c2·q² + c1·q + c0 by plain powers.
  SeededRng rng(kSeed);
  const auto fq2 = [&] { return Fq2{Fq::random(rng), Fq::random(rng)}; };
  const Fq12 f{{fq2(), fq2(), fq2()}, {fq2(), fq2(), fq2()}};
  const Fq12 unitary = f.conjugate() * f.inverse().value(), g = unitary.frobenius(2) * unitary;
  const Fq12 power = final_exponentiation(f);
  EXPECT_EQ(power.pow_vartime(Fr::kModulus), Fq12::one());
  // power^r = g^(q⁴ - q² + 1) = 1 says nothing more, so compare with the expansion in x:
  // c2 = 6x² + 1, c1 = -36x³ - 18x² - 12x + 1, c0 = -36x³ - 30x² - 18x - 2
  constexpr std::uint64_t kX[] = {4965661367192848881};
  const Fq12 x1 = g.pow_vartime(kX), x2 = x1.pow_vartime(kX), x3 = x2.pow_vartime(kX);
  const auto times = [](const Fq12& a, std::uint64_t e) { return a.pow_vartime({&e, 1}); };
  const Fq12 c2 = times(x2, 6) * g;
  const Fq12 c1 = (times(x3, 36) * times(x2, 18) * times(x1, 12)).conjugate() * g;
  const Fq12 c0 = (times(x3, 36) * times(x2, 30) * times(x1, 18) * times(g, 2)).conjugate();
  EXPECT_EQ(power, g.frobenius(3) * c2.frobenius(2) * c1.frobenius(1) * c0);
}

TEST(PairingProduct, OneExactlyWhenTheExponentsCancel) {
  SeededRng rng(kSeed);
  const Fr a = Fr::random(rng), b = Fr::random(rng), c = Fr::random(rng);
  const auto p = [](const Fr& s) { return (G1::generator() * s).to_affine(); };
  const auto q = [](const Fr& s) { return (G2::generator() * s).to_affine(); };
  using Pairs = std::vector<std::pair<G1Affine, G2Affine>>;
  EXPECT_TRUE(pairing_product_is_one(Pairs{}));
  EXPECT_TRUE(pairing_product_is_one(Pairs{{p(a * b), g2()}, {-p(a), q(b)}}));
  EXPECT_FALSE(pairing_product_is_one(Pairs{{p(a * b), g2()}, {p(a), q(b)}}));
  EXPECT_FALSE(pairing_product_is_one(Pairs{{p(a * b + Fr::one()), g2()}, {-p(a), q(b)}}));
  EXPECT_TRUE(pairing_product_is_one(Pairs{{p(a), q(b)}, {p(b), q(c)}, {-p(a * b + b * c), g2()}}));
  EXPECT_TRUE(pairing_product_is_one(Pairs{{p(a), G2Affine::identity()}, {G1Affine::identity(), q(b)}}));
  EXPECT_FALSE(pairing_product_is_one(Pairs{{p(a), g2()}, {G1Affine::identity(), q(b)}}));
  EXPECT_TRUE(pairing_product_is_one(Pairs{{p(a), q(b)}, {p(a), -q(b)}}));
}

}  // namespace
}  // namespace ll::algebra
