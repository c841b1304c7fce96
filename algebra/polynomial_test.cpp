#include "algebra/polynomial.hpp"

#include <gtest/gtest.h>

#include "algebra/test_support.hpp"
#include "base/error.hpp"

namespace ll::algebra {
namespace {

std::vector<Fr> random_vector(std::size_t size, std::uint64_t seed = kSeed) {
  SeededRng rng(seed);
  std::vector<Fr> out(size);
  for (Fr& value : out) value = Fr::random(rng);
  return out;
}

Fr slow_evaluate(std::span<const Fr> coefficients, const Fr& x) {
  Fr sum, power = Fr::one();
  for (const Fr& c : coefficients) {
    sum += c * power;
    power *= x;
  }
  return sum;
}

// Lengths around the parts of the threaded versions (4096 coefficients).
constexpr std::size_t kLengths[] = {0, 1, 2, 5, 4095, 4096, 4097, 8191, 8192, 8193, 12288, 20001};

TEST(Polynomial, EvaluateEqualsTheSum) {
  const Fr x = random_vector(1, 5)[0];
  for (const std::size_t n : kLengths) {
    const auto p = random_vector(n);
    EXPECT_EQ(evaluate(p, x), slow_evaluate(p, x)) << n;
    EXPECT_EQ(evaluate(p, Fr()), n == 0 ? Fr() : p[0]) << n;
  }
}

TEST(Polynomial, DivisionByALinearFactor) {
  const Fr root = random_vector(1, 6)[0], elsewhere = random_vector(1, 7)[0];
  for (const std::size_t n : kLengths) {
    const auto p = random_vector(n);
    const auto [quotient, remainder] = divide_by_linear_with_remainder(p, root);
    ASSERT_EQ(quotient.size(), n == 0 ? 0 : n - 1);
    EXPECT_EQ(remainder, evaluate(p, root)) << n;
    EXPECT_EQ(evaluate(p, elsewhere), evaluate(quotient, elsewhere) * (elsewhere - root) + remainder) << n;
    EXPECT_EQ(divide_by_linear(p, root), quotient);
  }
}

TEST(Polynomial, InterpolationMeetsItsPoints) {
  for (const std::size_t n : {0, 1, 2, 3, 10}) {
    const auto points = random_vector(n, 8), values = random_vector(n, 9);
    const auto p = lagrange_interpolate(points, values);
    ASSERT_EQ(p.size(), n);
    for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(evaluate(p, points[i]), values[i]);
  }
  const auto p = random_vector(2);
  EXPECT_THROW((void)lagrange_interpolate(p, random_vector(3)), Error);
  EXPECT_THROW((void)lagrange_interpolate(std::vector<Fr>(2, p[0]), p), Error);
}

TEST(Polynomial, AddScaledAddsValues) {
  const auto a = random_vector(7, 1), b = random_vector(4, 2);
  const Fr x = random_vector(1, 3)[0], factor = random_vector(1, 4)[0];
  auto sum = a;
  add_scaled(sum, b, factor);
  EXPECT_EQ(evaluate(sum, x), evaluate(a, x) + factor * evaluate(b, x));
  auto shorter = b;
  EXPECT_THROW(add_scaled(shorter, a, factor), Error);
}

}  // namespace
}  // namespace ll::algebra
