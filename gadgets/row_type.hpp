#pragma once
#include <initializer_list>

#include "halo2/expression.hpp"

namespace ll::gadgets {

/// Switches a gate on in the rows where the fixed column `type`, with values 0 .. largest, holds `value`: the product
/// of (type - u) over all u != value, u ascending, degree `largest`.
///
///   | type |   one fixed column tells largest + 1 kinds of rows apart, so it serves several gates;
///   |  v   |   the polynomial is zero on every other kind and value!·(largest - value)!·(+-1) on this one
///
/// A row that nothing is written to has type 0, blinding rows too: never use value 0 for a gate.
/// Soundness: the column is fixed, so a prover has no say in it; the factor on the rows of this kind is not zero in
/// F_r. Throws Error{invalid_argument} unless 1 <= value <= largest.
halo2::Expression row_is(const halo2::Expression& type, unsigned value, unsigned largest);

/// The same for rows of several kinds: the product of (type - u) over all u that are none of `values`, degree
/// largest + 1 - number of values. Throws Error{invalid_argument} unless each value is in 1 .. largest.
halo2::Expression row_is_any(const halo2::Expression& type, std::initializer_list<unsigned> values, unsigned largest);

}  // namespace ll::gadgets
