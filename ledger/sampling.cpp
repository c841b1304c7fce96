#include "ledger/sampling.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "base/error.hpp"

namespace ll::ledger {
namespace {

constexpr double kLn2 = 0x1.62e42fefa39efp-1;
// ln 2 in two parts, the first with 32 trailing zero bits: k·kLn2High is exact for |k| < 2^20.
constexpr double kLn2High = 0x1.62e42feep-1, kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kSqrtHalf = 0x1.6a09e667f3bcdp-1;

double power_of_two(int exponent) { return std::bit_cast<double>(std::uint64_t(exponent + 1023) << 52); }

/// Picks one of the parts whose shares are in thousandths and add up to 1000.
template <std::size_t N>
std::size_t pick(Rng& rng, const std::uint16_t (&shares)[N]) {
  std::uint64_t at = rng.below(1000);
  std::size_t part = 0;
  while (at >= shares[part]) at -= shares[part++];
  return part;
}

/// Geometric on 1, 2, ...: an exponential of that mean, rounded up.
std::uint64_t geometric(Rng& rng, double mean) {
  const double rate = -reproducible_log(1.0 - 1.0 / mean);
  return 1 + static_cast<std::uint64_t>(-reproducible_log(uniform_open(rng)) / rate);
}

std::vector<std::uint32_t> shuffled(std::size_t count, Rng& rng) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
  return order;
}

/// 2^32 / (rank + shift / 2), rank from 1.
std::vector<std::uint64_t> zipf(std::size_t count, std::uint64_t shift) {
  std::vector<std::uint64_t> weights;
  for (std::size_t rank = 1; rank <= count; ++rank) weights.push_back((std::uint64_t{1} << 33) / (2 * rank + shift));
  return weights;
}

}  // namespace

double reproducible_log(double x) {
  LL_CHECK(x > 0 && x <= 0x1.fffffffffffffp+1023, "log of {}", x);
  int exponent = 0;
  double m = std::frexp(x, &exponent);  // exact: x = m·2^exponent, m in [1/2, 1)
  if (m < kSqrtHalf) {
    m *= 2;
    --exponent;
  }
  const double t = (m - 1) / (m + 1);  // |t| < 0.1716; ln m = 2 artanh t
  const double t2 = t * t;
  double series = 0;
  for (int odd = 23; odd >= 3; odd -= 2) series = (series + 1.0 / odd) * t2;  // the rest is below t^25 / 25 < 3e-21
  return (exponent * kLn2Low + 2 * t * series) + 2 * t + exponent * kLn2High;
}

double reproducible_exp(double x) {
  LL_CHECK(x >= -700 && x <= 700, "exp of {}", x);
  const double scaled = x / kLn2;
  const int k = static_cast<int>(scaled + (scaled >= 0 ? 0.5 : -0.5));
  const double r = (x - k * kLn2High) - k * kLn2Low;  // |r| <= 0.35
  double series = 1;
  for (int i = 16; i >= 1; --i) series = 1 + series * r / i;  // the rest is below 0.35^17 / 17! < 1e-22
  return series * power_of_two(k);
}

double uniform_open(Rng& rng) { return static_cast<double>(rng.next_u64() >> 12 << 1 | 1) * 0x1p-53; }

double normal(Rng& rng) {
  while (true) {
    const double u = 2 * uniform_open(rng) - 1;
    const double v = 2 * uniform_open(rng) - 1;
    const double s = u * u + v * v;
    if (s < 1 && s > 0) return u * std::sqrt(-2 * reproducible_log(s) / s);
  }
}

WeightedChoice::WeightedChoice(std::span<const std::uint64_t> weights) {
  std::uint64_t sum = 0;
  for (const std::uint64_t weight : weights) {
    LL_CHECK(weight <= (std::uint64_t{1} << 63) - sum, "weighted choice: weights exceed 2^63");
    sums_.push_back(sum += weight);
  }
  LL_CHECK(sum >= 1, "weighted choice: no weight above 0");
}

std::size_t WeightedChoice::draw(Rng& rng) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(sums_, rng.below(sums_.back())) - sums_.begin());
}

EthereumShape::EthereumShape(std::size_t accounts, Rng& rng)
    : by_activity_(shuffled(accounts, rng)), partners_(accounts), sender_choice_(zipf(accounts, 0)) {
  LL_CHECK(accounts >= 2, "ethereum profile: {} accounts, at least 2 are needed", accounts);
  const std::vector<std::uint32_t> by_popularity = shuffled(accounts, rng);
  const WeightedChoice receivers(zipf(accounts, 1));
  std::vector<std::uint64_t> degree_weights;
  for (std::size_t d = 1; d <= std::min<std::size_t>(64, accounts - 1); ++d) {
    const double root = std::sqrt(static_cast<double>(d));  // d^1.75 = d · d^0.5 · d^0.25
    degree_weights.push_back(static_cast<std::uint64_t>(0x1p40 / (static_cast<double>(d) * root * std::sqrt(root))));
  }
  const WeightedChoice degrees(degree_weights);
  // Busier senders have more partners, as hubs do: degrees in descending order go to the ranks.
  std::vector<std::size_t> degree(accounts);
  for (std::size_t& d : degree) d = 1 + degrees.draw(rng);
  std::ranges::sort(degree, std::greater<>());
  for (std::size_t rank = 0; rank < accounts; ++rank) {
    const std::uint32_t sender = by_activity_[rank];
    std::vector<std::uint32_t>& list = partners_[sender];
    while (list.size() < degree[rank]) {
      const std::uint32_t receiver = by_popularity[receivers.draw(rng)];
      if (receiver != sender && std::ranges::find(list, receiver) == list.end()) list.push_back(receiver);
    }
  }
  for (const auto& list : partners_) partner_choice_.emplace_back(zipf(list.size(), 0));
}

EthereumShape::Pair EthereumShape::next_pair(Rng& rng) {
  const bool again = last_sender_ != UINT32_MAX && rng.below(1000) < 126;
  const std::uint32_t sender = again ? last_sender_ : by_activity_[sender_choice_.draw(rng)];
  last_sender_ = sender;
  return {sender, partners_[sender][partner_choice_[sender].draw(rng)]};
}

u128 EthereumShape::amount_wei(Rng& rng) {
  static constexpr std::uint16_t kShares[] = {69, 288, 536, 107};
  static constexpr double kMean[] = {39.45, 41.48, 42.24, 48.28}, kSigma[] = {0.42, 0.03, 1.29, 0.79};
  const std::size_t part = pick(rng, kShares);
  // Cut at six sigma: e^(48.28 + 6 · 0.79) < 1.1e23.
  const double z = std::clamp(normal(rng), -6.0, 6.0);
  u128 wei = static_cast<u128>(reproducible_exp(kMean[part] + kSigma[part] * z));
  static constexpr std::uint16_t kRoundShares[] = {10, 69, 566, 355};
  static constexpr std::uint64_t kRound[] = {1'000'000'000'000'000'000, 10'000'000'000'000'000, 1'000'000'000, 1};
  const std::uint64_t round = kRound[pick(rng, kRoundShares)];
  if (wei >= round) wei -= wei % round;
  return std::max<u128>(wei, 1);
}

std::uint64_t EthereumShape::block_gap(Rng& rng) {
  if (rng.below(10000) < 2126) return 0;
  return geometric(rng, rng.below(100) < 85 ? 8.9 : 52.0);
}

}  // namespace ll::ledger
