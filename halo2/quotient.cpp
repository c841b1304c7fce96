#include "halo2/quotient.hpp"

#include <algorithm>

#include "algebra/ntt.hpp"
#include "halo2/row_program.hpp"

namespace ll::halo2 {
namespace {

using Columns = std::vector<std::vector<Fr>>;

/// Places of the polynomials that a key fixes: three indicators of rows and X itself, then fixed columns, then sigma.
enum KeySource : std::uint32_t { kFirst, kLast, kActive, kX, kFixed };

/// The polynomials behind KeySource; `owned` holds the first four.
std::vector<std::span<const Fr>> key_polynomials(const ProvingKey& pk, Columns& owned) {
  const std::size_t n = std::size_t{1} << pk.vk.k, usable = pk.vk.cs.usable_rows(pk.vk.k);
  const algebra::NttDomain rows(pk.vk.k);
  const auto indicator = [&](auto&& is_on) {
    std::vector<Fr> values(n);
    for (std::size_t row = 0; row < n; ++row) values[row] = is_on(row) ? Fr::one() : Fr::zero();
    rows.intt(values);
    return values;
  };
  owned = {indicator([](std::size_t row) { return row == 0; }),
           indicator([&](std::size_t row) { return row == usable; }),
           indicator([&](std::size_t row) { return row < usable; }),
           {Fr::zero(), Fr::one()}};
  std::vector<std::span<const Fr>> polynomials(owned.begin(), owned.end());
  polynomials.insert(polynomials.end(), pk.fixed_polynomials.begin(), pk.fixed_polynomials.end());
  polynomials.insert(polynomials.end(), pk.sigma_polynomials.begin(), pk.sigma_polynomials.end());
  return polynomials;
}

std::vector<Fr> on_coset(std::span<const Fr> polynomial, const algebra::NttDomain& rows, const Fr& shift) {
  std::vector<Fr> values(rows.size());
  std::ranges::copy(polynomial, values.begin());
  rows.coset_ntt(values, shift);
  return values;
}

/// Coset c of the extended domain, zeta extended_omega^c times the powers of omega.
Fr coset_shift(const EvaluationDomain& domain, std::size_t c) {
  return algebra::fr_zeta() * algebra::fr_root_of_unity_of_order_log2(domain.extended_k()).pow_vartime(c);
}

/// The numerator as a program over coset evaluations; sources are polynomials, loaded under the numbers given here.
class NumeratorProgram : public RowProgram {
 public:
  NumeratorProgram(const ProvingKey& pk, const std::vector<const CircuitPolynomials*>& circuits)
      : cs_(pk.vk.cs), last_rotation_(-static_cast<int>(cs_.blinding_factors() + 1)) {
    sigma_ = kFixed + static_cast<std::uint32_t>(pk.fixed_polynomials.size());
    first_of_circuits_ = sigma_ + static_cast<std::uint32_t>(pk.sigma_polynomials.size());
    for (const CircuitPolynomials* c : circuits) {
      at_.push_back({add(c->advice), add(c->instance), add(c->permutation_products), add(c->lookup_products),
                     add(c->lookup_inputs), add(c->lookup_tables), add(c->shuffle_products)});
    }
  }

  using RowProgram::add;
  Value l_first() { return load(kFirst, 0); }
  Value l_last() { return load(kLast, 0); }
  Value l_active() { return load(kActive, 0); }
  Value x() { return load(kX, 0); }
  Value column(const AnyColumn& column, Rotation rotation) {
    const std::uint32_t base = column.kind == ColumnKind::advice  ? at_[circuit].advice
                               : column.kind == ColumnKind::fixed ? std::uint32_t{kFixed}
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

  std::size_t circuit = 0;                       ///< whose columns are meant
  std::vector<std::span<const Fr>> polynomials;  ///< of the circuits, behind those of the key
  std::uint32_t first_of_circuits() const { return first_of_circuits_; }

 private:
  struct Bases {
    std::uint32_t advice, instance, permutation, lookup_products, lookup_inputs, lookup_tables, shuffles;
  };
  std::uint32_t add(const std::vector<std::vector<Fr>>& list) {
    const auto base = first_of_circuits_ + static_cast<std::uint32_t>(polynomials.size());
    for (const auto& polynomial : list) polynomials.push_back(polynomial);
    return base;
  }
  int rotation(ProductAt at) const { return at == ProductAt::cur ? 0 : at == ProductAt::next ? 1 : last_rotation_; }

  const ConstraintSystem& cs_;
  int last_rotation_;
  std::uint32_t sigma_ = 0, first_of_circuits_ = 0;
  std::vector<Bases> at_;
};

}  // namespace

std::uint64_t ProvingKey::coset_bytes() const {
  const std::uint64_t sources = kFixed + fixed_polynomials.size() + sigma_polynomials.size();
  return sources << (EvaluationDomain::extended_k(vk.k, vk.cs.degree()) + 5);
}

void ProvingKey::keep_cosets() {
  const EvaluationDomain domain(vk.k, vk.cs.degree());
  const algebra::NttDomain rows(vk.k);
  Columns owned;
  const auto polynomials = key_polynomials(*this, owned);
  coset_values.resize(std::size_t{1} << (domain.extended_k() - domain.k()));
  for (std::size_t c = 0; c < coset_values.size(); ++c) {
    for (const auto& polynomial : polynomials)
      coset_values[c].push_back(on_coset(polynomial, rows, coset_shift(domain, c)));
  }
}

std::vector<std::vector<Fr>> quotient_pieces(const ProvingKey& pk, const EvaluationDomain& domain,
                                             const std::vector<const CircuitPolynomials*>& circuits,
                                             const Challenges& challenges) {
  NumeratorProgram program(pk, circuits);
  RowProgram::Value numerator = program.scalar(Fr::zero());
  for (program.circuit = 0; program.circuit < circuits.size(); ++program.circuit) {
    numerator = fold_terms(program, pk.vk.cs, challenges, numerator);
  }

  const std::size_t n = domain.n(), cosets = std::size_t{1} << (domain.extended_k() - domain.k());
  const algebra::NttDomain rows(domain.k());
  Columns owned;
  std::vector<std::span<const Fr>> key(program.first_of_circuits());
  if (pk.coset_values.empty()) key = key_polynomials(pk, owned);
  const std::size_t sources_count = key.size() + program.polynomials.size();
  const std::vector<bool> used = program.used_sources(sources_count);
  // On the coset of shift s, h(X) = sum_j X^(n j) h_j(X) has the values of sum_j s^(n j) h_j(X), of degree below n.
  Columns on_cosets(cosets);
  for (std::size_t c = 0; c < cosets; ++c) {
    const Fr shift = coset_shift(domain, c);
    Columns made(sources_count);
    std::vector<std::span<const Fr>> sources(sources_count);
    for (std::size_t i = 0; i < sources_count; ++i) {
      if (!used[i]) continue;
      if (i < key.size() && !pk.coset_values.empty()) {
        sources[i] = pk.coset_values[c][i];
        continue;
      }
      made[i] = on_coset(i < key.size() ? key[i] : program.polynomials[i - key.size()], rows, shift);
      sources[i] = made[i];
    }
    on_cosets[c].resize(n);
    const Fr vanishing_inverse = (shift.pow_vartime(n) - Fr::one()).inverse().value();
    program.run(sources, numerator, on_cosets[c], vanishing_inverse);
    rows.coset_intt(on_cosets[c], shift);
  }

  // s^(n j) = zeta^(n j) i^(c j), i of order `cosets`: h_j comes out of an inverse transform of that size.
  const Fr order = algebra::fr_root_of_unity_of_order_log2(domain.extended_k() - domain.k()).inverse().value();
  const Fr unscale = algebra::fr_zeta().pow_vartime(n).inverse().value();
  std::vector<std::span<const Fr>> sources(on_cosets.begin(), on_cosets.end());
  Columns pieces;
  for (std::size_t j = 0; j < cosets; ++j) {
    RowProgram combination;
    RowProgram::Value sum = combination.scalar(Fr::zero());
    for (std::uint32_t c = 0; c < cosets; ++c) {
      sum = combination.add(
          sum, combination.mul(combination.load(c, 0), combination.scalar(order.pow_vartime(std::uint64_t{j} * c))));
    }
    std::vector<Fr> piece(n);
    combination.run(sources, sum, piece, unscale.pow_vartime(j) * Fr::from_u64(cosets).inverse().value());
    if (j < domain.quotient_pieces()) {
      pieces.push_back(std::move(piece));
    } else if (!std::ranges::all_of(piece, [](const Fr& coefficient) { return coefficient.is_zero(); })) {
      fail(ErrorCode::unsatisfied, "prover: the witness does not satisfy the circuit (mock names the gate)");
    }
  }
  return pieces;
}

}  // namespace ll::halo2
