#pragma once
#include "algebra/curve.hpp"
#include "algebra/tower.hpp"

namespace ll::algebra {

/// y² = x³ + 3/(9 + u) over F_q², the sextic twist that holds the second group of the pairing. The curve has more
/// points than the subgroup of order r, so points from outside need is_in_subgroup().
struct G2Curve {
  using Field = Fq2;
  static constexpr bool kCofactorIsOne = false;
  static const Fq2& b() noexcept;
  static const AffinePoint<G2Curve>& generator() noexcept;
};

using G2Affine = AffinePoint<G2Curve>;
using G2 = JacobianPoint<G2Curve>;

extern template struct AffinePoint<G2Curve>;
extern template class JacobianPoint<G2Curve>;

std::vector<G2Affine> batch_to_affine(std::span<const G2> points);

}  // namespace ll::algebra
