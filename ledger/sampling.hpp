#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "base/u128.hpp"

namespace ll::ledger {

// Bit-reproducible sampling. Floating point appears only as + - * / and sqrt on doubles, which IEEE 754 rounds
// correctly, in a fixed order (sampling.cpp is compiled with -ffp-contract=off); no function of the C library is in a
// result's way.

/// ln(x) for finite x > 0, within 2 units in the last place or so. Series of artanh on [sqrt(1/2), sqrt(2)).
double reproducible_log(double x);
/// e^x for |x| <= 700, relative error below 1e-15. Taylor series after taking out powers of two.
double reproducible_exp(double x);
/// Uniform in (0, 1): an odd multiple of 2^-53.
double uniform_open(Rng& rng);
/// Standard normal. Marsaglia's polar method (1964), the second value thrown away.
double normal(Rng& rng);

/// Draws an index with probability proportional to its weight, by binary search in the running sums.
class WeightedChoice {
 public:
  /// At least one weight, sum in [1, 2^63]; throws Error{invalid_argument} otherwise.
  explicit WeightedChoice(std::span<const std::uint64_t> weights);
  std::size_t draw(Rng& rng) const;

 private:
  std::vector<std::uint64_t> sums_;
};

/// The shape of real transfers, from the data study of the N3 "weight" subgraph: Ethereum mainnet, blocks 1000000 to
/// 3999999, 247,865 plain transfers among 128 accounts (../shared/data/ethereum/README.md, "Distributions").
///
///   amount    ln(wei) is a mixture of normals, weight / mean / sigma: 0.069/39.45/0.42 + 0.288/41.48/0.03 +
///             0.536/42.24/1.29 + 0.107/48.28/0.79; 1% are whole ether, 7% more multiples of 10^16 wei, 57% more of
///             10^9
///   senders   transfers sent fall off with exponent 2.0: weight 1/rank (top 1 / 10: 0.19 / 0.60)
///   receivers weight 1/(rank + 1/2) (top 1 / 10: 0.17 / 0.48)
///   pairs     each sender has few partners, P(d) ~ d^-1.75 for d <= 64, one busy and the others less (581 pairs in
///   all) bursts    the sender of the transfer before once more in 0.13 of the cases (0.174 with those by chance); gaps
///   in
///             blocks: 0 in 0.2126, else geometric with mean 8.9 (0.85) or 52 (0.15), so mean 12.1 and B = 0.34
class EthereumShape {
 public:
  /// Activity of `accounts` >= 2 accounts: ranks and partners are drawn from rng.
  EthereumShape(std::size_t accounts, Rng& rng);

  struct Pair {
    std::uint32_t sender, receiver;
  };
  /// The next pair; sender != receiver.
  Pair next_pair(Rng& rng);
  /// An amount in wei, 1 <= amount < 10^27.
  static u128 amount_wei(Rng& rng);
  /// Blocks between a transfer and the next.
  static std::uint64_t block_gap(Rng& rng);

 private:
  std::vector<std::uint32_t> by_activity_;  // rank -> account
  std::vector<std::vector<std::uint32_t>> partners_;
  std::vector<WeightedChoice> partner_choice_;
  WeightedChoice sender_choice_;
  std::uint32_t last_sender_ = UINT32_MAX;
};

}  // namespace ll::ledger
