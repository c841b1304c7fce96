#include "halo2/constraint_system.hpp"

#include <algorithm>
#include <set>

#include "base/error.hpp"

namespace ll::halo2 {
namespace {

std::size_t max_degree(const std::vector<Expression>& expressions) {
  std::size_t degree = 1;
  for (const auto& e : expressions) degree = std::max(degree, e.degree());
  return degree;
}

}  // namespace

std::size_t LookupArgument::required_degree() const {
  return std::max<std::size_t>(4, 2 + max_degree(inputs) + max_degree(tables));
}

std::size_t ShuffleArgument::required_degree() const { return 2 + std::max(max_degree(inputs), max_degree(shuffles)); }

Expression VirtualCells::query(AnyColumn column, Rotation rotation) {
  return Expression(Query{column, rotation, cs_.query_index(column, rotation)});
}

void ConstraintSystem::check_open() const {
  LL_CHECK(!selectors_converted_, "constraint system: the circuit is already fixed by keygen");
}

AdviceColumn ConstraintSystem::advice_column(std::uint8_t phase, bool unblinded) {
  check_open();
  LL_CHECK(phase <= 2, "advice column: phase {} does not exist, phases are 0, 1, 2", phase);
  LL_CHECK(phase == 0 || std::ranges::count(advice_phases_, phase - 1) > 0,
           "advice column: phase {} needs a column of phase {} first", phase, phase - 1);
  advice_phases_.push_back(phase);
  unblinded_.push_back(unblinded);
  return {static_cast<std::uint32_t>(advice_phases_.size() - 1), phase};
}

FixedColumn ConstraintSystem::fixed_column() {
  check_open();
  return {static_cast<std::uint32_t>(fixed_columns_++), 0};
}

InstanceColumn ConstraintSystem::instance_column(std::optional<std::size_t> rows) {
  check_open();
  instance_rows_.push_back(rows);
  return {static_cast<std::uint32_t>(instance_rows_.size() - 1), 0};
}

TableColumn ConstraintSystem::lookup_table_column() { return {fixed_column()}; }

Selector ConstraintSystem::selector() {
  check_open();
  selector_kinds_.push_back(true);
  pinned_selectors_ = selector_kinds_.size();
  return {static_cast<std::uint32_t>(selector_kinds_.size() - 1), true};
}

Selector ConstraintSystem::complex_selector() {
  const Selector made = selector();
  selector_kinds_.back() = false;
  return {made.index, false};
}

Challenge ConstraintSystem::challenge_usable_after(std::uint8_t phase) {
  check_open();
  LL_CHECK(std::ranges::count(advice_phases_, phase) > 0, "challenge: no advice column of phase {} to bind it to",
           phase);
  challenge_phases_.push_back(phase);
  return {static_cast<std::uint32_t>(challenge_phases_.size() - 1), phase};
}

std::uint32_t ConstraintSystem::query_index(AnyColumn column, Rotation rotation) {
  auto& list = column.kind == ColumnKind::advice  ? advice_queries_
               : column.kind == ColumnKind::fixed ? fixed_queries_
                                                  : instance_queries_;
  const ColumnQuery wanted{column, rotation};
  const auto found = std::ranges::find(list, wanted);
  if (found != list.end()) return static_cast<std::uint32_t>(found - list.begin());
  list.push_back(wanted);
  return static_cast<std::uint32_t>(list.size() - 1);
}

void ConstraintSystem::enable_equality(AnyColumn column) {
  check_open();
  query_index(column, Rotation::cur());
  if (std::ranges::find(permutation_columns_, column) == permutation_columns_.end())
    permutation_columns_.push_back(column);
}

void ConstraintSystem::enable_constant(FixedColumn column) {
  if (std::ranges::find(constants_, column) != constants_.end()) return;
  constants_.push_back(column);
  enable_equality(column);
}

void ConstraintSystem::create_gate(std::string name,
                                   const std::function<NamedPolynomials(VirtualCells&)>& constraints) {
  check_open();
  VirtualCells cells(*this);
  Gate gate{std::move(name), {}, {}};
  for (auto& [constraint, polynomial] : constraints(cells)) {
    std::set<Selector> simple;
    polynomial.for_each_leaf([&](const Expression& leaf) {
      if (leaf.kind() == Expression::Kind::selector && leaf.selector().simple) simple.insert(leaf.selector());
    });
    LL_CHECK(simple.size() <= 1, "gate \"{}\": a polynomial may hold one simple selector, \"{}\" holds {}", gate.name,
             constraint, simple.size());
    gate.constraint_names.push_back(constraint);
    gate.polynomials.push_back(polynomial);
  }
  LL_CHECK(!gate.polynomials.empty(), "gate \"{}\" has no polynomial", gate.name);
  gates_.push_back(std::move(gate));
}

void ConstraintSystem::check_arguments_without_simple_selectors(const std::string& name,
                                                                const std::vector<Expression>& expressions) const {
  for (const auto& expression : expressions) {
    expression.for_each_leaf([&](const Expression& leaf) {
      LL_CHECK(leaf.kind() != Expression::Kind::selector || !leaf.selector().simple,
               "argument \"{}\": a simple selector may stand only in gates; use a complex one", name);
    });
  }
}

void ConstraintSystem::lookup(
    std::string name, const std::function<std::vector<std::pair<Expression, TableColumn>>(VirtualCells&)>& table_map) {
  check_open();
  VirtualCells cells(*this);
  LookupArgument argument{std::move(name), {}, {}};
  for (const auto& [input, table] : table_map(cells)) {
    argument.inputs.push_back(input);
    argument.tables.push_back(cells.query(table.inner, Rotation::cur()));
  }
  LL_CHECK(!argument.inputs.empty(), "lookup \"{}\" has no input", argument.name);
  check_arguments_without_simple_selectors(argument.name, argument.inputs);
  lookups_.push_back(std::move(argument));
}

void ConstraintSystem::lookup_any(
    std::string name, const std::function<std::vector<std::pair<Expression, Expression>>(VirtualCells&)>& table_map) {
  check_open();
  VirtualCells cells(*this);
  LookupArgument argument{std::move(name), {}, {}};
  for (const auto& [input, table] : table_map(cells)) {
    argument.inputs.push_back(input);
    argument.tables.push_back(table);
  }
  LL_CHECK(!argument.inputs.empty(), "lookup \"{}\" has no input", argument.name);
  check_arguments_without_simple_selectors(argument.name, argument.inputs);
  check_arguments_without_simple_selectors(argument.name, argument.tables);
  lookups_.push_back(std::move(argument));
}

void ConstraintSystem::shuffle(
    std::string name, const std::function<std::vector<std::pair<Expression, Expression>>(VirtualCells&)>& map) {
  check_open();
  VirtualCells cells(*this);
  ShuffleArgument argument{std::move(name), {}, {}};
  for (const auto& [input, shuffle] : map(cells)) {
    argument.inputs.push_back(input);
    argument.shuffles.push_back(shuffle);
  }
  LL_CHECK(!argument.inputs.empty(), "shuffle \"{}\" has no input", argument.name);
  check_arguments_without_simple_selectors(argument.name, argument.inputs);
  check_arguments_without_simple_selectors(argument.name, argument.shuffles);
  shuffles_.push_back(std::move(argument));
}

std::uint8_t ConstraintSystem::max_phase() const {
  return advice_phases_.empty() ? std::uint8_t{0} : *std::ranges::max_element(advice_phases_);
}

std::size_t ConstraintSystem::degree() const {
  std::size_t degree = 3;
  for (const auto& lookup : lookups_) degree = std::max(degree, lookup.required_degree());
  for (const auto& shuffle : shuffles_) degree = std::max(degree, shuffle.required_degree());
  for (const auto& gate : gates_) degree = std::max(degree, max_degree(gate.polynomials));
  return std::max(degree, minimum_degree_.value_or(1));
}

std::size_t ConstraintSystem::blinding_factors() const {
  std::vector<std::size_t> queries(std::max<std::size_t>(1, advice_columns()), advice_columns() == 0 ? 1 : 0);
  for (const auto& query : advice_queries_) ++queries[query.column.index];
  return std::max<std::size_t>(3, *std::ranges::max_element(queries)) + 2;
}

std::size_t ConstraintSystem::usable_rows(unsigned k) const {
  const std::size_t n = std::size_t{1} << k;
  LL_CHECK(n >= minimum_rows(), "circuit: 2^{} rows are too few, {} are needed for blinding alone", k, minimum_rows());
  return n - (blinding_factors() + 1);
}

void ConstraintSystem::collect_queries() {
  LL_CHECK(selectors_converted_ || selectors() == 0, "collect_queries: selectors are not converted yet");
  advice_queries_.clear();
  fixed_queries_.clear();
  instance_queries_.clear();
  const auto renumber = [&](std::vector<Expression>& expressions) {
    for (auto& e : expressions) {
      e = e.renumbered([&](const Query& query) { return query_index(query.column, query.rotation); });
    }
  };
  for (auto& gate : gates_) renumber(gate.polynomials);
  for (auto& lookup : lookups_) renumber(lookup.inputs), renumber(lookup.tables);
  for (auto& shuffle : shuffles_) renumber(shuffle.inputs), renumber(shuffle.shuffles);
  for (const auto& column : permutation_columns_) query_index(column, Rotation::cur());
}

std::optional<std::string> ConstraintSystem::unsupported(Profile profile, unsigned k) const {
  const long n = 1L << k;
  for (const auto* queries : {&advice_queries_, &fixed_queries_, &instance_queries_}) {
    std::map<std::pair<std::uint32_t, long>, int> rows;
    for (const auto& [column, rotation] : *queries) {
      const auto [found, added] = rows.emplace(std::pair{column.index, ((rotation.value % n) + n) % n}, rotation.value);
      if (!added) {
        return fmt::format("column {} is queried at rotations {} and {}, which are one row of the 2^{}", column.index,
                           found->second, rotation.value, k);
      }
    }
  }
  if (profile != Profile::axiom) return std::nullopt;
  if (!shuffles_.empty()) {
    return fmt::format("profile halo2-axiom has no shuffles (\"{}\")", shuffles_.front().name);
  }
  ConstraintSystem without_minimum = *this;
  without_minimum.minimum_degree_.reset();
  const std::size_t allowed = std::max<std::size_t>(5, minimum_degree_.value_or(0));
  if (without_minimum.degree() > allowed) {
    return fmt::format("profile halo2-axiom cuts the degree at {}, this circuit's is {}: call set_minimum_degree({})",
                       allowed, without_minimum.degree(), without_minimum.degree());
  }
  return std::nullopt;
}

std::size_t ConstraintSystem::proof_bytes(std::size_t circuits, Opening opening) const {
  const std::size_t sets = permutation_sets();
  std::size_t opening_points = 2;
  if (opening == Opening::gwc) {
    std::set<int> rotations{0};  // x itself: the quotient is opened there
    for (const auto* queries : {&advice_queries_, &fixed_queries_}) {
      for (const auto& query : *queries) rotations.insert(query.rotation.value);
    }
    if (sets > 0 || !lookups_.empty() || !shuffles_.empty()) rotations.insert(1);
    if (!lookups_.empty()) rotations.insert(-1);
    if (sets > 1) rotations.insert(-static_cast<int>(blinding_factors() + 1));
    opening_points = rotations.size();
  }
  const std::size_t points = circuits * (advice_columns() + 3 * lookups_.size() + sets + shuffles_.size()) + 1 +
                             (degree() - 1) + opening_points;
  const std::size_t scalars = circuits * (advice_queries_.size() + (sets == 0 ? 0 : 3 * sets - 1) +
                                          5 * lookups_.size() + 2 * shuffles_.size()) +
                              fixed_queries_.size() + 1 + permutation_columns_.size();
  return 32 * (points + scalars);
}

}  // namespace ll::halo2
