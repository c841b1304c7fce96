#pragma once
#include <vector>

#include "halo2/expression.hpp"

namespace ll::gadgets {

/// Range check 0 <= v < 4^m by a running sum of 2-bit digits, straight down one advice column:
///
///   | row | column       | kind of row |
///   |  0  | z_0 = v      | digit       |   z_{j+1} = (z_j - d_j) / 4 with the digit d_j in {0, 1, 2, 3}
///   |  1  | z_1          | digit       |
///   | ... |              | digit       |
///   |  m  | z_m = 0      | end         |
///
///   "digit"  z (z - 1)(z - 2)(z - 3) = 0, z = z_j - 4 z_{j+1}    degree 4
///   "end"    z_m = 0                                            degree 1
///
/// Soundness: the digit rows give v = sum_j d_j 4^j + 4^m z_m in F_r and the end row removes the last term, so v equals
/// an integer of [0, 4^m), which is unique while 4^m <= r, m <= 126. The rows are forced by the caller's row types.
/// No lookup table: a range costs m + 1 rows and no column, commitment or evaluation. Spec: docs/circuits/update.md.
halo2::Expression digit_constraint(const halo2::Expression& z, const halo2::Expression& z_next);

/// The same with digits of one bit, where a gate has no degree left: z (z - 1) = 0 with z = z_j - 2 z_{j+1}, degree 2;
/// 0 <= v < 2^m for m <= 252.
halo2::Expression bit_constraint(const halo2::Expression& z, const halo2::Expression& z_next);

/// z_0 .. z_digits of `value`: floor(value / 4^j), value as an integer in [0, r). The last is zero exactly when the
/// value is in range; nothing branches on the value. Throws Error{invalid_argument} for more than 126 digits.
std::vector<halo2::Fr> digit_sum(const halo2::Fr& value, unsigned digits);
/// The same for bits: floor(value / 2^j), j = 0 .. bits. Throws Error{invalid_argument} for more than 252 bits.
std::vector<halo2::Fr> bit_sum(const halo2::Fr& value, unsigned bits);

}  // namespace ll::gadgets
