#include "algebra/msm.hpp"

#include <gtest/gtest.h>

#include "algebra/test_support.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"

namespace ll::algebra {
namespace {

/// The twin: each product on its own.
G1 slow_msm(std::span<const G1Affine> bases, std::span<const Fr> scalars) {
  G1 sum;
  for (std::size_t i = 0; i < bases.size(); ++i) sum += G1(bases[i]).mul_vartime(scalars[i].canonical_limbs());
  return sum;
}

std::vector<G1Affine> random_bases(std::size_t count) {
  SeededRng rng(kSeed);
  G1 point = random_g1(rng);
  const G1 step = random_g1(rng);
  std::vector<G1> out(count);
  for (G1& base : out) base = point += step;
  return batch_to_affine(out);
}

std::vector<Fr> random_scalars(std::size_t count, std::uint64_t seed = kSeed) {
  SeededRng rng(seed);
  std::vector<Fr> out(count);
  for (Fr& scalar : out) scalar = Fr::random(rng);
  return out;
}

TEST(Msm, EqualsDoubleAndAdd) {
  for (const std::size_t n : {0, 1, 2, 3, 8, 9, 17, 100, 1000}) {
    const auto bases = random_bases(n);
    const auto scalars = random_scalars(n);
    EXPECT_EQ(msm_vartime(bases, scalars), slow_msm(bases, scalars)) << n;
  }
}

TEST(Msm, EdgeScalars) {
  auto scalars = edge_and_random<Fr>(kSeed, 40);
  const Fr half = *Fr::from_u64(2).inverse();  // (r + 1)/2: where the absolute value turns
  for (const Fr& extra : {half, half - Fr::one(), half + Fr::one(), -Fr::one(), Fr(), Fr::one()})
    scalars.push_back(extra);
  for (unsigned i = 0; i < 254; ++i) scalars.push_back(Fr::from_u64(2).pow_vartime(i));
  const auto bases = random_bases(scalars.size());
  EXPECT_EQ(msm_vartime(bases, scalars), slow_msm(bases, scalars));
}

TEST(Msm, EqualOppositeAndIdentityBases) {
  SeededRng rng(kSeed);
  auto bases = random_bases(300);
  for (std::size_t i = 0; i < bases.size(); ++i) {
    if (i % 3 == 0) bases[i] = bases[0];
    if (i % 3 == 1) bases[i] = -bases[0];
    if (i % 7 == 0) bases[i] = G1Affine::identity();
  }
  const auto scalars = random_scalars(300);
  EXPECT_EQ(msm_vartime(bases, scalars), slow_msm(bases, scalars));
  const std::vector<Fr> same(300, Fr::random(rng));  // one bucket takes all
  EXPECT_EQ(msm_vartime(bases, same), slow_msm(bases, same));
  const std::vector<Fr> zeros(300);
  EXPECT_TRUE(msm_vartime(bases, zeros).is_identity());
  EXPECT_TRUE(msm_vartime(std::vector<G1Affine>(300), scalars).is_identity());
}

TEST(Msm, SmallSignedScalarsBesideAFewLarge) {
  const std::size_t n = 2000;
  const auto bases = random_bases(n);
  SeededRng rng(kSeed);
  for (const std::uint64_t bound : {2u, 200u, 100000u}) {
    for (const std::size_t large : {0, 1, 6}) {
      std::vector<Fr> scalars(n);
      for (Fr& scalar : scalars) {
        scalar = Fr::from_i64(static_cast<std::int64_t>(rng.below(2 * bound)) - static_cast<std::int64_t>(bound));
      }
      for (std::size_t i = 0; i < large; ++i) scalars[n - 1 - i] = Fr::random(rng);
      EXPECT_EQ(msm_vartime(bases, scalars), slow_msm(bases, scalars)) << bound << " " << large;
    }
  }
}

TEST(Msm, LargeAgreesWithItsParts) {
  const std::size_t n = 20000;
  const auto bases = random_bases(n);
  const auto scalars = random_scalars(n);
  G1 parts;
  for (std::size_t i = 0; i < n; i += 1000) {
    parts += msm_vartime(std::span(bases).subspan(i, 1000), std::span(scalars).subspan(i, 1000));
  }
  EXPECT_EQ(msm_vartime(bases, scalars), parts);
}

TEST(Msm, ThreadsDoNotChangeTheResult) {
  const auto bases = random_bases(3000);
  const auto scalars = random_scalars(3000);
  const G1 expected = slow_msm(bases, scalars);
  for (const std::size_t threads : {1, 2, 64, 0}) {
    set_thread_count(threads);
    EXPECT_EQ(msm_vartime(bases, scalars), expected) << threads;
  }
}

TEST(Msm, RefusesUnequalSizes) { EXPECT_THROW(msm_vartime(random_bases(2), random_scalars(3)), Error); }

}  // namespace
}  // namespace ll::algebra
