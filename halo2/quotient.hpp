#pragma once
#include <vector>

#include "halo2/keygen.hpp"
#include "halo2/numerator.hpp"

namespace ll::halo2 {

/// Coefficients of one circuit's polynomials.
struct CircuitPolynomials {
  std::vector<std::vector<Fr>> advice, instance, permutation_products;
  std::vector<std::vector<Fr>> lookup_products, lookup_inputs, lookup_tables, shuffle_products;
};

/// h(X) = fold of all terms / (X^n - 1), cut into degree - 1 pieces of n coefficients. Evaluates the terms on the
/// cosets that make up the extended domain, one coset of n points at a time. Throws Error{unsatisfied} when the
/// division leaves a remainder, that is when the witness does not satisfy a gate.
std::vector<std::vector<Fr>> quotient_pieces(const ProvingKey& pk, const EvaluationDomain& domain,
                                             const std::vector<const CircuitPolynomials*>& circuits,
                                             const Challenges& challenges);

}  // namespace ll::halo2
