#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "algebra/g1.hpp"

namespace ll::algebra {

/// G1 has a cheap endomorphism (x, y) -> (beta·x, y) that multiplies by lambda, a cube root of one mod r. So k·P is
/// a·P + b·(lambda·P) with a, b of half the length. Source: Gallant, Lambert, Vanstone, CRYPTO 2001, sections 2 and 4;
/// constants: tools/derive_bn254.py.
struct GlvScalar {
  std::array<std::uint64_t, 2> a, b;  ///< magnitudes below 2^127
  bool a_negative = false, b_negative = false;
};

/// k = a + b·lambda mod r.
GlvScalar glv_decompose(const Fr& k);
Fr glv_lambda();
const Fq& glv_beta();

/// Digits d_i with |d_i| < 2^(width-1), odd or zero, integer = sum d_i·2^i, non-zero ones at least `width` apart; one
/// digit more than the integer has bits. width in 2..7.
std::vector<std::int8_t> wnaf(std::span<const std::uint64_t> integer, unsigned width);

}  // namespace ll::algebra
