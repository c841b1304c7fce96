#include "halo2/quotient.hpp"

#include <algorithm>

#include "algebra/ntt.hpp"
#include "halo2/row_program.hpp"

namespace ll::halo2 {
namespace {

/// The numerator as a program over coset evaluations; sources are polynomials, loaded under the numbers given here.
class NumeratorProgram : public RowProgram {
 public:
  NumeratorProgram(const ProvingKey& pk, const EvaluationDomain& domain,
                   const std::vector<const CircuitPolynomials*>& circuits)
      : cs_(pk.vk.cs), last_rotation_(-static_cast<int>(cs_.blinding_factors() + 1)) {
    const std::size_t n = domain.n(), usable = cs_.usable_rows(pk.vk.k);
    const algebra::NttDomain rows(pk.vk.k);
    const auto indicator = [&](auto&& is_on) {
      std::vector<Fr> values(n);
      for (std::size_t row = 0; row < n; ++row) values[row] = is_on(row) ? Fr::one() : Fr::zero();
      rows.intt(values);
      return values;
    };
    owned_ = {indicator([](std::size_t row) { return row == 0; }),
              indicator([&](std::size_t row) { return row == usable; }),
              indicator([&](std::size_t row) { return row < usable; }),
              {Fr::zero(), Fr::one()}};
    for (const auto& polynomial : owned_) polynomials.push_back(polynomial);
    fixed_ = add(pk.fixed_polynomials);
    sigma_ = add(pk.sigma_polynomials);
    for (const CircuitPolynomials* c : circuits) {
      at_.push_back({add(c->advice), add(c->instance), add(c->permutation_products), add(c->lookup_products),
                     add(c->lookup_inputs), add(c->lookup_tables), add(c->shuffle_products)});
    }
  }

  using RowProgram::add;
  Value l_first() { return load(0, 0); }
  Value l_last() { return load(1, 0); }
  Value l_active() { return load(2, 0); }
  Value x() { return load(3, 0); }
  Value column(const AnyColumn& column, Rotation rotation) {
    const std::uint32_t base = column.kind == ColumnKind::advice  ? at_[circuit].advice
                               : column.kind == ColumnKind::fixed ? fixed_
                                                                  : at_[circuit].instance;
    return load(base + column.index, rotation.value);
  }
  Value sigma(std::size_t i) { return load(sigma_ + static_cast<std::uint32_t>(i), 0); }
  Value permutation_product(std::size_t set, ProductAt at) {
    return load(at_[circuit].permutation + static_cast<std::uint32_t>(set), rotation(at));
  }
  Value lookup_product(std::size_t i, ProductAt at) {
    return load(at_[circuit].lookup_products + static_cast<std::uint32_t>(i), rotation(at));
  }
  Value lookup_input(std::size_t i) { return load(at_[circuit].lookup_inputs + static_cast<std::uint32_t>(i), 0); }
  Value lookup_input_above(std::size_t i) {
    return load(at_[circuit].lookup_inputs + static_cast<std::uint32_t>(i), -1);
  }
  Value lookup_table(std::size_t i) { return load(at_[circuit].lookup_tables + static_cast<std::uint32_t>(i), 0); }
  Value shuffle_product(std::size_t i, ProductAt at) {
    return load(at_[circuit].shuffles + static_cast<std::uint32_t>(i), rotation(at));
  }

  std::size_t circuit = 0;  ///< whose columns are meant
  std::vector<std::span<const Fr>> polynomials;

 private:
  struct Bases {
    std::uint32_t advice, instance, permutation, lookup_products, lookup_inputs, lookup_tables, shuffles;
  };
  std::uint32_t add(const std::vector<std::vector<Fr>>& list) {
    const auto base = static_cast<std::uint32_t>(polynomials.size());
    for (const auto& polynomial : list) polynomials.push_back(polynomial);
    return base;
  }
  int rotation(ProductAt at) const { return at == ProductAt::cur ? 0 : at == ProductAt::next ? 1 : last_rotation_; }

  const ConstraintSystem& cs_;
  int last_rotation_;
  std::vector<std::vector<Fr>> owned_;
  std::uint32_t fixed_ = 0, sigma_ = 0;
  std::vector<Bases> at_;
};

}  // namespace

std::vector<std::vector<Fr>> quotient_pieces(const ProvingKey& pk, const EvaluationDomain& domain,
                                             const std::vector<const CircuitPolynomials*>& circuits,
                                             const Challenges& challenges) {
  NumeratorProgram program(pk, domain, circuits);
  RowProgram::Value numerator = program.scalar(Fr::zero());
  for (program.circuit = 0; program.circuit < circuits.size(); ++program.circuit) {
    numerator = fold_terms(program, pk.vk.cs, challenges, numerator);
  }

  const std::size_t n = domain.n(), cosets = std::size_t{1} << (domain.extended_k() - domain.k());
  const algebra::NttDomain rows(domain.k()), extended(domain.extended_k());
  const std::vector<bool> used = program.used_sources(program.polynomials.size());
  std::vector<Fr> h(n * cosets);
  // Point i of the extended coset, zeta extended_omega^i with i = cosets t + c, is point t of the coset shifted by
  // zeta extended_omega^c.
  Fr shift = algebra::fr_zeta();
  std::vector<Fr> values(n);
  for (std::size_t c = 0; c < cosets; ++c) {
    std::vector<std::vector<Fr>> on_coset(program.polynomials.size());
    std::vector<std::span<const Fr>> sources(on_coset.size());
    for (std::size_t i = 0; i < on_coset.size(); ++i) {
      if (!used[i]) continue;
      on_coset[i].assign(program.polynomials[i].begin(), program.polynomials[i].end());
      on_coset[i].resize(n);
      rows.coset_ntt(on_coset[i], shift);
      sources[i] = on_coset[i];
    }
    program.run(sources, numerator, values);
    const Fr vanishing_inverse = (shift.pow_vartime(n) - Fr::one()).inverse().value();
    for (std::size_t t = 0; t < n; ++t) h[cosets * t + c] = values[t] * vanishing_inverse;
    shift *= extended.omega();
  }
  extended.coset_intt(h, algebra::fr_zeta());

  const std::size_t kept = n * domain.quotient_pieces();
  if (!std::all_of(h.begin() + kept, h.end(), [](const Fr& c) { return c.is_zero(); })) {
    fail(ErrorCode::unsatisfied, "prover: the witness does not satisfy the circuit (mock names the gate)");
  }
  std::vector<std::vector<Fr>> pieces;
  for (std::size_t i = 0; i < domain.quotient_pieces(); ++i)
    pieces.emplace_back(h.begin() + n * i, h.begin() + n * (i + 1));
  return pieces;
}

}  // namespace ll::halo2
