#pragma once
#include <cstdint>
#include <optional>
#include <span>

namespace ll::ledger {

/// P(k) = k^-alpha / zeta(alpha, xmin) for k >= xmin.
struct PowerLaw {
  double alpha = 0;
  std::uint64_t xmin = 0;
  std::uint64_t tail = 0;  ///< values >= xmin
  double ks = 0;           ///< largest distance between the tail's distribution and the fitted one
};

/// sum over i >= 0 of (x + i)^-a, a > 1, x >= 1; relative error below 1e-11. Euler-Maclaurin (DLMF 25.11.5).
double hurwitz_zeta(double a, double x);

/// Discrete maximum likelihood with a given xmin; nullopt when fewer than two different values are >= xmin. alpha is
/// looked for in (1, 8).
std::optional<PowerLaw> fit_power_law_from(std::span<const std::uint64_t> values, std::uint64_t xmin);

/// The xmin of the smallest KS among those that leave at least `least_tail` values; nullopt when there is none.
/// Source: Clauset, Shalizi, Newman, "Power-law distributions in empirical data", SIAM Review 51(4), 2009, sections 3.1
/// and 3.3.
std::optional<PowerLaw> fit_power_law(std::span<const std::uint64_t> values, std::size_t least_tail = 50);

}  // namespace ll::ledger
