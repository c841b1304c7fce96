#pragma once
#include <cstdint>
#include <span>

#include "algebra/g1.hpp"

namespace ll::algebra {

/// One sum of a batch: points `left` and `right` of the input, each negated where kNegated is set, to place `out`.
struct PointPair {
  static constexpr std::uint32_t kNegated = std::uint32_t{1} << 31;
  std::uint32_t left, right, out;
};

/// Affine sums that share an inversion per few hundred (in lanes, few thousand): about six products each instead of the
/// 11 of a mixed sum. Complete (identities, equal and opposite points are fine, only slower); time depends on the
/// points. `out` may be `in`, but no place that is written may be read or be written twice.
void affine_sums_vartime(const G1Affine* in, std::span<const PointPair> pairs, G1Affine* out);

}  // namespace ll::algebra
