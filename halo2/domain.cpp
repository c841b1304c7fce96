#include "halo2/domain.hpp"

#include "base/error.hpp"

namespace ll::halo2 {

unsigned EvaluationDomain::extended_k(unsigned k, std::size_t degree) {
  unsigned extended = k;
  while ((std::size_t{1} << extended) < (std::size_t{1} << k) * (degree - 1)) ++extended;
  LL_CHECK(extended <= algebra::kTwoAdicity, "domain: k = {} with degree {} needs 2^{} points, F_r has 2^{}", k, degree,
           extended, algebra::kTwoAdicity);
  return extended;
}

EvaluationDomain::EvaluationDomain(unsigned k, std::size_t degree)
    : k_(k),
      extended_k_(extended_k(k, degree)),
      quotient_pieces_(degree - 1),
      omega_(algebra::fr_root_of_unity_of_order_log2(k)),
      omega_inverse_(omega_.inverse().value()) {}

Fr EvaluationDomain::rotate(const Fr& x, int rotation) const {
  const Fr& base = rotation >= 0 ? omega_ : omega_inverse_;
  return x * base.pow_vartime(static_cast<std::uint64_t>(rotation >= 0 ? rotation : -rotation));
}

std::vector<Fr> EvaluationDomain::lagrange_at(const Fr& x, int first, std::size_t count) const {
  // l_i(x) = omega^i (x^n - 1) / (n (x - omega^i))
  std::vector<Fr> power(count), value(count);
  Fr omega_i = rotate(Fr::one(), first);
  for (std::size_t i = 0; i < count; ++i) {
    power[i] = omega_i;
    value[i] = x - omega_i;
    omega_i *= omega();
  }
  algebra::batch_inverse_vartime(std::span<Fr>(value));
  const Fr common = (x.pow_vartime(n()) - Fr::one()) * Fr::from_u64(n()).inverse().value();
  for (std::size_t i = 0; i < count; ++i) value[i] *= power[i] * common;
  return value;
}

}  // namespace ll::halo2
