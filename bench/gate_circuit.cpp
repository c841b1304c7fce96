#include "bench/gate_circuit.hpp"

namespace ll::bench {
namespace {

using halo2::CellRule, halo2::ColumnKind, halo2::Expression, halo2::Rotation;

constexpr std::size_t kUnusedRows = 8;  // blinding rows and the one before them

Fr offset_of(std::size_t row) { return Fr::from_u64(3 * row + 1); }

}  // namespace

GateCircuit::GateCircuit(unsigned k) : k_(k), rows_((std::size_t{1} << k) - kUnusedRows) {
  for (auto* values : {&a_values_, &b_values_, &c_values_, &d_values_, &e_values_, &f_values_}) values->resize(rows_);
  a_values_[0] = Fr::one();
  b_values_[0] = Fr::from_u64(3);
  d_values_[0] = Fr::from_u64(5);
  f_values_[0] = Fr::from_u64(7);
  for (std::size_t i = 0; i < rows_; ++i) {
    const Fr number = Fr::from_u64(i);
    e_values_[i] = a_values_[i] * b_values_[i] * c_values_[i] * d_values_[i] + number;
    if (i + 1 == rows_) break;
    a_values_[i + 1] = e_values_[i];
    c_values_[i + 1] = a_values_[i];
    b_values_[i + 1] = b_values_[i].square() + number;
    d_values_[i + 1] = d_values_[i] * f_values_[i] + b_values_[i];
    f_values_[i + 1] = f_values_[i] * b_values_[i] + offset_of(i);
  }
}

void GateCircuit::configure(halo2::ConstraintSystem& cs) {
  for (halo2::AdviceColumn* column : {&a_, &b_, &c_, &d_, &e_, &f_}) *column = cs.advice_column();
  for (halo2::FixedColumn* column : {&q_, &number_, &offset_}) *column = cs.fixed_column();
  for (const halo2::AdviceColumn column : {a_, c_, e_}) cs.enable_equality(column);
  cs.create_gate("row", [&](halo2::VirtualCells& cells) -> halo2::ConstraintSystem::NamedPolynomials {
    const auto here = [&](halo2::AnyColumn column) { return cells.query(column, Rotation::cur()); };
    const auto below = [&](halo2::AnyColumn column) { return cells.query(column, Rotation::next()); };
    const Expression a = here(a_), b = here(b_), c = here(c_), d = here(d_), e = here(e_), f = here(f_);
    const Expression q = here(q_), number = here(number_), offset = here(offset_);
    return {{"quartic", q * (a * b * c * d + number - e)},
            {"square", q * (below(b_) - b * b - number)},
            {"weave", q * (below(d_) - d * f - b)},
            {"mix", q * (below(f_) - f * b - offset)}};
  });
}

void GateCircuit::synthesize(halo2::Layouter& layouter) const {
  layouter.assign_region("all", [&](halo2::Region& region) {
    halo2::AssignedCell a_above, e_above;
    for (std::size_t row = 0; row < rows_; ++row) {
      const auto assign = [&](const char* name, halo2::AdviceColumn column, const std::vector<Fr>& values) {
        return region.assign_advice(name, column, row, [&] { return values[row]; });
      };
      const auto a = assign("a", a_, a_values_), c = assign("c", c_, c_values_), e = assign("e", e_, e_values_);
      assign("b", b_, b_values_);
      assign("d", d_, d_values_);
      assign("f", f_, f_values_);
      if (row > 0) {
        region.constrain_equal(a, e_above);
        region.constrain_equal(c, a_above);
      }
      a_above = a;
      e_above = e;
      region.assign_fixed("q", q_, row, row + 1 < rows_ ? Fr::one() : Fr::zero());
      region.assign_fixed("number", number_, row, Fr::from_u64(row));
      region.assign_fixed("offset", offset_, row, offset_of(row));
    }
  });
}

halo2::WitnessDescription GateCircuit::describe_witness() const {
  const auto at = [](halo2::AnyColumn column, int rotation) { return Expression(halo2::Query{column, {rotation}, 0}); };
  const auto above = [&](halo2::AnyColumn column) { return at(column, -1); };
  halo2::WitnessDescription witness;
  witness.advice.resize(6);
  for (const auto& [column, values] : {std::pair{a_, &a_values_}, {b_, &b_values_}, {d_, &d_values_}, {f_, &f_values_}})
    witness.advice[column.index] = {values->front()};
  const auto rule = [&](halo2::AdviceColumn column, std::size_t first, Expression value) {
    witness.rules.push_back({.column = column.index,
                             .first_row = first,
                             .rows = rows_ - first,
                             .step = 1,
                             .value = std::move(value),
                             .divisor = std::nullopt});
  };
  const Expression number = above(number_);
  rule(b_, 1, above(b_) * above(b_) + number);
  rule(f_, 1, above(f_) * above(b_) + above(offset_));
  rule(d_, 1, above(d_) * above(f_) + above(b_));
  rule(a_, 1, above(a_) * above(b_) * at(a_, -2) * above(d_) + number);  // c is the a above; none for the second row
  rule(c_, 1, above(a_));
  rule(e_, 0, at(a_, 0) * at(b_, 0) * at(c_, 0) * at(d_, 0) + at(number_, 0));
  return witness;
}

}  // namespace ll::bench
