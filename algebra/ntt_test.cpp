#include "algebra/ntt.hpp"

#include <gtest/gtest.h>

#include "algebra/polynomial.hpp"
#include "algebra/test_support.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"

namespace ll::algebra {
namespace {

std::vector<Fr> random_vector(std::size_t size, std::uint64_t seed = kSeed) {
  SeededRng rng(seed);
  std::vector<Fr> out(size);
  for (Fr& value : out) value = Fr::random(rng);
  return out;
}

class NttSizes : public ::testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Small, NttSizes, ::testing::Range(0u, 10u));

TEST_P(NttSizes, EqualsTheDefinition) {
  const NttDomain domain(GetParam());
  const auto coefficients = random_vector(domain.size());
  auto values = coefficients;
  domain.ntt(values);
  Fr point = Fr::one();
  for (std::size_t i = 0; i < domain.size(); ++i, point *= domain.omega()) {
    ASSERT_EQ(values[i], evaluate(coefficients, point)) << i;
  }
  EXPECT_EQ(point, Fr::one());
  domain.intt(values);
  EXPECT_EQ(values, coefficients);
}

TEST_P(NttSizes, CosetsEqualTheDefinition) {
  const NttDomain domain(GetParam());
  const auto coefficients = random_vector(domain.size());
  auto values = coefficients;
  const Fr shift = fr_zeta();
  domain.coset_ntt(values, shift);
  Fr point = shift;
  for (std::size_t i = 0; i < domain.size(); ++i, point *= domain.omega()) {
    ASSERT_EQ(values[i], evaluate(coefficients, point)) << i;
  }
  domain.coset_intt(values, shift);
  EXPECT_EQ(values, coefficients);
}

TEST(Ntt, WideLevelsAgreeWithPointEvaluations) {  // larger than one cache block, both parities of k
  for (const unsigned k : {12u, 13u, 14u, 15u, 16u}) {
    const NttDomain domain(k);
    const auto coefficients = random_vector(domain.size());
    auto values = coefficients;
    domain.ntt(values);
    for (const std::size_t i :
         {std::size_t{0}, std::size_t{1}, std::size_t{4097}, domain.size() / 2 + 3, domain.size() - 1}) {
      if (i >= domain.size()) continue;
      EXPECT_EQ(values[i], evaluate(coefficients, domain.omega().pow_vartime(i))) << k << " " << i;
    }
    domain.intt(values);
    EXPECT_EQ(values, coefficients) << k;
  }
}

TEST(Ntt, ThreadsDoNotChangeTheResult) {
  const NttDomain domain(14);
  const auto coefficients = random_vector(domain.size());
  std::vector<std::vector<Fr>> results;
  for (const std::size_t threads : {1, 3, 0}) {
    set_thread_count(threads);
    auto values = coefficients;
    domain.coset_ntt(values, fr_multiplicative_generator());
    results.push_back(values);
  }
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

TEST(Ntt, RefusesOtherSizes) {
  const NttDomain domain(3);
  std::vector<Fr> values(7);
  EXPECT_THROW(domain.ntt(values), Error);
  EXPECT_THROW(domain.intt(values), Error);
  EXPECT_THROW(domain.coset_ntt(values, fr_zeta()), Error);
  EXPECT_THROW(domain.coset_intt(values, fr_zeta()), Error);
  values.resize(8);
  EXPECT_THROW(domain.coset_intt(values, Fr()), Error);
  EXPECT_THROW(NttDomain(29), Error);
}

TEST(Ntt, DomainConstants) {
  const NttDomain domain(6);
  EXPECT_EQ(domain.size(), 64u);
  EXPECT_EQ(domain.omega(), fr_root_of_unity_of_order_log2(6));
  EXPECT_EQ(domain.omega() * domain.omega_inverse(), Fr::one());
  EXPECT_EQ(domain.size_inverse() * Fr::from_u64(64), Fr::one());
}

TEST(LagrangeBases, EqualTheirFormula) {
  for (const unsigned k : {0u, 1u, 2u, 3u, 6u, 9u}) {
    const NttDomain domain(k);
    SeededRng rng(kSeed);
    const Fr s = Fr::random(rng);
    std::vector<G1> powers;
    Fr power = Fr::one();
    for (std::size_t i = 0; i < domain.size(); ++i, power *= s) powers.push_back(G1::generator() * power);
    const auto lagrange = to_lagrange_bases(batch_to_affine(powers));
    ASSERT_EQ(lagrange.size(), domain.size());
    // l_i(s) = omega^i·(s^n - 1)/(n·(s - omega^i))
    const Fr vanishing = (s.pow_vartime(domain.size()) - Fr::one()) * domain.size_inverse();
    Fr root = Fr::one();
    for (std::size_t i = 0; i < domain.size(); ++i, root *= domain.omega()) {
      const Fr value = root * vanishing * (s - root).inverse().value();
      ASSERT_EQ(lagrange[i], (G1::generator() * value).to_affine()) << k << " " << i;
    }
  }
}

TEST(LagrangeBases, TakeIdentitiesAndEqualPoints) {
  const G1Affine g = G1Affine::generator();
  // all equal: only the constant polynomial's basis is left; identities stay identities
  const auto equal = to_lagrange_bases(std::vector<G1Affine>(8, g));
  EXPECT_EQ(equal[0], g);
  for (std::size_t i = 1; i < 8; ++i) EXPECT_TRUE(equal[i].is_identity());
  for (const G1Affine& point : to_lagrange_bases(std::vector<G1Affine>(8))) EXPECT_TRUE(point.is_identity());
  EXPECT_THROW(to_lagrange_bases(std::vector<G1Affine>(6, g)), Error);
  EXPECT_THROW(to_lagrange_bases({}), Error);
}

}  // namespace
}  // namespace ll::algebra
