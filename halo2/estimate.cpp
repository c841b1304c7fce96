#include "halo2/estimate.hpp"

#include <algorithm>
#include <cmath>

#include "algebra/limbs.hpp"
#include "algebra/msm.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"
#include "base/random.hpp"
#include "halo2/circuit_record.hpp"
#include "halo2/domain.hpp"
#include "halo2/mock_table.hpp"
#include "halo2/numerator.hpp"
#include "halo2/opening_queries.hpp"
#include "halo2/row_program.hpp"
#include "halo2/shplonk.hpp"

namespace ll::halo2 {
namespace {

/// What a proof of any size adds: code pages, stacks of threads, what the allocator keeps back (measured, 4 to 8 MiB).
constexpr std::uint64_t kOverhead = 6u << 20;
/// What the allocator keeps for a further thread alone; measured: it grows up to k = 14.
constexpr double kFurtherThread = 10u << 20;
constexpr unsigned kFullBits = 253;  // of a field element's absolute value, about

/// How many scalars there are of each bit length.
using Bits = std::vector<std::size_t>;

void count(Bits& bits, const Fr& value, std::size_t times = 1) {
  const auto length = [](const Fr& v) {
    const auto limbs = v.canonical_limbs();
    return algebra::bit_length(limbs);
  };
  bits[std::min(length(value), length(-value))] += times;
}

/// The quotient's numerator written as quotient.cpp writes it, with sources numbered as they come.
class CountedProgram : public RowProgram {
 public:
  using RowProgram::add;
  Value column(const AnyColumn& column, Rotation rotation) {
    return source(static_cast<int>(column.kind), column.index, rotation.value);
  }
  Value x() { return source(3, 0, 0); }
  Value l_first() { return source(4, 0, 0); }
  Value l_last() { return source(5, 0, 0); }
  Value l_active() { return source(6, 0, 0); }
  Value sigma(std::size_t i) { return source(7, i, 0); }
  Value permutation_product(std::size_t i, ProductAt at) { return source(8, i, rotation(at)); }
  Value lookup_product(std::size_t i, ProductAt at) { return source(9, i, rotation(at)); }
  Value lookup_input(std::size_t i) { return source(10, i, 0); }
  Value lookup_input_above(std::size_t i) { return source(10, i, -1); }
  Value lookup_table(std::size_t i) { return source(11, i, 0); }
  Value shuffle_product(std::size_t i, ProductAt at) { return source(12, i, rotation(at)); }

  std::size_t sources() const { return known_.size(); }

 private:
  static int rotation(ProductAt at) { return at == ProductAt::cur ? 0 : at == ProductAt::next ? 1 : -7; }
  Value source(int kind, std::size_t index, int rotation) {
    const auto [found, is_new] = known_.try_emplace(std::pair(kind, index), static_cast<std::uint32_t>(known_.size()));
    return load(found->second, rotation);
  }
  std::map<std::pair<int, std::size_t>, std::uint32_t> known_;
};

/// The columns that a proof commits to in the Lagrange basis, by the sizes of their values.
struct Committed {
  std::vector<Bits> small;  ///< of columns whose values are known
  std::size_t full = 0;     ///< columns of field elements without a pattern
};

class Counter {
 public:
  Counter(const ConstraintSystem& cs, unsigned k)
      : cs_(cs), domain_(k, cs.degree()), n_(static_cast<double>(domain_.n())) {
    SeededRng rng(1);
    for (std::size_t i = 0; i < cs.challenges(); ++i) challenges_.user.push_back(Fr::random(rng));
    for (Fr* c : {&challenges_.theta, &challenges_.beta, &challenges_.gamma, &challenges_.y}) *c = Fr::random(rng);
    const RowProgram::Value value = fold_terms(numerator_, cs, challenges_, numerator_.scalar(Fr::zero()));
    row_cost_ = numerator_.row_cost(value);
  }

  Operations operations(const Committed& committed) const {
    const double a = size(cs_.advice_columns()), i = size(cs_.instance_columns()), sets = size(cs_.permutation_sets());
    const double lookups = size(cs_.lookups().size()), shuffles = size(cs_.shuffles().size());
    const double copied = size(cs_.permutation_columns().size()), cosets = size(this->cosets());
    const double pieces = size(domain_.quotient_pieces()), log_n = domain_.k();
    Operations ops;
    // Commitments.
    Bits full(kFullBits + 1);
    full[kFullBits] = domain_.n();
    for (const Bits& bits : committed.small) ops.msm += algebra::msm_cost(bits);
    ops.msm += (size(committed.full) + pieces + 2) * algebra::msm_cost(full);
    // Transforms of n points, those of the quotient back; each with one product a point, domains with one as well.
    const double polynomials = a + i + sets + 3 * lookups + shuffles + 3,
                 on_cosets = cosets * size(numerator_.sources());
    ops.butterflies += (polynomials + on_cosets + cosets) * n_ / 2 * log_n;
    ops.threaded_products += n_ * (polynomials + on_cosets + 2 * cosets + 3);
    ops.program_products += cosets * n_ * size(row_cost_.products);
    ops.program_sums += cosets * n_ * size(row_cost_.sums);
    ops.program_products += cosets * n_ * (cosets + 2);  // by 1 / (X^n - 1); pieces out of the cosets
    ops.program_sums += cosets * n_ * cosets;
    // Products: terms, a batch inverse (3 each), the running product (2 each); lookups are compressed and sorted.
    ops.products += n_ * (3 * copied + 5 * sets + lookups * (4 + 5) + 5 * shuffles);
    ops.comparisons += lookups * 2 * n_ * log_n;
    for (const auto& lookup : cs_.lookups()) compressed(ops, lookup.inputs), compressed(ops, lookup.tables);
    for (const auto& shuffle : cs_.shuffles()) compressed(ops, shuffle.inputs), compressed(ops, shuffle.shuffles);
    // Evaluations; the pieces folded; the openings: one product a polynomial and coefficient, then a few a set.
    const double scalars = size(cs_.proof_bytes() / 32) - size(commitments());
    ops.threaded_products += n_ * (scalars + 1);
    ops.products += n_ * pieces;
    const OpeningPlan plan = openings();
    double opened = 0, points = 0;
    for (const auto& set : plan.sets) {
      opened += size(set.polynomials.size());
      points += size(set.points.size());
    }
    ops.threaded_products += n_ * (opened + 3 * size(plan.sets.size()) + 2 + 2 * (points + 1));
    ops.randoms += 2 + size(cs_.blinding_factors() + 1) * (a + sets + 3 * lookups + shuffles);
    return ops;
  }

  /// SRS and proving key. Two bases and the sums of one, 64 bytes a point.
  double key_scalars(std::size_t fixed_columns) const {
    return 6 + 2 * size(fixed_columns) + 2 * size(cs_.permutation_columns().size());
  }
  std::uint64_t key_bytes(std::size_t fixed_columns) const {
    return static_cast<std::uint64_t>(32 * n_ * key_scalars(fixed_columns));
  }

  /// Vectors of n field elements, and a commitment's scratch: what is alive at the two places where a proof holds most.
  std::uint64_t bytes(std::size_t fixed_columns) const {
    const double a = size(cs_.advice_columns()), i = size(cs_.instance_columns()), sets = size(cs_.permutation_sets());
    const double lookups = size(cs_.lookups().size()), shuffles = size(cs_.shuffles().size());
    const double cosets = size(this->cosets());
    const double pieces = size(domain_.quotient_pieces());
    const double columns = a + i + 4 * lookups + sets + lookups + shuffles;
    const double polynomials = a + i + sets + 3 * lookups + shuffles;
    const double held = key_scalars(fixed_columns) + columns + polynomials + kTwiddles + bucket_vectors();
    const double quotient = held + 3 /*indicators*/ + kTwiddles + cosets /*the numerator on each*/ +
                            std::max(size(numerator_.sources()) + kTransform, cosets /*the pieces*/);
    const double opening = held + pieces + 1 /*folded*/ + size(openings().sets.size()) + 3 + commitment_vectors();
    const double further = size(thread_count() - 1) * kFurtherThread * std::min(1.0, n_ / 16384);
    return kOverhead + static_cast<std::uint64_t>(further + 32 * n_ * std::max(quotient, opening));
  }

  std::size_t commitments() const {
    return cs_.advice_columns() + 3 * cs_.lookups().size() + cs_.permutation_sets() + cs_.shuffles().size() + 1 +
           domain_.quotient_pieces() + 2;
  }

 private:
  static double size(std::size_t value) { return static_cast<double>(value); }
  std::size_t cosets() const { return std::size_t{1} << (domain_.extended_k() - domain_.k()); }

  void compressed(Operations& ops, const std::vector<Expression>& expressions) const {
    CountedProgram program;
    const auto cost = program.row_cost(compress(program, expressions, challenges_));
    ops.program_products += n_ * size(cost.products);
    ops.program_sums += n_ * size(cost.sums);
  }

  /// The plan of the openings depends on the rotations alone.
  OpeningPlan openings() const {
    Evaluations evaluations;
    CircuitEvaluations circuit;
    circuit.advice.resize(cs_.advice_queries().size());
    circuit.permutation.resize(cs_.permutation_sets());
    for (std::size_t set = 0; set + 1 < circuit.permutation.size(); ++set) circuit.permutation[set].last = Fr::zero();
    circuit.lookups.resize(cs_.lookups().size());
    circuit.shuffles.resize(cs_.shuffles().size());
    evaluations.circuits.push_back(std::move(circuit));
    evaluations.fixed.resize(cs_.fixed_queries().size());
    evaluations.sigma.resize(cs_.permutation_columns().size());
    return plan_openings(opening_queries(cs_, domain_, evaluations, Fr::from_u64(7)));
  }

  /// In lanes an element takes 40 bytes instead of 32: twiddles, and a transform on its way.
  static constexpr double kTwiddles = 1.25, kTransform = 1.25;

  /// Scratch of msm_vartime in vectors of 32 bytes a term, for the halves of the scalars that it takes at once. Of each
  /// commitment: points, digits and buckets. Of each thread, kept: places, pairs, and sums of two.
  double scalars_at_once() const { return std::min(n_, 65536.0); }
  double commitment_vectors() const {
    const double width = std::clamp(std::log2(n_) - 2, 2.0, 15.0), windows = 127 / width + 1;
    return (n_ + scalars_at_once() * (4 + 2 * (64 + 2 * windows)) + windows * std::exp2(width - 1) * 64) / (32 * n_);
  }
  double bucket_vectors() const { return size(thread_count()) * scalars_at_once() * (2 * 4 + 12 + 4 * 64) / (32 * n_); }

  const ConstraintSystem& cs_;
  EvaluationDomain domain_;
  double n_;
  Challenges challenges_;
  CountedProgram numerator_;
  RowProgram::RowCost row_cost_;
};

/// Sizes of what is committed in a witness; a lookup's two columns hold its values when it looks one value up.
Committed committed_columns(const ConstraintSystem& cs, const MockTable& table) {
  Committed committed;
  const std::size_t blinding = table.rows() - table.usable();
  const auto add = [&](auto&& value_at, bool blinded) {
    Bits bits(kFullBits + 1);
    for (std::size_t row = 0; row < table.usable(); ++row) count(bits, value_at(row));
    bits[kFullBits] += blinded ? blinding : 0;
    committed.small.push_back(std::move(bits));
  };
  for (std::uint32_t i = 0; i < cs.advice_columns(); ++i) {
    const AnyColumn column{ColumnKind::advice, i, cs.advice_phases()[i]};
    add([&](std::size_t row) { return table.cell(column, row); }, !cs.unblinded_advice()[i]);
  }
  for (const auto& lookup : cs.lookups()) {
    if (lookup.inputs.size() > 1) {
      committed.full += 2;
      continue;
    }
    add([&](std::size_t row) { return table.value(lookup.inputs[0], row); }, true);
    add([&](std::size_t row) { return table.value(lookup.tables[0], row); }, true);
  }
  committed.full += cs.permutation_sets() + cs.lookups().size() + cs.shuffles().size();
  return committed;
}

double price(const Operations& ops, const UnitCosts& costs) {
  return 1e-6 *
         (ops.products * costs.product + ops.threaded_products * costs.threaded_product +
          ops.butterflies * costs.butterfly + ops.msm * costs.msm + ops.program_products * costs.program_product +
          ops.program_sums * costs.program_sum + ops.comparisons * costs.comparison + ops.randoms * costs.random);
}

}  // namespace

Estimate estimate(Circuit& circuit, unsigned k, bool compress_selectors, const UnitCosts& costs,
                  const Instances* instances) {
  Estimate out;
  CircuitRecord record = record_circuit(circuit, k);
  Committed committed;
  if (instances != nullptr) {
    const MockTable table(k, circuit, *instances);
    committed = committed_columns(table.cs(), table);
  } else {
    committed.full = record.cs.advice_columns() + 3 * record.cs.lookups().size() + record.cs.permutation_sets() +
                     record.cs.shuffles().size();
  }
  ConstraintSystem& cs = record.cs;
  out.selectors = cs.selectors();
  out.regions = record.cells.regions().size();
  out.copies = record.copies.size();
  out.used_rows = record.used_rows;
  out.usable_rows = record.usable_rows;
  std::vector<std::vector<bool>> enabled(cs.selectors(), std::vector<bool>(std::size_t{1} << k));
  for (std::uint32_t i = 0; i < cs.selectors(); ++i) {
    const Selector selector{i, cs.selector_is_simple()[i]};
    for (std::size_t row = 0; row < record.usable_rows; ++row) enabled[i][row] = record.cells.enabled(selector, row);
  }
  cs.convert_selectors(enabled, compress_selectors);

  const Counter counter(cs, k);
  out.k = k;
  out.extended_k = EvaluationDomain::extended_k(k, cs.degree());
  out.advice_columns = cs.advice_columns();
  out.fixed_columns = cs.fixed_columns();
  out.instance_columns = cs.instance_columns();
  out.copied_columns = cs.permutation_columns().size();
  out.gates = cs.gates().size();
  for (const Gate& gate : cs.gates()) out.constraints += gate.polynomials.size();
  out.lookups = cs.lookups().size();
  out.shuffles = cs.shuffles().size();
  out.degree = cs.degree();
  out.blinding_factors = cs.blinding_factors();
  out.commitments = counter.commitments();
  out.proof_bytes = cs.proof_bytes();
  out.operations = counter.operations(committed);
  out.prove_ms = price(out.operations, costs);
  out.prove_bytes = counter.bytes(cs.fixed_columns());
  out.key_bytes = counter.key_bytes(cs.fixed_columns());
  return out;
}

}  // namespace ll::halo2
