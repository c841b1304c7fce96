#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "algebra/g1.hpp"

namespace ll::algebra {

/// A range of the buckets of one window of Pippenger's method: the bucket of d holds the points whose digit is ±d.
///
/// Everything is affine. A list of points is summed by adding its neighbours, which halves it, all lists in one batch;
/// the sum of d times bucket d halves the number of buckets in the same way: sum_j j·S_j = 2 sum_j j·(S_2j + S_2j+1) +
/// sum_j S_2j+1.
class BucketSums {
 public:
  /// Buckets of the digits first, ..., first + count - 1; first >= 1.
  BucketSums(std::uint32_t first, std::uint32_t count) : first_(first), sums_(count) {}

  /// Adds points[i], times the sign of digits[i], to the bucket of |digits[i]|, where it is one of these.
  void fill(std::span<const std::int16_t> digits, std::span<const G1Affine> points);
  /// sum over the digits d of d times bucket d; the buckets are used up.
  G1 weighted_sum();

 private:
  /// Sums up the sorted terms of buckets [first, last).
  void fill_range(std::span<const G1Affine> points, std::uint32_t first, std::uint32_t last);

  std::uint32_t first_;
  std::vector<G1Affine> sums_;  ///< the identity where a bucket is empty
};

}  // namespace ll::algebra
