#include "halo2/mock_prover.hpp"

#include <algorithm>
#include <set>

#include "algebra/fr.hpp"

namespace ll::halo2 {
namespace {

struct RegionRows {
  std::string name;
  std::size_t first_row;
  std::size_t last_row;
};

struct Copy {
  AnyColumn a, b;
  std::size_t a_row, b_row;
};

/// Keeps the whole table; runs once a phase.
class MockAssignment final : public Assignment {
 public:
  MockAssignment(const ConstraintSystem& cs, unsigned k, const Instances& instances, std::vector<Fr> challenges)
      : cs_(cs), n_(std::size_t{1} << k), usable_(cs.usable_rows(k)), challenges_(std::move(challenges)) {
    advice.assign(cs.advice_columns(), std::vector<Fr>(n_));
    fixed.assign(cs.fixed_columns(), std::vector<Fr>(n_));
    selectors.assign(cs.selectors(), std::vector<bool>(n_, false));
    instance = instances;
    LL_CHECK(instance.size() == cs.instance_columns(), "mock: {} columns of public inputs given, the circuit has {}",
             instance.size(), cs.instance_columns());
    for (std::size_t i = 0; i < instance.size(); ++i) {
      const auto expected = cs.instance_rows()[i];
      LL_CHECK(!expected || instance[i].size() == *expected,
               "mock: instance column {} has {} values, the statement has {}", i, instance[i].size(), *expected);
      LL_CHECK(instance[i].size() <= usable_, "mock: instance column {} has {} values, {} rows are usable", i,
               instance[i].size(), usable_);
      instance[i].resize(n_);
    }
  }

  void start_phase(unsigned phase) {
    phase_ = phase;
    regions.clear();
    copies.clear();
  }
  void enter_region(std::string_view name, std::size_t first_row) override {
    regions.push_back({std::string(name), first_row, first_row});
    open_ = true;
  }
  void exit_region() override { open_ = false; }
  void enable_selector(Selector selector, std::size_t row) override { selectors.at(selector.index)[used(row)] = true; }
  bool wants_advice(AdviceColumn column) const override { return column.phase <= phase_; }
  void assign_advice(AdviceColumn column, std::size_t row, const Fr& value) override {
    advice.at(column.index)[used(row)] = value;
  }
  void assign_fixed(FixedColumn column, std::size_t row, const Fr& value) override {
    fixed.at(column.index)[used(row)] = value;
  }
  void copy(AnyColumn a, std::size_t a_row, AnyColumn b, std::size_t b_row) override {
    for (const auto& [column, row] : {std::pair{a, a_row}, std::pair{b, b_row}}) {
      LL_CHECK(std::ranges::find(cs_.permutation_columns(), column) != cs_.permutation_columns().end(),
               "copy: column {} is not enabled for equality", column.index);
      LL_CHECK(row < usable_, "copy: row {} is outside the {} usable rows", row, usable_);
    }
    copies.push_back({a, b, a_row, b_row});
  }
  void fill_from_row(FixedColumn column, std::size_t row, const Fr& value) override {
    for (std::size_t r = row; r < usable_; ++r) fixed.at(column.index)[r] = value;
  }
  std::optional<Fr> instance_value(InstanceColumn column, std::size_t row) const {
    return instance.at(column.index).at(row);
  }
  std::optional<Fr> challenge(Challenge challenge) const override {
    if (challenge.phase >= phase_) return std::nullopt;
    return challenges_.at(challenge.index);
  }

  const Fr& cell(const AnyColumn& column, std::size_t row) const {
    switch (column.kind) {
      case ColumnKind::advice:
        return advice[column.index][row];
      case ColumnKind::fixed:
        return fixed[column.index][row];
      default:
        return instance[column.index][row];
    }
  }

  std::vector<std::vector<Fr>> advice, fixed;
  Instances instance;
  std::vector<std::vector<bool>> selectors;
  std::vector<RegionRows> regions;
  std::vector<Copy> copies;

 private:
  std::size_t used(std::size_t row) {
    LL_CHECK(row < usable_, "circuit: row {} is used, {} rows leave {} usable ones; take a larger k", row, n_, usable_);
    if (open_) regions.back().last_row = std::max(regions.back().last_row, row);
    return row;
  }
  const ConstraintSystem& cs_;
  std::size_t n_, usable_;
  unsigned phase_ = 0;
  std::vector<Fr> challenges_;
  bool open_ = false;
};

std::string column_name(const AnyColumn& column) {
  const char* kind = column.kind == ColumnKind::advice  ? "advice"
                     : column.kind == ColumnKind::fixed ? "fixed"
                                                        : "instance";
  return fmt::format("{} {}", kind, column.index);
}

/// All checks over a filled table.
class Checker {
 public:
  Checker(const ConstraintSystem& cs, unsigned k, const MockAssignment& table, const std::vector<Fr>& challenges)
      : cs_(cs), n_(std::size_t{1} << k), usable_(cs.usable_rows(k)), table_(table), challenges_(challenges) {}

  std::vector<MockFailure> run() {
    check_gates();
    check_lookups();
    check_shuffles();
    check_copies();
    return std::move(failures_);
  }

 private:
  Fr value(const Expression& e, std::size_t row) const {
    return e.evaluate([&](const Query& q) { return table_.cell(q.column, rotated(row, q.rotation)); },
                      [&](Challenge c) { return challenges_[c.index]; },
                      [&](Selector s) { return table_.selectors[s.index][row] ? Fr::one() : Fr::zero(); });
  }
  std::size_t rotated(std::size_t row, Rotation rotation) const {
    return (row + n_ + static_cast<std::size_t>(static_cast<long>(n_) + rotation.value)) % n_;
  }

  void report(MockFailure::Kind kind, std::string name, std::size_t row, const std::vector<Expression>& expressions) {
    MockFailure failure{kind, std::move(name), "", row, row, {}};
    for (const RegionRows& region : table_.regions) {
      if (row < region.first_row || row > region.last_row) continue;
      failure.region = region.name;
      failure.region_row = row - region.first_row;
    }
    std::set<std::pair<AnyColumn, Rotation>> seen;
    for (const Expression& expression : expressions) {
      expression.for_each_leaf([&](const Expression& leaf) {
        if (leaf.kind() != Expression::Kind::query) return;
        const Query& q = leaf.query();
        if (!seen.emplace(q.column, q.rotation).second) return;
        failure.cells.emplace_back(fmt::format("{} @ {:+}", column_name(q.column), q.rotation.value),
                                   readable(table_.cell(q.column, rotated(row, q.rotation))));
      });
    }
    failures_.push_back(std::move(failure));
  }

  void check_gates() {
    for (const Gate& gate : cs_.gates()) {
      for (std::size_t i = 0; i < gate.polynomials.size(); ++i) {
        for (std::size_t row = 0; row < n_; ++row) {
          if (value(gate.polynomials[i], row).is_zero()) continue;
          const std::string& constraint = gate.constraint_names[i];
          report(MockFailure::Kind::gate, constraint.empty() ? gate.name : gate.name + " / " + constraint, row,
                 {gate.polynomials[i]});
        }
      }
    }
  }

  using Tuple = std::vector<std::array<std::uint8_t, 32>>;
  Tuple tuple(const std::vector<Expression>& expressions, std::size_t row) const {
    Tuple values;
    for (const auto& e : expressions) values.push_back(value(e, row).to_bytes_le());
    return values;
  }

  void check_lookups() {
    for (const auto& lookup : cs_.lookups()) {
      std::set<Tuple> rows;
      for (std::size_t row = 0; row < usable_; ++row) rows.insert(tuple(lookup.tables, row));
      for (std::size_t row = 0; row < usable_; ++row) {
        if (!rows.contains(tuple(lookup.inputs, row)))
          report(MockFailure::Kind::lookup, lookup.name, row, lookup.inputs);
      }
    }
  }

  void check_shuffles() {
    for (const auto& shuffle : cs_.shuffles()) {
      std::multiset<Tuple> rows;
      for (std::size_t row = 0; row < usable_; ++row) rows.insert(tuple(shuffle.shuffles, row));
      for (std::size_t row = 0; row < usable_; ++row) {
        const auto found = rows.find(tuple(shuffle.inputs, row));
        if (found == rows.end()) {
          report(MockFailure::Kind::shuffle, shuffle.name, row, shuffle.inputs);
        } else {
          rows.erase(found);
        }
      }
    }
  }

  void check_copies() {
    for (const Copy& copy : table_.copies) {
      const Fr &a = table_.cell(copy.a, copy.a_row), &b = table_.cell(copy.b, copy.b_row);
      if (a == b) continue;
      report(MockFailure::Kind::copy, "copy", copy.a_row, {});
      failures_.back().cells = {{fmt::format("{} row {}", column_name(copy.a), copy.a_row), readable(a)},
                                {fmt::format("{} row {}", column_name(copy.b), copy.b_row), readable(b)}};
    }
  }

  const ConstraintSystem& cs_;
  std::size_t n_, usable_;
  const MockAssignment& table_;
  const std::vector<Fr>& challenges_;
  std::vector<MockFailure> failures_;
};

}  // namespace

std::string readable(const Fr& value) {
  const auto small = [](const Fr& v) {
    const auto l = v.canonical_limbs();
    return (l[1] | l[2] | l[3]) == 0 && l[0] >> 63 == 0;
  };
  if (small(value)) return fmt::format("{}", value.canonical_limbs()[0]);
  if (small(-value)) return fmt::format("-{}", (-value).canonical_limbs()[0]);
  return value.to_hex();
}

std::string MockFailure::to_string() const {
  std::string text = fmt::format("\"{}\" fails", name);
  text += region.empty() ? fmt::format(" in row {}", row)
                         : fmt::format(" in \"{}\", row {} (absolute {})", region, region_row, row);
  const char* separator = ": ";
  for (const auto& [cell, cell_value] : cells) {
    text += fmt::format("{}{} = {}", separator, cell, cell_value);
    separator = ", ";
  }
  return text;
}

std::vector<MockFailure> MockProver::run(unsigned k, Circuit& circuit, const Instances& instances) {
  ConstraintSystem cs;
  circuit.configure(cs);
  SeededRng rng(0x6d6f636b);  // "mock"
  std::vector<Fr> challenges(cs.challenges());
  for (Fr& challenge : challenges) challenge = Fr::random(rng);
  MockAssignment table(cs, k, instances, challenges);
  for (unsigned phase = 0; phase <= cs.max_phase(); ++phase) {
    table.start_phase(phase);
    Layouter layouter(table, cs);
    circuit.synthesize(layouter);
  }
  return Checker(cs, k, table, challenges).run();
}

}  // namespace ll::halo2
