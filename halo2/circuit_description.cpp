#include "halo2/circuit_description.hpp"

#include <algorithm>

namespace ll::halo2 {
namespace {

/// Keeps what keygen would turn into polynomials (keygen.cpp): selectors, fixed cells, copies.
class Recorder final : public Assignment {
 public:
  explicit Recorder(CircuitDescription& description)
      : description_(description), usable_(description.cs.usable_rows(description.k)) {
    const std::size_t n = std::size_t{1} << description.k;
    description_.fixed.assign(description.cs.fixed_columns(), std::vector<Fr>(n));
    description_.selector_rows.assign(description.cs.selectors(), std::vector<bool>(n));
  }
  bool wants_advice(AdviceColumn) const override { return false; }
  void enable_selector(Selector selector, std::size_t row) override {
    description_.selector_rows.at(selector.index)[checked(row)] = true;
  }
  void assign_fixed(FixedColumn column, std::size_t row, const Fr& value) override {
    description_.fixed.at(column.index)[checked(row)] = value;
  }
  void fill_from_row(FixedColumn column, std::size_t row, const Fr& value) override {
    for (std::size_t r = row; r < usable_; ++r) description_.fixed.at(column.index)[r] = value;
  }
  void copy(AnyColumn left, std::size_t left_row, AnyColumn right, std::size_t right_row) override {
    for (const AnyColumn& column : {left, right}) {
      LL_CHECK(std::ranges::count(description_.cs.permutation_columns(), column) > 0,
               "copy: column {} is not enabled for equality", column.index);
    }
    description_.copies.push_back({left, checked(left_row), right, checked(right_row)});
  }

 private:
  std::size_t checked(std::size_t row) const {
    LL_CHECK(row < usable_, "circuit: row {} is used, 2^{} rows leave {} usable ones; take a larger k", row,
             description_.k, usable_);
    return row;
  }
  CircuitDescription& description_;
  std::size_t usable_;
};

}  // namespace

CircuitDescription describe(Circuit& circuit, unsigned k, bool compress_selectors) {
  CircuitDescription description;
  description.k = k;
  description.compress_selectors = compress_selectors;
  circuit.configure(description.cs);
  Recorder recorder(description);
  Layouter layouter(recorder, description.cs);
  circuit.synthesize(layouter);
  return description;
}

DescribedCircuit::DescribedCircuit(CircuitDescription description, std::optional<WitnessDescription> witness)
    : description_(std::move(description)), witness_(std::move(witness)) {
  if (!witness_) return;
  const ConstraintSystem& cs = description_.cs;
  LL_CHECK(witness_->advice.size() == cs.advice_columns() && witness_->instances.size() == cs.instance_columns(),
           "witness: {} advice and {} instance columns, the circuit has {} and {}", witness_->advice.size(),
           witness_->instances.size(), cs.advice_columns(), cs.instance_columns());
}

std::vector<std::vector<Fr>> DescribedCircuit::advice_values(const Layouter& layouter) const {
  const ConstraintSystem& cs = description_.cs;
  const std::size_t n = std::size_t{1} << description_.k;
  std::vector<std::vector<Fr>> advice = witness_->advice, instance = witness_->instances;
  for (auto* columns : {&advice, &instance}) {
    for (auto& column : *columns) column.resize(n);
  }
  std::vector<std::optional<Fr>> challenges;
  for (std::uint32_t i = 0; i < cs.challenges(); ++i)
    challenges.push_back(layouter.challenge({i, cs.challenge_phases()[i]}));
  const auto is_known = [&](const Expression& e) {
    bool known = true;
    e.for_each_leaf([&](const Expression& leaf) {
      if (leaf.kind() == Expression::Kind::challenge && !challenges.at(leaf.challenge().index)) known = false;
    });
    return known;
  };
  for (const CellRule& rule : witness_->rules) {
    // The column's phase has not come yet: it is asked for again when it has.
    if (!is_known(rule.value) || (rule.divisor && !is_known(*rule.divisor))) continue;
    for (std::size_t i = 0; i < rule.rows; ++i) {
      const std::size_t row = rule.first_row + i * rule.step;
      const auto value_of = [&](const Expression& e) {
        return e.evaluate(
            [&](const Query& q) {
              const auto& columns = q.column.kind == ColumnKind::advice  ? advice
                                    : q.column.kind == ColumnKind::fixed ? description_.fixed
                                                                         : instance;
              const auto shifted = static_cast<std::ptrdiff_t>(row + n) + q.rotation.value;
              return columns.at(q.column.index)[static_cast<std::size_t>(shifted) % n];
            },
            [&](Challenge c) { return *challenges[c.index]; },
            [](Selector) -> Fr { fail(ErrorCode::invalid_argument, "witness: a rule holds a selector"); });
      };
      Fr value = value_of(rule.value);
      if (rule.divisor) {
        const auto inverse = value_of(*rule.divisor).inverse();
        if (!inverse) fail(ErrorCode::unsatisfied, "witness: column {}, row {}: divided by zero", rule.column, row);
        value *= *inverse;
      }
      advice.at(rule.column).at(row) = value;
    }
  }
  return advice;
}

void DescribedCircuit::synthesize(Layouter& layouter) const {
  const ConstraintSystem& cs = description_.cs;
  const std::size_t usable = cs.usable_rows(description_.k);
  std::optional<std::vector<std::vector<Fr>>> advice;
  layouter.assign_region("all", [&](Region& region) {
    for (std::uint32_t column = 0; column < cs.advice_columns(); ++column) {
      for (std::size_t row = 0; row < usable; ++row) {
        region.assign_advice("", {column, cs.advice_phases()[column]}, row, [&] {
          LL_CHECK(witness_.has_value(), "described circuit: proving needs a witness");
          if (!advice) advice = advice_values(layouter);
          return (*advice)[column][row];
        });
      }
    }
    for (std::uint32_t column = 0; column < description_.fixed.size(); ++column) {
      for (std::size_t row = 0; row < usable; ++row)
        region.assign_fixed("", {column, 0}, row, description_.fixed[column][row]);
    }
    for (std::uint32_t i = 0; i < description_.selector_rows.size(); ++i) {
      for (std::size_t row = 0; row < usable; ++row) {
        if (description_.selector_rows[i][row]) region.enable_selector({i, cs.selector_is_simple()[i]}, row);
      }
    }
    for (const CopyConstraint& copy : description_.copies) {
      region.constrain_equal({copy.left, copy.left_row, std::nullopt}, {copy.right, copy.right_row, std::nullopt});
    }
  });
}

}  // namespace ll::halo2
