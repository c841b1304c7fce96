#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "algebra/fr.hpp"
#include "algebra/g1.hpp"
#include "algebra/kernels.hpp"
#include "algebra/line_vector.hpp"

namespace ll::algebra {

/// The transform between the coefficients of a polynomial of degree < n = 2^k and its values at omega^i, i = 0..n-1,
/// both in natural order; omega = ROOT_OF_UNITY^(2^(28-k)). Holds n twiddle factors. Threaded; results do not depend on
/// the number of threads.
///
/// All transforms work in place on exactly n elements and throw Error{invalid_argument} for another size.
class NttDomain {
 public:
  /// Throws Error{invalid_argument} for log_size > 28.
  explicit NttDomain(unsigned log_size);

  unsigned log_size() const noexcept { return log_size_; }
  std::size_t size() const noexcept { return std::size_t{1} << log_size_; }
  const Fr& omega() const noexcept { return omega_; }
  const Fr& omega_inverse() const noexcept { return omega_inverse_; }
  /// 1/n.
  const Fr& size_inverse() const noexcept { return size_inverse_; }

  /// Coefficients to values at omega^i.
  void ntt(std::span<Fr> values) const;
  /// Values at omega^i to coefficients; the factor 1/n is included.
  void intt(std::span<Fr> values) const;
  /// Coefficients to values at shift·omega^i.
  void coset_ntt(std::span<Fr> values, const Fr& shift) const;
  /// Values at shift·omega^i to coefficients; shift != 0.
  void coset_intt(std::span<Fr> values, const Fr& shift) const;

 private:
  void to_bit_reversed_values(std::span<Fr> values) const;
  /// By lanes_: at shift·omega^i (shift 1 for nullptr); with `factor`, 16 times it, backwards and multiplied.
  void transform_in_lanes(std::span<Fr> values, const Fr* shift, const Fr* factor) const;
  void check_size(std::size_t size) const;

  unsigned log_size_;
  Fr omega_, omega_inverse_, size_inverse_;
  /// twiddles_[h + j] = (primitive 2h-th root)^j for h = 1, 2, 4, ..., n/2 and j < h; entry 0 is not used.
  std::vector<Fr> twiddles_;
  /// The same for the kernels in lanes, where they are used: all but the first few as vectors, those as elements.
  const kernels::Table* lanes_ = nullptr;
  LineVector<std::uint64_t> lane_twiddles_;
  std::vector<Fr> lane_roots_;
};

/// values[i] *= factor·base^i.
void scale_by_powers(std::span<Fr> values, const Fr& base, const Fr& factor = Fr::one());

/// [s^i]_1 for i < n to [l_i(s)]_1, l_i the Lagrange basis over the powers of omega: the inverse transform over points.
/// Throws Error{invalid_argument} unless the size is a power of two up to 2^28.
std::vector<G1Affine> to_lagrange_bases(std::span<const G1Affine> monomial);

}  // namespace ll::algebra
