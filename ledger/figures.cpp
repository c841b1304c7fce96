#include "ledger/figures.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace ll::ledger {
namespace {

constexpr std::size_t kLeastEvents = 20;

struct Moments {
  double mean = 0, deviation = 0;  ///< population
};
Moments moments(std::span<const double> values) {
  Moments m;
  for (const double x : values) m.mean += x;
  m.mean /= static_cast<double>(values.size());
  for (const double x : values) m.deviation += (x - m.mean) * (x - m.mean);
  m.deviation = std::sqrt(m.deviation / static_cast<double>(values.size()));
  return m;
}

/// Linear between the order statistics.
double quantile(std::span<const double> ascending, double q) {
  const double at = q * static_cast<double>(ascending.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, ascending.size() - 1);
  return ascending[low] + (at - static_cast<double>(low)) * (ascending[high] - ascending[low]);
}

double distance_to_normal(std::span<const double> ascending, const Moments& m) {
  const auto n = static_cast<double>(ascending.size());
  double largest = 0;
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    const double fitted = 0.5 * std::erfc((m.mean - ascending[i]) / (m.deviation * std::sqrt(2.0)));
    largest = std::max({largest, fitted - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - fitted});
  }
  return largest;
}

/// Streams of events, each a list of block numbers in order.
template <class Key>
BurstinessSpread spread_of(const std::map<Key, std::vector<double>>& streams) {
  std::vector<double> values;
  for (const auto& [_, blocks] : streams) {
    if (blocks.size() < kLeastEvents) continue;
    std::vector<double> gaps;
    for (std::size_t i = 1; i < blocks.size(); ++i) gaps.push_back(blocks[i] - blocks[i - 1]);
    if (const auto b = burstiness(gaps)) values.push_back(*b);
  }
  if (values.empty()) return {};
  std::ranges::sort(values);
  return {values.size(), quantile(values, 0.1), quantile(values, 0.5), quantile(values, 0.9)};
}

/// Shares of the 1, 5 and 10 largest of counts in descending order.
std::array<double, 3> top_shares(std::span<const std::uint64_t> counts, std::uint64_t all) {
  std::array<double, 3> shares{};
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    sum += i < counts.size() ? counts[i] : 0;
    for (const auto& [place, end] : {std::pair{0, 1}, {1, 5}, {2, 10}}) {
      if (i + 1 == static_cast<std::size_t>(end)) shares[place] = static_cast<double>(sum) / static_cast<double>(all);
    }
  }
  return shares;
}

/// Positive counts, descending.
std::vector<std::uint64_t> counts_of(const std::vector<std::uint64_t>& by_slot) {
  std::vector<std::uint64_t> counts;
  std::ranges::copy_if(by_slot, std::back_inserter(counts), [](std::uint64_t c) { return c > 0; });
  std::ranges::sort(counts, std::greater<>());
  return counts;
}

}  // namespace

std::optional<double> burstiness(std::span<const double> gaps) {
  if (gaps.empty()) return std::nullopt;
  const Moments m = moments(gaps);
  if (m.mean + m.deviation == 0) return std::nullopt;
  return (m.deviation - m.mean) / (m.deviation + m.mean);
}

double ks_distance(std::span<const double> a, std::span<const double> b) {
  LL_CHECK(!a.empty() && !b.empty(), "KS distance of {} and {} values", a.size(), b.size());
  double largest = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const double x = std::min(a[i], b[j]);
    while (i < a.size() && a[i] <= x) ++i;
    while (j < b.size() && b[j] <= x) ++j;
    largest = std::max(largest, std::abs(static_cast<double>(i) / static_cast<double>(a.size()) -
                                         static_cast<double>(j) / static_cast<double>(b.size())));
  }
  return largest;
}

FiguresOf figures_of(const Dataset& data, double wei_scale) {
  LL_CHECK(data.transfers.size() >= 2, "figures of {} transfers, at least two are needed", data.transfers.size());
  const std::size_t accounts = data.accounts.size();
  std::vector<std::uint64_t> sent(accounts), received(accounts), out(accounts), in(accounts);
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<double>> by_pair;
  std::map<std::uint32_t, std::vector<double>> by_sender;
  FiguresOf result;
  TransferFigures& f = result.figures;
  TransferSamples& s = result.samples;
  std::uint64_t same = 0;
  for (std::size_t i = 0; i < data.transfers.size(); ++i) {
    const DatasetTransfer& t = data.transfers[i];
    s.log_amounts.push_back(std::log(static_cast<double>(t.amount_wei) * wei_scale));
    if (i > 0) s.gaps.push_back(static_cast<double>(t.block - data.transfers[i - 1].block));
    same += i > 0 && t.sender == data.transfers[i - 1].sender ? 1 : 0;
    ++sent[t.sender];
    ++received[t.receiver];
    by_sender[t.sender].push_back(static_cast<double>(t.block));
    by_pair[{t.sender, t.receiver}].push_back(static_cast<double>(t.block));
  }
  std::uint64_t reciprocal = 0;
  for (const auto& [pair, blocks] : by_pair) {
    ++out[pair.first];
    ++in[pair.second];
    s.per_pair.push_back(blocks.size());
    reciprocal += by_pair.contains({pair.second, pair.first}) ? 1 : 0;
  }
  std::ranges::sort(s.per_pair, std::greater<>());
  std::ranges::sort(s.log_amounts);
  f.burstiness = burstiness(s.gaps).value_or(0);
  std::ranges::sort(s.gaps);
  s.sent = counts_of(sent);
  s.received = counts_of(received);
  s.out_degree = counts_of(out);
  s.in_degree = counts_of(in);

  const auto n = static_cast<double>(data.transfers.size()), pairs = static_cast<double>(by_pair.size());
  f.transfers = data.transfers.size();
  f.senders = s.sent.size();
  f.receivers = s.received.size();
  for (std::size_t i = 0; i < accounts; ++i) f.accounts += sent[i] + received[i] > 0 ? 1 : 0;
  f.pairs = by_pair.size();
  const Moments amounts = moments(s.log_amounts);
  f.mu = amounts.mean;
  f.sigma = amounts.deviation;
  f.ks_log_normal = amounts.deviation > 0 ? distance_to_normal(s.log_amounts, amounts) : 1;
  for (std::size_t i = 0; i < kQuantiles.size(); ++i) f.quantiles[i] = std::exp(quantile(s.log_amounts, kQuantiles[i]));
  f.top_senders = top_shares(s.sent, f.transfers);
  f.top_receivers = top_shares(s.received, f.transfers);
  f.repeated = 1 - pairs / n;
  f.reciprocal = static_cast<double>(reciprocal) / pairs;
  f.same_sender = static_cast<double>(same) / (n - 1);
  f.out_degree = fit_power_law(s.out_degree);
  f.in_degree = fit_power_law(s.in_degree);
  f.sent = fit_power_law(s.sent);
  f.received = fit_power_law(s.received);
  f.per_pair = fit_power_law(s.per_pair);
  f.by_sender = spread_of(by_sender);
  f.by_pair = spread_of(by_pair);
  return result;
}

}  // namespace ll::ledger
