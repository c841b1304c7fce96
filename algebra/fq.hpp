#pragma once
#include "algebra/field.hpp"

namespace ll::algebra {

struct FqParams {
  static constexpr Limbs kModulus = "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47"_limbs;
};

/// The BN254 base field, of order q = 3 mod 4: coordinates of points. Constants: docs/bn254.md.
using Fq = PrimeField<FqParams>;
extern template class PrimeField<FqParams>;

}  // namespace ll::algebra
