// G1 sums, scalar products, multi-scalar products and transforms against their definitions, with scalars and points
// chosen for collisions: equal and opposite points, infinity, zero, one, r - 1, all-ones windows.
#include "algebra/curve.hpp"
#include "algebra/fr.hpp"
#include "algebra/g1.hpp"
#include "algebra/msm.hpp"
#include "algebra/ntt.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace ll::algebra {
namespace {

using fuzz::Input;
using fuzz::require;

Fr scalar_from(Input& input) {
  const std::uint8_t kind = input.byte();
  switch (kind % 7) {
    case 0:
      return Fr::zero();
    case 1:
      return Fr::one();
    case 2:
      return Fr::from_i64(-1 - static_cast<std::int64_t>(kind / 7));
    case 3:
      return Fr::from_u64(2).pow_vartime(input.byte());
    case 4:
      return Fr::from_u64(2).pow_vartime(input.byte()) - Fr::one();
    case 5:
      return Fr::from_u64(input.byte());
    default: {
      std::array<std::uint8_t, 64> wide{};
      for (auto& b : wide) b = input.byte();
      return Fr::from_uniform_bytes(wide);
    }
  }
}

/// Double and add over the bits of the canonical integer: the definition.
G1 slow_multiple(const G1Affine& point, const Fr& scalar) {
  const auto limbs = scalar.canonical_limbs();
  G1 sum;
  for (int bit = 255; bit >= 0; --bit) {
    sum = sum.doubled();
    if ((limbs[static_cast<std::size_t>(bit / 64)] >> (bit % 64) & 1) != 0) sum = sum + G1(point);
  }
  return sum;
}

void check_msm(Input& input) {
  const std::size_t count = 1 + input.byte() % 40;
  std::vector<G1Affine> bases;
  std::vector<Fr> scalars;
  G1 expected;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t kind = input.byte();
    if (kind % 5 == 0 && !bases.empty()) {
      bases.push_back(bases[kind % bases.size()]);
    } else if (kind % 5 == 1 && !bases.empty()) {
      bases.push_back(-bases[kind % bases.size()]);
    } else if (kind % 5 == 2) {
      bases.push_back(G1Affine::identity());
    } else {
      bases.push_back(slow_multiple(G1Affine::generator(), Fr::from_u64(kind)).to_affine());
    }
    scalars.push_back(scalar_from(input));
    const G1 product = slow_multiple(bases.back(), scalars.back());
    require(product.to_affine() == (G1(bases.back()) * scalars.back()).to_affine(), "scalar product");
    expected = expected + product;
  }
  require(msm_vartime(bases, scalars).to_affine() == expected.to_affine(), "multi-scalar product");
  G1 sum;
  for (const auto& base : bases) {
    require(base.is_on_curve(), "on the curve");
    sum = sum + G1(base);
  }
  require(sum.is_identity() == sum.to_affine().is_identity(), "infinity");
}

void check_ntt(Input& input) {
  const unsigned k = input.byte() % 6;
  const NttDomain domain(k);
  std::vector<Fr> coefficients;
  for (std::size_t i = 0; i < domain.size(); ++i) coefficients.push_back(scalar_from(input));
  const Fr shift = scalar_from(input);
  std::vector<Fr> values = coefficients, coset = coefficients;
  domain.ntt(values);
  if (!shift.is_zero()) domain.coset_ntt(coset, shift);
  Fr point = Fr::one();
  for (std::size_t i = 0; i < domain.size(); ++i) {
    Fr at_point, at_coset;
    for (std::size_t j = domain.size(); j-- > 0;) {
      at_point = at_point * point + coefficients[j];
      at_coset = at_coset * (point * shift) + coefficients[j];
    }
    require(values[i] == at_point, "transform");
    if (!shift.is_zero()) require(coset[i] == at_coset, "transform over a coset");
    point *= domain.omega();
  }
  domain.intt(values);
  require(values == coefficients, "inverse transform");
  if (!shift.is_zero()) {
    domain.coset_intt(coset, shift);
    require(coset == coefficients, "inverse transform over a coset");
  }
}

}  // namespace
}  // namespace ll::algebra

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ll::fuzz::Input input(data, size);
  if ((input.byte() & 1) != 0) {
    ll::algebra::check_msm(input);
  } else {
    ll::algebra::check_ntt(input);
  }
  return 0;
}
