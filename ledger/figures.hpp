#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "ledger/dataset.hpp"
#include "ledger/power_law.hpp"

namespace ll::ledger {

// What transfers look like in figures, to hold a synthetic ledger against a real one. For reports: in floating point.

/// Burstiness of several streams of events: median and deciles over those with at least 20 events.
struct BurstinessSpread {
  std::uint64_t streams = 0;
  double p10 = 0, median = 0, p90 = 0;
};

struct TransferFigures {
  std::uint64_t transfers = 0, accounts = 0, senders = 0, receivers = 0, pairs = 0;
  double mu = 0, sigma = 0;           ///< mean and population standard deviation of ln(wei)
  double ks_log_normal = 0;           ///< distance between the amounts and the log-normal of that mu and sigma
  std::array<double, 7> quantiles{};  ///< of the amounts in wei, at kQuantiles
  std::array<double, 3> top_senders{}, top_receivers{};  ///< shares of the 1, 5, 10 busiest
  double repeated = 0;                                   ///< share of transfers on a pair already seen
  double reciprocal = 0;                                 ///< share of pairs whose other direction is there, too
  double same_sender = 0;                         ///< share of transfers whose sender is that of the transfer before
  std::optional<PowerLaw> out_degree, in_degree;  ///< distinct receivers of a sender, distinct senders of a receiver
  std::optional<PowerLaw> sent, received;         ///< transfers of an account
  std::optional<PowerLaw> per_pair;               ///< transfers of a pair
  double burstiness = 0;                          ///< of the whole stream, gaps in blocks
  BurstinessSpread by_sender, by_pair;
};
inline constexpr std::array<double, 7> kQuantiles = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};

/// What the figures are taken from: ln of each amount in wei, gaps in blocks, counts.
struct TransferSamples {
  std::vector<double> log_amounts;                                             ///< ascending
  std::vector<double> gaps;                                                    ///< ascending
  std::vector<std::uint64_t> out_degree, in_degree, sent, received, per_pair;  ///< positive ones, descending
};

struct FiguresOf {
  TransferFigures figures;
  TransferSamples samples;
};
/// Figures of a data set's transfers, amounts in wei times `wei_scale` (synthetic ledgers count in units of their own).
/// At least two transfers; throws Error{invalid_argument} otherwise.
FiguresOf figures_of(const Dataset& data, double wei_scale = 1);

/// Goh and Barabasi, "Burstiness and memory in complex systems", EPL 81, 2008: B = (s - m) / (s + m) of the gaps' mean
/// m and standard deviation s; nullopt when all gaps are 0 or there are none.
std::optional<double> burstiness(std::span<const double> gaps);

/// Two-sample Kolmogorov-Smirnov distance; both ascending, neither empty.
double ks_distance(std::span<const double> a, std::span<const double> b);

}  // namespace ll::ledger
