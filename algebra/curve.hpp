#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "algebra/fr.hpp"

namespace ll::algebra {

/// Point of y² = x³ + b over Curve::Field in affine form; x = y = 0 stands for the identity (b != 0, so it is no
/// point).
template <class Curve>
struct AffinePoint {
  using Field = typename Curve::Field;
  Field x, y;

  static constexpr AffinePoint identity() noexcept { return {}; }
  /// The agreed generator of the subgroup of order r.
  static AffinePoint generator() noexcept { return Curve::generator(); }
  constexpr bool is_identity() const noexcept { return x.is_zero() && y.is_zero(); }
  /// True for the identity too.
  bool is_on_curve() const noexcept { return is_identity() || y.square() == x.square() * x + Curve::b(); }
  /// True when the point is on the curve and r times it is the identity.
  bool is_in_subgroup() const;
  constexpr AffinePoint operator-() const noexcept { return {x, -y}; }
  friend constexpr bool operator==(const AffinePoint& a, const AffinePoint& b) noexcept {
    return a.x == b.x && a.y == b.y;
  }
};

/// The same in Jacobian form: (X, Y, Z) is (X/Z², Y/Z³), the identity has Z = 0.
///
/// Sums branch on the exceptional cases (identity, equal, opposite), so they are complete but not constant time.
template <class Curve>
class JacobianPoint {
 public:
  using Field = typename Curve::Field;
  using Affine = AffinePoint<Curve>;

  JacobianPoint() noexcept : x_(Field::one()), y_(Field::one()) {}  // identity
  JacobianPoint(const Affine& point) noexcept                       // NOLINT: implicit, no information is lost
      : x_(point.x), y_(point.y), z_(point.is_identity() ? Field() : Field::one()) {}
  static JacobianPoint identity() noexcept { return {}; }
  static JacobianPoint generator() noexcept { return Affine::generator(); }

  bool is_identity() const noexcept { return z_.is_zero(); }
  JacobianPoint operator-() const noexcept {
    JacobianPoint out = *this;
    out.y_ = -y_;
    return out;
  }

  /// dbl-2009-l of hyperelliptic.org/EFD (a = 0).
  JacobianPoint doubled() const noexcept {
    const Field a = x_.square(), b = y_.square(), c = b.square();
    const Field d = ((x_ + b).square() - a - c).doubled();
    const Field e = a.doubled() + a, f = e.square();
    JacobianPoint out;
    out.x_ = f - d.doubled();
    out.z_ = (y_ * z_).doubled();
    out.y_ = e * (d - out.x_) - c.doubled().doubled().doubled();
    return out;
  }

  /// add-2007-bl of hyperelliptic.org/EFD.
  friend JacobianPoint operator+(const JacobianPoint& p, const JacobianPoint& q) noexcept {
    if (p.is_identity()) return q;
    if (q.is_identity()) return p;
    const Field z1z1 = p.z_.square(), z2z2 = q.z_.square();
    const Field u1 = p.x_ * z2z2, u2 = q.x_ * z1z1;
    const Field s1 = p.y_ * q.z_ * z2z2, s2 = q.y_ * p.z_ * z1z1;
    if (u1 == u2) return s1 == s2 ? p.doubled() : JacobianPoint();
    const Field h = u2 - u1, i = h.doubled().square(), j = h * i;
    const Field r = (s2 - s1).doubled(), v = u1 * i;
    JacobianPoint out;
    out.x_ = r.square() - j - v.doubled();
    out.y_ = r * (v - out.x_) - (s1 * j).doubled();
    out.z_ = ((p.z_ + q.z_).square() - z1z1 - z2z2) * h;
    return out;
  }

  /// madd-2007-bl of hyperelliptic.org/EFD.
  friend JacobianPoint operator+(const JacobianPoint& p, const Affine& q) noexcept {
    if (q.is_identity()) return p;
    if (p.is_identity()) return q;
    const Field z1z1 = p.z_.square();
    const Field u2 = q.x * z1z1, s2 = q.y * p.z_ * z1z1;
    if (p.x_ == u2) return p.y_ == s2 ? p.doubled() : JacobianPoint();
    const Field h = u2 - p.x_, hh = h.square(), i = hh.doubled().doubled(), j = h * i;
    const Field r = (s2 - p.y_).doubled(), v = p.x_ * i;
    JacobianPoint out;
    out.x_ = r.square() - j - v.doubled();
    out.y_ = r * (v - out.x_) - (p.y_ * j).doubled();
    out.z_ = (p.z_ + h).square() - z1z1 - hh;
    return out;
  }

  friend JacobianPoint operator+(const Affine& p, const JacobianPoint& q) noexcept { return q + p; }
  friend JacobianPoint operator-(const JacobianPoint& p, const JacobianPoint& q) noexcept { return p + -q; }
  friend JacobianPoint operator-(const JacobianPoint& p, const Affine& q) noexcept { return p + -q; }
  JacobianPoint& operator+=(const JacobianPoint& other) noexcept { return *this = *this + other; }
  JacobianPoint& operator+=(const Affine& other) noexcept { return *this = *this + other; }
  JacobianPoint& operator-=(const JacobianPoint& other) noexcept { return *this = *this - other; }

  friend bool operator==(const JacobianPoint& p, const JacobianPoint& q) noexcept {
    if (p.is_identity() || q.is_identity()) return p.is_identity() == q.is_identity();
    const Field z1z1 = p.z_.square(), z2z2 = q.z_.square();
    return p.x_ * z2z2 == q.x_ * z1z1 && p.y_ * z2z2 * q.z_ == q.y_ * z1z1 * p.z_;
  }

  /// scalar times this point; time depends on the scalar.
  JacobianPoint mul_vartime(const Fr& scalar) const;
  /// The same for an integer in 64-bit words, least significant first, not reduced mod r.
  JacobianPoint mul_vartime(std::span<const std::uint64_t> integer) const;
  friend JacobianPoint operator*(const JacobianPoint& p, const Fr& scalar) { return p.mul_vartime(scalar); }
  friend JacobianPoint operator*(const Fr& scalar, const JacobianPoint& p) { return p.mul_vartime(scalar); }

  /// One inversion; for many points batch_to_affine.
  Affine to_affine() const noexcept {
    if (is_identity()) return {};
    const Field inverse = *z_.inverse(), square = inverse.square();
    return {x_ * square, y_ * square * inverse};
  }

  const Field& z() const noexcept { return z_; }
  /// The point whose affine x is beta times this one's: the endomorphism of glv.hpp.
  JacobianPoint with_x_times(const Field& beta) const noexcept {
    JacobianPoint out = *this;
    out.x_ *= beta;
    return out;
  }
  /// The affine form, given 1/z (anything for the identity).
  Affine to_affine(const Field& inverse_z) const noexcept {
    if (is_identity()) return {};
    const Field square = inverse_z.square();
    return {x_ * square, y_ * square * inverse_z};
  }

 private:
  Field x_, y_, z_;
};

}  // namespace ll::algebra
