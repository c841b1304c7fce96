#include "algebra/curve.hpp"

#include "algebra/batch_inverse.hpp"
#include "algebra/g1.hpp"
#include "algebra/g2.hpp"
#include "algebra/glv.hpp"
#include "base/parallel.hpp"

namespace ll::algebra {
namespace {

constexpr std::size_t kToAffineGrain = 1024;

template <class Curve>
std::vector<AffinePoint<Curve>> to_affine_all(std::span<const JacobianPoint<Curve>> points) {
  std::vector<AffinePoint<Curve>> out(points.size());
  parallel_for(points.size(), kToAffineGrain, [&](std::size_t begin, std::size_t end) {
    std::vector<typename Curve::Field> inverses(end - begin);
    for (std::size_t i = begin; i < end; ++i) inverses[i - begin] = points[i].z();
    batch_inverse_serial_vartime(std::span(inverses));
    for (std::size_t i = begin; i < end; ++i) out[i] = points[i].to_affine(inverses[i - begin]);
  });
  return out;
}

}  // namespace

template <class Curve>
JacobianPoint<Curve> JacobianPoint<Curve>::mul_vartime(std::span<const std::uint64_t> integer) const {
  std::array<JacobianPoint, 8> odd;  // 1, 3, ..., 15 times this
  odd[0] = *this;
  const JacobianPoint twice = doubled();
  for (int i = 1; i < 8; ++i) odd[i] = odd[i - 1] + twice;
  const std::vector<std::int8_t> digits = wnaf(integer, 5);
  JacobianPoint sum;
  for (std::size_t i = digits.size(); i-- > 0;) {
    sum = sum.doubled();
    if (digits[i] > 0) sum += odd[digits[i] / 2];
    if (digits[i] < 0) sum -= odd[-digits[i] / 2];
  }
  return sum;
}

template <class Curve>
JacobianPoint<Curve> JacobianPoint<Curve>::mul_vartime(const Fr& scalar) const {
  return mul_vartime(scalar.canonical_limbs());
}

template <class Curve>
bool AffinePoint<Curve>::is_in_subgroup() const {
  if (!is_on_curve()) return false;
  return Curve::kCofactorIsOne || JacobianPoint<Curve>(*this).mul_vartime(Fr::kModulus).is_identity();
}

template struct AffinePoint<G1Curve>;
template class JacobianPoint<G1Curve>;
template struct AffinePoint<G2Curve>;
template class JacobianPoint<G2Curve>;

std::vector<G1Affine> batch_to_affine(std::span<const G1> points) { return to_affine_all(points); }
std::vector<G2Affine> batch_to_affine(std::span<const G2> points) { return to_affine_all(points); }

const Fq2& G2Curve::b() noexcept {
  static const Fq2 value = *Fq2{Fq::from_u64(9), Fq::one()}.inverse() * Fq::from_u64(3);
  return value;
}

const AffinePoint<G2Curve>& G2Curve::generator() noexcept {
  static const AffinePoint<G2Curve> value = [] {
    const auto fq = [](const Limbs& limbs) { return *Fq::from_canonical_limbs(limbs); };
    AffinePoint<G2Curve> point;
    point.x.c0 = fq("0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"_limbs);
    point.x.c1 = fq("0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"_limbs);
    point.y.c0 = fq("0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa"_limbs);
    point.y.c1 = fq("0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"_limbs);
    return point;
  }();
  return value;
}

}  // namespace ll::algebra
