#pragma once
#include <span>
#include <vector>

#include "algebra/fr.hpp"

// Polynomials over F_r as spans of coefficients, constant term first.
namespace ll::algebra {

/// sum coefficients[i]·x^i; threaded for long spans.
Fr evaluate(std::span<const Fr> coefficients, const Fr& x);

struct LinearQuotient {
  std::vector<Fr> quotient;  ///< one coefficient fewer than the dividend
  Fr remainder;              ///< the dividend's value at the root
};

/// Division by (X - root): dividend = quotient·(X - root) + remainder.
LinearQuotient divide_by_linear_with_remainder(std::span<const Fr> coefficients, const Fr& root);
/// Only the quotient, for dividends known to vanish at the root (and for KZG openings, which subtract the value).
std::vector<Fr> divide_by_linear(std::span<const Fr> coefficients, const Fr& root);

/// The polynomial of degree < points.size() with these values; quadratic time. Throws Error{invalid_argument} when the
/// sizes differ or two points are equal.
std::vector<Fr> lagrange_interpolate(std::span<const Fr> points, std::span<const Fr> values);

/// target += factor·source. Throws Error{invalid_argument} when source is longer than target.
void add_scaled(std::span<Fr> target, std::span<const Fr> source, const Fr& factor);

}  // namespace ll::algebra
