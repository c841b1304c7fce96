#pragma once
#include "halo2/expression.hpp"

namespace ll::gadgets {

/// Vector-matrix products by one random combination of the columns: x = b W for a fixed matrix W of m columns.
///
/// With a challenge gamma squeezed after b is committed (x is public or committed too), compare
///
///     sum_q gamma^{m-1-q} x_q = sum_i b_i u_i,    u_i = sum_q gamma^{m-1-q} W_iq,
///
/// m + N m / 2 rows (two constants a row) in place of the N m products of the matrix. Both sums over q are Horner runs
/// down one advice column:
///
///   | F0      | F1        | column     |
///   | W_i0    | W_i1      |            |   "start"  next = F0 gamma + F1                  degree 1
///   | W_i2    | W_i3      | u after 2  |   "step"   next = (cur gamma + F0) gamma + F1    degree 1
///   |         |           | u after 4  |
///
/// Soundness: if x_q != (b W)_q for some q, the two sides are different polynomials in gamma of degree < m, equal at a
/// random gamma with probability <= (m - 1) / r. Several products with one matrix are checked at once by combining them
/// with powers of a second challenge. Source: Freivalds, "Probabilistic machines can use less running time" (1977).
///
/// One Horner step: acc gamma + coefficient. `Value` is Fr in the prover and Expression in a gate.
template <class Value>
Value horner_step(const Value& accumulator, const Value& gamma, const Value& coefficient) {
  return accumulator * gamma + coefficient;
}

}  // namespace ll::gadgets
