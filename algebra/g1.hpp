#pragma once
#include "algebra/curve.hpp"
#include "algebra/fq.hpp"

namespace ll::algebra {

/// y² = x³ + 3 over F_q: prime order r (cofactor 1), generator (1, 2).
struct G1Curve {
  using Field = Fq;
  static constexpr bool kCofactorIsOne = true;
  static constexpr Fq b() noexcept { return Fq::from_u64(3); }
  static AffinePoint<G1Curve> generator() noexcept { return {Fq::from_u64(1), Fq::from_u64(2)}; }
};

using G1Affine = AffinePoint<G1Curve>;
using G1 = JacobianPoint<G1Curve>;

/// By the endomorphism of glv.hpp.
template <>
G1 G1::mul_vartime(const Fr& scalar) const;
extern template struct AffinePoint<G1Curve>;
extern template class JacobianPoint<G1Curve>;

/// The affine forms of all points, with one inversion per few thousand.
std::vector<G1Affine> batch_to_affine(std::span<const G1> points);

}  // namespace ll::algebra
