#include "ledger/power_law.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.hpp"

namespace ll::ledger {
namespace {

/// Different values in ascending order with the number of values at or above each.
struct Tail {
  std::vector<std::uint64_t> values;
  std::vector<std::uint64_t> at_or_above;
  std::vector<double> log_sums;  ///< of ln k over the values at or above
};

Tail tail_of(std::span<const std::uint64_t> values) {
  std::vector<std::uint64_t> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  Tail tail;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (i > 0 && sorted[i] == sorted[i - 1]) continue;
    tail.values.push_back(sorted[i]);
    tail.at_or_above.push_back(sorted.size() - i);
  }
  tail.log_sums.resize(tail.values.size());
  double sum = 0;
  for (std::size_t i = tail.values.size(); i-- > 0;) {
    const std::uint64_t next = i + 1 < tail.values.size() ? tail.at_or_above[i + 1] : 0;
    sum += static_cast<double>(tail.at_or_above[i] - next) * std::log(static_cast<double>(tail.values[i]));
    tail.log_sums[i] = sum;
  }
  return tail;
}

/// Golden-section search: the likelihood has one maximum (it is concave in alpha).
double best_alpha(double count, double log_sum, double xmin) {
  const auto likelihood = [&](double alpha) { return -count * std::log(hurwitz_zeta(alpha, xmin)) - alpha * log_sum; };
  constexpr double kGolden = 0.6180339887498949;
  double low = 1.0001, high = 8;
  double a = high - kGolden * (high - low), b = low + kGolden * (high - low);
  double at_a = likelihood(a), at_b = likelihood(b);
  while (high - low > 1e-7) {
    if (at_a < at_b) {
      low = a;
      a = b;
      at_a = at_b;
      b = low + kGolden * (high - low);
      at_b = likelihood(b);
    } else {
      high = b;
      b = a;
      at_b = at_a;
      a = high - kGolden * (high - low);
      at_a = likelihood(a);
    }
  }
  return (low + high) / 2;
}

PowerLaw fit(const Tail& tail, std::size_t first) {
  PowerLaw law;
  law.xmin = tail.values[first];
  law.tail = tail.at_or_above[first];
  const auto count = static_cast<double>(law.tail), xmin = static_cast<double>(law.xmin);
  law.alpha = best_alpha(count, tail.log_sums[first], xmin);
  const double all = hurwitz_zeta(law.alpha, xmin);
  for (std::size_t i = first; i < tail.values.size(); ++i) {  // P(K > k) behind each value
    const std::uint64_t above = i + 1 < tail.values.size() ? tail.at_or_above[i + 1] : 0;
    const double fitted = hurwitz_zeta(law.alpha, static_cast<double>(tail.values[i]) + 1) / all;
    law.ks = std::max(law.ks, std::abs(static_cast<double>(above) / count - fitted));
  }
  return law;
}

}  // namespace

double hurwitz_zeta(double a, double x) {
  LL_CHECK(a > 1 && x >= 1, "zeta({}, {}), expected a > 1 and x >= 1", a, x);
  constexpr int kTerms = 12;
  double sum = 0;
  for (int i = 0; i < kTerms; ++i) sum += std::pow(x + i, -a);
  const double y = x + kTerms, power = std::pow(y, -a);
  // B2/2! = 1/12, B4/4! = -1/720, B6/6! = 1/30240
  const double a3 = a * (a + 1) * (a + 2), a5 = a3 * (a + 3) * (a + 4);
  return sum + power * (y / (a - 1) + 0.5 + a / (12 * y) - a3 / (720 * y * y * y) + a5 / (30240 * y * y * y * y * y));
}

std::optional<PowerLaw> fit_power_law_from(std::span<const std::uint64_t> values, std::uint64_t xmin) {
  std::vector<std::uint64_t> kept;
  std::ranges::copy_if(values, std::back_inserter(kept),
                       [&](std::uint64_t k) { return k >= std::max<std::uint64_t>(xmin, 1); });
  Tail tail = tail_of(kept);
  if (tail.values.size() < 2) return std::nullopt;
  if (tail.values.front() != xmin) {  // the range of the law begins at xmin, seen or not
    tail.values.insert(tail.values.begin(), xmin);
    tail.at_or_above.insert(tail.at_or_above.begin(), tail.at_or_above.front());
    tail.log_sums.insert(tail.log_sums.begin(), tail.log_sums.front());
  }
  return fit(tail, 0);
}

std::optional<PowerLaw> fit_power_law(std::span<const std::uint64_t> values, std::size_t least_tail) {
  std::vector<std::uint64_t> positive;
  std::ranges::copy_if(values, std::back_inserter(positive), [](std::uint64_t k) { return k >= 1; });
  const Tail tail = tail_of(positive);
  std::optional<PowerLaw> best;
  for (std::size_t first = 0; first + 1 < tail.values.size() && tail.at_or_above[first] >= least_tail; ++first) {
    const PowerLaw law = fit(tail, first);
    if (!best || law.ks < best->ks) best = law;
  }
  return best;
}

}  // namespace ll::ledger
