#pragma once
#include <optional>
#include <span>

#include "algebra/fq.hpp"

namespace ll::algebra {

/// c0 + c1·u in F_q² = F_q[u]/(u² + 1). The non-residue that builds the tower above it is xi = 9 + u.
struct Fq2 {
  Fq c0, c1;

  static constexpr Fq2 zero() noexcept { return {}; }
  static constexpr Fq2 one() noexcept { return {Fq::one(), Fq()}; }
  constexpr bool is_zero() const noexcept { return c0.is_zero() && c1.is_zero(); }

  friend constexpr Fq2 operator+(const Fq2& a, const Fq2& b) noexcept { return {a.c0 + b.c0, a.c1 + b.c1}; }
  friend constexpr Fq2 operator-(const Fq2& a, const Fq2& b) noexcept { return {a.c0 - b.c0, a.c1 - b.c1}; }
  friend constexpr Fq2 operator*(const Fq2& a, const Fq2& b) noexcept {  // Karatsuba
    const Fq low = a.c0 * b.c0, high = a.c1 * b.c1;
    return {low - high, (a.c0 + a.c1) * (b.c0 + b.c1) - low - high};
  }
  friend constexpr Fq2 operator*(const Fq2& a, const Fq& b) noexcept { return {a.c0 * b, a.c1 * b}; }
  constexpr Fq2 operator-() const noexcept { return {-c0, -c1}; }
  constexpr Fq2& operator+=(const Fq2& other) noexcept { return *this = *this + other; }
  constexpr Fq2& operator-=(const Fq2& other) noexcept { return *this = *this - other; }
  constexpr Fq2& operator*=(const Fq2& other) noexcept { return *this = *this * other; }
  friend constexpr bool operator==(const Fq2& a, const Fq2& b) noexcept { return a.c0 == b.c0 && a.c1 == b.c1; }

  constexpr Fq2 square() const noexcept { return {(c0 + c1) * (c0 - c1), (c0 * c1).doubled()}; }
  constexpr Fq2 doubled() const noexcept { return {c0.doubled(), c1.doubled()}; }
  /// The q-th power.
  constexpr Fq2 conjugate() const noexcept { return {c0, -c1}; }
  /// xi times this: (9·c0 - c1) + (c0 + 9·c1)·u.
  constexpr Fq2 times_xi() const noexcept {
    const Fq2 eight = doubled().doubled().doubled();
    return {eight.c0 + c0 - c1, eight.c1 + c1 + c0};
  }
  /// nullopt for zero.
  std::optional<Fq2> inverse() const noexcept;
  Fq2 pow_vartime(std::span<const std::uint64_t> exponent) const noexcept;
  /// One of the two square roots; nullopt for a non-square.
  std::optional<Fq2> sqrt_vartime() const noexcept;
};

/// c0 + c1·v + c2·v² in F_q⁶ = F_q²[v]/(v³ - xi).
struct Fq6 {
  Fq2 c0, c1, c2;

  static constexpr Fq6 one() noexcept { return {Fq2::one(), Fq2(), Fq2()}; }
  constexpr bool is_zero() const noexcept { return c0.is_zero() && c1.is_zero() && c2.is_zero(); }
  friend constexpr Fq6 operator+(const Fq6& a, const Fq6& b) noexcept {
    return {a.c0 + b.c0, a.c1 + b.c1, a.c2 + b.c2};
  }
  friend constexpr Fq6 operator-(const Fq6& a, const Fq6& b) noexcept {
    return {a.c0 - b.c0, a.c1 - b.c1, a.c2 - b.c2};
  }
  friend Fq6 operator*(const Fq6& a, const Fq6& b) noexcept;
  friend constexpr bool operator==(const Fq6& a, const Fq6& b) noexcept {
    return a.c0 == b.c0 && a.c1 == b.c1 && a.c2 == b.c2;
  }
  constexpr Fq6 operator-() const noexcept { return {-c0, -c1, -c2}; }
  /// v times this.
  constexpr Fq6 times_v() const noexcept { return {c2.times_xi(), c0, c1}; }
  /// This times b0 + b1·v: 5 products instead of 6.
  Fq6 times_sparse(const Fq2& b0, const Fq2& b1) const noexcept;
  std::optional<Fq6> inverse() const noexcept;
};

/// c0 + c1·w in F_q¹² = F_q⁶[w]/(w² - v): the field in which pairings take their values.
struct Fq12 {
  Fq6 c0, c1;

  static constexpr Fq12 one() noexcept { return {Fq6::one(), Fq6()}; }
  constexpr bool is_zero() const noexcept { return c0.is_zero() && c1.is_zero(); }
  friend Fq12 operator*(const Fq12& a, const Fq12& b) noexcept;
  Fq12& operator*=(const Fq12& other) noexcept { return *this = *this * other; }
  friend constexpr bool operator==(const Fq12& a, const Fq12& b) noexcept { return a.c0 == b.c0 && a.c1 == b.c1; }
  Fq12 square() const noexcept;
  /// The q⁶-th power; the inverse of an element whose norm over F_q⁶ is one (all pairing values).
  constexpr Fq12 conjugate() const noexcept { return {c0, -c1}; }
  /// The q^power-th power, power = 1, 2 or 3.
  Fq12 frobenius(int power) const noexcept;
  /// The square of an element of the cyclotomic subgroup (order q⁴ - q² + 1), about half the cost of square().
  /// Source: Granger, Scott, "Faster Squaring in the Cyclotomic Subgroup of Sixth Degree Extensions", section 3.2.
  Fq12 cyclotomic_square() const noexcept;
  Fq12 pow_vartime(std::span<const std::uint64_t> exponent) const noexcept;
  std::optional<Fq12> inverse() const noexcept;
};

/// xi^(i·(q-1)/6) for i = 0..5: w^i goes to this times w^i under the q-th power (with the coefficient conjugated).
const Fq2& frobenius_coefficient(int i) noexcept;

}  // namespace ll::algebra
