#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "base/word_stream.hpp"

namespace ll::ledger {

// Sampling from tables, a few nanoseconds a draw, the same bits on every machine: only + - * / and sqrt on doubles in a
// fixed order (compiled with -ffp-contract=off), as in ledger/sampling.hpp, which makes the tables.

/// Draws an index with probability proportional to its weight, from one 32-bit word; the weights are met within 2^-32
/// times their number. Source: Vose, "A linear algorithm for generating random numbers with a given distribution",
/// IEEE TSE 17(9), 1991.
class AliasTable {
 public:
  /// 1 to 65536 weights >= 0 with a sum > 0; throws Error{invalid_argument} otherwise.
  explicit AliasTable(std::span<const double> weights);
  std::uint32_t draw(WordStream& words) const {
    const std::uint64_t product = std::uint64_t{words.next_u32()} * columns_.size();
    const auto column = static_cast<std::uint32_t>(product >> 32);
    const Column at = columns_[column];  // both read: a conditional move, as no branch is foreseen here
    return static_cast<std::uint32_t>(product) < at.keep ? column : at.other;
  }

 private:
  struct Column {
    std::uint32_t keep, other;  ///< the column itself with probability keep / 2^32, else `other`
  };
  std::vector<Column> columns_;
};

/// Standard normal by the ziggurat of 256 layers. Source: Doornik, "An improved ziggurat method to generate normal
/// random samples", 2005 (after Marsaglia and Tsang, Journal of Statistical Software 5(8), 2000).
class Ziggurat {
 public:
  Ziggurat();
  double draw(WordStream& words) const {
    const std::uint64_t word = words.next_u64();
    const std::size_t layer = word & 255;
    const double u = (static_cast<double>(static_cast<std::int64_t>(word) >> 11) + 0.5) * 0x1p-52;  // in (-1, 1)
    if (std::abs(u) < ratio_[layer]) return u * x_[layer];
    return draw_edge(words, layer, u);
  }

 private:
  double draw_edge(WordStream& words, std::size_t layer, double u) const;
  std::array<double, 257> x_{};
  std::array<double, 256> ratio_{};
};

/// e^x for |x| <= 40, relative error below 1e-14: 2^(k/64) from a table, the rest by a polynomial of degree 5.
class FastExp {
 public:
  FastExp();
  double operator()(double x) const;

 private:
  std::array<double, 64> power_{};
};

}  // namespace ll::ledger
