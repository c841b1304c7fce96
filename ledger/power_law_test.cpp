#include "ledger/power_law.hpp"

#include <cmath>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "ledger/fast_sampling.hpp"

namespace ll::ledger {
namespace {

TEST(HurwitzZeta, KnownValues) {
  const double pi = std::numbers::pi;
  EXPECT_NEAR(hurwitz_zeta(2, 1), pi * pi / 6, 1e-11);
  EXPECT_NEAR(hurwitz_zeta(4, 1), std::pow(pi, 4) / 90, 1e-11);
  EXPECT_NEAR(hurwitz_zeta(3, 1), 1.2020569031595942, 1e-11);
  EXPECT_NEAR(hurwitz_zeta(1.5, 1), 2.6123753486854883, 3e-11);
  EXPECT_NEAR(hurwitz_zeta(2, 5), pi * pi / 6 - 1 - 1.0 / 4 - 1.0 / 9 - 1.0 / 16, 1e-11);
  EXPECT_THROW(hurwitz_zeta(1, 1), Error);
}

/// Draws from P(k) ~ k^-alpha on xmin..cut.
std::vector<std::uint64_t> draws(double alpha, std::uint64_t xmin, std::size_t count) {
  std::vector<double> weights;
  for (std::uint64_t k = xmin; k < xmin + 50000; ++k) weights.push_back(std::pow(static_cast<double>(k), -alpha));
  const AliasTable table(weights);
  WordStream words(9);
  std::vector<std::uint64_t> values(count);
  for (auto& value : values) value = xmin + table.draw(words);
  return values;
}

TEST(PowerLaw, ExponentIsFoundAgain) {
  for (const double alpha : {1.8, 2.5, 3.2}) {
    const auto law = fit_power_law_from(draws(alpha, 1, 20000), 1);
    ASSERT_TRUE(law.has_value());
    EXPECT_NEAR(law->alpha, alpha, 0.03);
    EXPECT_LT(law->ks, 0.012);
  }
}

TEST(PowerLaw, XminIsWhereTheLawBegins) {
  auto values = draws(2.5, 20, 3000);
  WordStream words(3);
  for (int i = 0; i < 3000; ++i) values.push_back(1 + words.below(20));  // a body that follows no power law
  const auto law = fit_power_law(values);
  ASSERT_TRUE(law.has_value());
  EXPECT_NEAR(static_cast<double>(law->xmin), 20, 6);
  EXPECT_NEAR(law->alpha, 2.5, 0.12);
}

TEST(PowerLaw, TooFewValuesGiveNone) {
  const std::vector<std::uint64_t> same(100, 3), few = {1, 2, 3};
  EXPECT_FALSE(fit_power_law(same).has_value());
  EXPECT_FALSE(fit_power_law(few).has_value());
  EXPECT_TRUE(fit_power_law(few, 2).has_value());
}

}  // namespace
}  // namespace ll::ledger
