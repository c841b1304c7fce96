#include "ledger/fast_sampling.hpp"

#include <bit>
#include <cmath>

#include "base/error.hpp"
#include "ledger/sampling.hpp"

namespace ll::ledger {
namespace {

// Doornik's constants for 256 layers: start of the tail, and the area of each layer.
constexpr double kTail = 3.6541528853610088, kArea = 0.00492867323399;

double density(double x) { return reproducible_exp(-0.5 * x * x); }
double uniform_of(WordStream& words) { return static_cast<double>(words.next_u64() >> 12 << 1 | 1) * 0x1p-53; }

}  // namespace

AliasTable::AliasTable(std::span<const double> weights) {
  const std::size_t n = weights.size();
  double sum = 0;
  for (const double weight : weights) {
    LL_CHECK(weight >= 0, "alias table: a weight of {}", weight);
    sum += weight;
  }
  LL_CHECK(n >= 1 && n <= 65536 && sum > 0, "alias table: {} weights with sum {}", n, sum);
  std::vector<double> share(n);  // 1: exactly one column full
  std::vector<std::uint32_t> small, large;
  for (std::size_t i = 0; i < n; ++i) {
    share[i] = weights[i] * static_cast<double>(n) / sum;
    (share[i] < 1 ? small : large).push_back(static_cast<std::uint32_t>(i));
  }
  columns_.resize(n);
  while (!small.empty() && !large.empty()) {
    const std::uint32_t low = small.back(), high = large.back();
    small.pop_back();
    columns_[low] = {static_cast<std::uint32_t>(share[low] * 0x1p32), high};
    share[high] -= 1 - share[low];
    if (share[high] < 1) {
      large.pop_back();
      small.push_back(high);
    }
  }
  for (const auto* left : {&small, &large}) {  // full up to rounding
    for (const std::uint32_t i : *left) columns_[i] = {UINT32_MAX, i};
  }
}

Ziggurat::Ziggurat() {
  double f = density(kTail);
  x_[0] = kArea / f;
  x_[1] = kTail;
  for (std::size_t i = 2; i < 256; ++i) {
    x_[i] = std::sqrt(-2 * reproducible_log(kArea / x_[i - 1] + f));
    f = density(x_[i]);
  }
  x_[256] = 0;
  for (std::size_t i = 0; i < 256; ++i) ratio_[i] = x_[i + 1] / x_[i];
}

double Ziggurat::draw_edge(WordStream& words, std::size_t layer, double u) const {
  while (true) {
    if (layer == 0) {  // the tail, by Marsaglia's exponential rejection
      double x = 0, y = 0;
      do {
        x = -reproducible_log(uniform_of(words)) / kTail;
        y = -reproducible_log(uniform_of(words));
      } while (2 * y < x * x);
      return u < 0 ? -(kTail + x) : kTail + x;
    }
    const double x = u * x_[layer];
    const double outer = reproducible_exp(-0.5 * (x_[layer] * x_[layer] - x * x));
    const double inner = reproducible_exp(-0.5 * (x_[layer + 1] * x_[layer + 1] - x * x));
    if (inner + uniform_of(words) * (outer - inner) < 1) return x;
    const std::uint64_t word = words.next_u64();
    layer = word & 255;
    u = (static_cast<double>(static_cast<std::int64_t>(word) >> 11) + 0.5) * 0x1p-52;
    if (std::abs(u) < ratio_[layer]) return u * x_[layer];
  }
}

FastExp::FastExp() {
  for (int i = 0; i < 64; ++i) power_[i] = reproducible_exp(i * (0x1.62e42fefa39efp-1 / 64));
}

double FastExp::operator()(double x) const {
  constexpr double kPerLn2 = 0x1.71547652b82fep+6;                         // 64 / ln 2
  constexpr double kHigh = 0x1.62e42feep-7, kLow = 0x1.a39ef35793c76p-39;  // ln 2 / 64 in two parts
  const double scaled = x * kPerLn2;
  const int k = static_cast<int>(scaled + std::copysign(0.5, scaled));
  const double r = (x - k * kHigh) - k * kLow;  // |r| < 0.0055; the rest of the series is below r^6 / 720 < 4e-17
  const double series = 1 + r * (1 + r * (1.0 / 2 + r * (1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120)))));
  const int whole = k >> 6;
  return power_[k & 63] * series * std::bit_cast<double>(std::uint64_t(whole + 1023) << 52);
}

}  // namespace ll::ledger
