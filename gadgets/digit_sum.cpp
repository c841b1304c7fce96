#include "gadgets/digit_sum.hpp"

#include "base/error.hpp"

namespace ll::gadgets {

using halo2::Expression;
using halo2::Fr;

namespace {

/// floor(value / 2^(width j)), j = 0 .. digits.
std::vector<Fr> running_sum(const Fr& value, unsigned digits, unsigned width) {
  std::vector<Fr> z{value};
  algebra::Limbs limbs = value.canonical_limbs();
  for (unsigned j = 0; j < digits; ++j) {
    for (std::size_t i = 0; i < 4; ++i) limbs[i] = limbs[i] >> width | (i < 3 ? limbs[i + 1] << (64 - width) : 0);
    z.push_back(*Fr::from_canonical_limbs(limbs));  // a part of a canonical integer is canonical
  }
  return z;
}

}  // namespace

Expression digit_constraint(const Expression& z, const Expression& z_next) {
  const Expression digit = z - z_next * Fr::from_u64(4);
  Expression product = digit;
  for (std::uint64_t d = 1; d <= 3; ++d) product = product * (digit - Expression::constant(Fr::from_u64(d)));
  return product;
}

Expression bit_constraint(const Expression& z, const Expression& z_next) {
  const Expression bit = z - z_next * Fr::from_u64(2);
  return bit * (bit - Expression::constant(Fr::one()));
}

std::vector<Fr> digit_sum(const Fr& value, unsigned digits) {
  LL_CHECK(digits <= 126, "digit sum: {} digits of 2 bits, at most 126 fit below r", digits);
  return running_sum(value, digits, 2);
}

std::vector<Fr> bit_sum(const Fr& value, unsigned bits) {
  LL_CHECK(bits <= 252, "bit sum: {} bits, at most 252 fit below r", bits);
  return running_sum(value, bits, 1);
}

}  // namespace ll::gadgets
