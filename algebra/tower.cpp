#include "algebra/tower.hpp"

#include <array>
#include <cassert>

namespace ll::algebra {
namespace {

template <class Field>
Field power(const Field& base, std::span<const std::uint64_t> exponent) noexcept {
  Field result = Field::one();
  for (unsigned i = bit_length(exponent); i-- > 0;) {
    result = result.square();
    if ((exponent[i / 64] >> (i % 64) & 1) != 0) result *= base;
  }
  return result;
}

/// (q - 1)/6 by long division from the top word.
Limbs sixth_of_q_minus_one() {
  Limbs quotient = Fq::kModulus;
  quotient[0] -= 1;
  u128 remainder = 0;
  for (int i = 3; i >= 0; --i) {
    const u128 part = remainder << 64 | quotient[i];
    quotient[i] = static_cast<std::uint64_t>(part / 6);
    remainder = part % 6;
  }
  assert(remainder == 0);
  return quotient;
}

/// The coefficients of w^0, w^1, ..., w^5 of an element: w² = v.
std::array<Fq2, 6> by_powers_of_w(const Fq12& a) { return {a.c0.c0, a.c1.c0, a.c0.c1, a.c1.c1, a.c0.c2, a.c1.c2}; }
Fq12 from_powers_of_w(const std::array<Fq2, 6>& z) { return {{z[0], z[2], z[4]}, {z[1], z[3], z[5]}}; }

}  // namespace

std::optional<Fq2> Fq2::inverse() const noexcept {
  const std::optional<Fq> norm_inverse = (c0.square() + c1.square()).inverse();
  if (!norm_inverse) return std::nullopt;
  return Fq2{c0 * *norm_inverse, -(c1 * *norm_inverse)};
}

Fq2 Fq2::pow_vartime(std::span<const std::uint64_t> exponent) const noexcept { return power(*this, exponent); }

std::optional<Fq2> Fq2::sqrt_vartime() const noexcept {
  if (c1.is_zero()) {
    if (const auto root = c0.sqrt_vartime()) return Fq2{*root, Fq()};
    return Fq2{Fq(), *(-c0).sqrt_vartime()};  // -1 is a non-square, so one of c0, -c0 is a square
  }
  // (x0 + x1·u)² = c0 + c1·u with x0² = (c0 ± |c|)/2, |c|² = c0² + c1², and 2·x0·x1 = c1.
  const auto norm_root = (c0.square() + c1.square()).sqrt_vartime();
  if (!norm_root) return std::nullopt;
  const Fq half = *Fq::from_u64(2).inverse();
  auto x0 = ((c0 + *norm_root) * half).sqrt_vartime();
  if (!x0) x0 = ((c0 - *norm_root) * half).sqrt_vartime();
  if (!x0) return std::nullopt;
  return Fq2{*x0, c1 * *x0->doubled().inverse()};  // x0 != 0 since c1 != 0
}

Fq6 operator*(const Fq6& a, const Fq6& b) noexcept {  // Karatsuba, 6 products
  const Fq2 p0 = a.c0 * b.c0, p1 = a.c1 * b.c1, p2 = a.c2 * b.c2;
  return {((a.c1 + a.c2) * (b.c1 + b.c2) - p1 - p2).times_xi() + p0,
          (a.c0 + a.c1) * (b.c0 + b.c1) - p0 - p1 + p2.times_xi(), (a.c0 + a.c2) * (b.c0 + b.c2) - p0 - p2 + p1};
}

Fq6 Fq6::times_sparse(const Fq2& b0, const Fq2& b1) const noexcept {
  const Fq2 p0 = c0 * b0, p1 = c1 * b1;
  return {(c2 * b1).times_xi() + p0, (c0 + c1) * (b0 + b1) - p0 - p1, c2 * b0 + p1};
}

std::optional<Fq6> Fq6::inverse() const noexcept {  // by the adjugate of the multiplication matrix
  const Fq2 t0 = c0.square() - (c1 * c2).times_xi();
  const Fq2 t1 = c2.square().times_xi() - c0 * c1;
  const Fq2 t2 = c1.square() - c0 * c2;
  const auto norm_inverse = (c0 * t0 + (c2 * t1 + c1 * t2).times_xi()).inverse();
  if (!norm_inverse) return std::nullopt;
  return Fq6{t0 * *norm_inverse, t1 * *norm_inverse, t2 * *norm_inverse};
}

Fq12 operator*(const Fq12& a, const Fq12& b) noexcept {
  const Fq6 low = a.c0 * b.c0, high = a.c1 * b.c1;
  return {low + high.times_v(), (a.c0 + a.c1) * (b.c0 + b.c1) - low - high};
}

Fq12 Fq12::square() const noexcept {
  const Fq6 product = c0 * c1;
  return {(c0 + c1) * (c0 + c1.times_v()) - product - product.times_v(), product + product};
}

Fq12 Fq12::frobenius(int power) const noexcept {
  assert(power >= 1 && power <= 3);
  std::array<Fq2, 6> z = by_powers_of_w(*this);
  for (int step = 0; step < power; ++step) {
    for (int i = 0; i < 6; ++i) z[i] = z[i].conjugate() * frobenius_coefficient(i);
  }
  return from_powers_of_w(z);
}

Fq12 Fq12::cyclotomic_square() const noexcept {
  // (a + b·y)² in F_q⁴ = F_q²[y]/(y² - xi), y = w³
  const auto square_fq4 = [](const Fq2& a, const Fq2& b, Fq2& even, Fq2& odd) {
    const Fq2 product = a * b;
    even = (a + b) * (b.times_xi() + a) - product - product.times_xi();
    odd = product.doubled();
  };
  const auto three_minus_two = [](const Fq2& t, const Fq2& z) { return (t - z).doubled() + t; };
  const auto three_plus_two = [](const Fq2& t, const Fq2& z) { return (t + z).doubled() + t; };
  Fq2 t0, t1, t2, t3, t4, t5;
  square_fq4(c0.c0, c1.c1, t0, t1);
  square_fq4(c1.c0, c0.c2, t2, t3);
  square_fq4(c0.c1, c1.c2, t4, t5);
  return {{three_minus_two(t0, c0.c0), three_minus_two(t2, c0.c1), three_minus_two(t4, c0.c2)},
          {three_plus_two(t5.times_xi(), c1.c0), three_plus_two(t1, c1.c1), three_plus_two(t3, c1.c2)}};
}

Fq12 Fq12::pow_vartime(std::span<const std::uint64_t> exponent) const noexcept { return power(*this, exponent); }

std::optional<Fq12> Fq12::inverse() const noexcept {
  const auto norm_inverse = (c0 * c0 - (c1 * c1).times_v()).inverse();
  if (!norm_inverse) return std::nullopt;
  return Fq12{c0 * *norm_inverse, -(c1 * *norm_inverse)};
}

const Fq2& frobenius_coefficient(int i) noexcept {
  static const std::array<Fq2, 6> coefficients = [] {
    const Fq2 xi{Fq::from_u64(9), Fq::one()};
    const Fq2 base = xi.pow_vartime(sixth_of_q_minus_one());
    std::array<Fq2, 6> out;
    out[0] = Fq2::one();
    for (int j = 1; j < 6; ++j) out[j] = out[j - 1] * base;
    return out;
  }();
  return coefficients[i];
}

}  // namespace ll::algebra
