#pragma once
#include <vector>

#include "algebra/fr.hpp"

namespace ll::halo2 {

using algebra::Fr;

/// The rows' multiplicative group of order n = 2^k and the extended one on which the quotient is computed.
/// Source: halo2_proofs v0.3.0, poly/domain.rs.
class EvaluationDomain {
 public:
  /// `degree` is that of the constraint system; the quotient has degree - 1 pieces of n coefficients.
  EvaluationDomain(unsigned k, std::size_t degree);

  unsigned k() const { return k_; }
  unsigned extended_k() const { return extended_k_; }
  std::size_t n() const { return std::size_t{1} << k_; }
  std::size_t quotient_pieces() const { return quotient_pieces_; }
  const Fr& omega() const { return omega_; }
  /// x omega^rotation.
  Fr rotate(const Fr& x, int rotation) const;
  /// l_i(x) for i in [first, first + count), negative i counting from the end; x must not be a power of omega.
  std::vector<Fr> lagrange_at(const Fr& x, int first, std::size_t count) const;

  static unsigned extended_k(unsigned k, std::size_t degree);

 private:
  unsigned k_, extended_k_;
  std::size_t quotient_pieces_;
  Fr omega_, omega_inverse_;
};

}  // namespace ll::halo2
