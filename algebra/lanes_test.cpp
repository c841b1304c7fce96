// Transforms and passes over arrays: each kernel against the portable code, on values whose limbs carry far.
#include <gtest/gtest.h>

#include "algebra/ntt.hpp"
#include "algebra/polynomial.hpp"
#include "algebra/test_support.hpp"
#include "base/parallel.hpp"

namespace ll::algebra {
namespace {

class Lanes : public EachKernel {};

/// Edges first, then random ones; all of them p - 1 when `extreme`, so that every lazy sum is as large as it gets.
std::vector<Fr> values(std::size_t count, bool extreme) {
  std::vector<Fr> out = edge_and_random<Fr>(kSeed, count);
  out.resize(count);
  if (extreme) std::ranges::fill(out, -Fr::one());
  return out;
}

template <class Compute>
auto portable(const Compute& compute) {
  const std::string before(kernels_name());
  use_kernels("portable");
  auto out = compute();
  use_kernels(before);
  return out;
}

TEST_P(Lanes, Transforms) {
  for (unsigned k = 7; k <= 15; ++k) {
    for (const bool extreme : {false, true}) {
      const std::vector<Fr> start = values(std::size_t{1} << k, extreme);
      const Fr shift = Fr::from_u64(7);
      const auto all = [&] {
        const NttDomain domain(k);
        std::vector<std::vector<Fr>> out(4, start);
        domain.ntt(out[0]);
        domain.intt(out[1]);
        domain.coset_ntt(out[2], shift);
        domain.coset_intt(out[3], shift);
        return out;
      };
      ASSERT_EQ(all(), portable(all)) << k << " " << extreme;
    }
  }
}

TEST_P(Lanes, ThreadsDoNotChangeATransform) {
  const NttDomain domain(14);
  const std::vector<Fr> start = values(domain.size(), false);
  std::vector<std::vector<Fr>> out;
  for (const std::size_t threads : {1, 2, 7}) {
    set_thread_count(threads);
    out.push_back(start);
    domain.ntt(out.back());
  }
  set_thread_count(0);
  EXPECT_EQ(out[0], out[1]);
  EXPECT_EQ(out[0], out[2]);
}

TEST_P(Lanes, PassesOverArraysOfAnyLength) {
  for (const std::size_t n : {1, 3, 4, 5, 8, 15, 16, 17, 31, 64, 65, 100, 1025, 5000}) {
    for (const bool extreme : {false, true}) {
      const std::vector<Fr> a = values(n, extreme), b = values(n + 3, extreme);
      const std::vector<Fr> factors = edge_and_random<Fr>(kSeed, 2);
      for (std::size_t f = 0; f < factors.size(); f += 5) {
        const Fr& factor = factors[f];
        const auto all = [&] {
          std::vector<Fr> scaled = a, sum = b;
          scale_by_powers(scaled, factor, factors.back());
          add_scaled(sum, a, factor);
          sum.push_back(evaluate(a, factor));
          sum.insert(sum.end(), scaled.begin(), scaled.end());
          return sum;
        };
        ASSERT_EQ(all(), portable(all)) << n << " " << extreme << " " << factor.to_hex();
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Each, Lanes, ::testing::ValuesIn(available_kernels()), kernel_test_name);

}  // namespace
}  // namespace ll::algebra
