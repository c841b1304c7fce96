// decode_circuit, decode_witness: docs/formats/circuit.md.
#include <algorithm>

#include "halo2/circuit_json.hpp"

namespace ll::halo2 {
namespace {

using nlohmann::json;

constexpr unsigned kMostRowsLog2 = 24;
constexpr std::size_t kMostCells = std::size_t{1} << 25;  ///< of all fixed columns and selectors: 1 GiB
constexpr std::size_t kMostColumns = 1u << 12;            ///< of each kind; some of what follows is quadratic in them
constexpr std::size_t kMostSelectors = 1u << 10;
constexpr std::size_t kMostQueries = 1u << 14;
constexpr int kMostRotation = 1 << 24;
constexpr std::size_t kMostDegree = 1u << 10;

ColumnKind read_kind(const JsonCursor& cursor) {
  const std::string text = cursor.text();
  for (const ColumnKind kind : {ColumnKind::advice, ColumnKind::fixed, ColumnKind::instance}) {
    if (text == kind_name(kind)) return kind;
  }
  throw cursor.wrong("advice, fixed or instance is expected");
}

std::uint32_t index_below(const JsonCursor& cursor, std::size_t count) {
  if (count == 0) throw cursor.wrong("there is nothing of this kind");
  return static_cast<std::uint32_t>(cursor.number(0, count - 1));
}

AnyColumn column_of(const ConstraintSystem& cs, ColumnKind kind, const JsonCursor& index) {
  switch (kind) {
    case ColumnKind::advice: {
      const std::uint32_t i = index_below(index, cs.advice_columns());
      return {kind, i, cs.advice_phases()[i]};
    }
    case ColumnKind::fixed:
      return {kind, index_below(index, cs.fixed_columns()), 0};
    case ColumnKind::instance:
      break;
  }
  return {kind, index_below(index, cs.instance_columns()), 0};
}

int rotation_of(const JsonCursor& cursor) {
  return static_cast<int>(cursor.integer(-std::int64_t{kMostRotation}, kMostRotation));
}

/// Expressions over one constraint system. Queries of a circuit must be registered already; those of a witness have no
/// index.
class ExpressionReader {
 public:
  ExpressionReader(ConstraintSystem& cs, bool of_witness) : cs_(cs), of_witness_(of_witness) {}

  Expression read(const JsonCursor& cursor, int level = 0) const {
    if (level >= kMostExpressionLevels) throw cursor.wrong("an expression of fewer levels is expected");
    if (cursor.size() < 2) throw cursor.wrong("an expression is expected");
    const std::string kind = cursor.at(std::size_t{0}).text();
    const auto operand = [&](std::size_t i) { return read(cursor.at(i), level + 1); };
    if (kind == "sum" || kind == "product") {
      cursor.expect_items(3);
      return kind == "sum" ? operand(1) + operand(2) : operand(1) * operand(2);
    }
    if (kind == "scaled") {
      cursor.expect_items(3);
      return operand(1) * cursor.at(2).scalar();
    }
    if (kind == "negated" || kind == "constant" || kind == "challenge" || kind == "selector") {
      cursor.expect_items(2);
      const JsonCursor argument = cursor.at(1);
      if (kind == "negated") return -operand(1);
      if (kind == "constant") return Expression(argument.scalar());
      if (kind == "challenge") {
        const std::uint32_t i = index_below(argument, cs_.challenges());
        return Expression(Challenge{i, cs_.challenge_phases()[i]});
      }
      if (of_witness_) throw cursor.wrong("an expression without selectors is expected");
      const std::uint32_t i = index_below(argument, cs_.selectors());
      return Expression(Selector{i, cs_.selector_is_simple()[i]});
    }
    const ColumnKind column_kind = read_kind(cursor.at(std::size_t{0}));
    cursor.expect_items(3);
    const AnyColumn column = column_of(cs_, column_kind, cursor.at(1));
    const Rotation rotation{rotation_of(cursor.at(2))};
    return Expression(Query{column, rotation, of_witness_ ? 0 : registered(cursor, column, rotation)});
  }
  std::vector<Expression> read_all(const JsonCursor& list) const {
    std::vector<Expression> expressions;
    for (std::size_t i = 0; i < list.size(); ++i) expressions.push_back(read(list.at(i)));
    return expressions;
  }

 private:
  std::uint32_t registered(const JsonCursor& cursor, const AnyColumn& column, Rotation rotation) const {
    const auto& queries = column.kind == ColumnKind::advice  ? cs_.advice_queries()
                          : column.kind == ColumnKind::fixed ? cs_.fixed_queries()
                                                             : cs_.instance_queries();
    const auto found = std::ranges::find(queries, ColumnQuery{column, rotation});
    if (found == queries.end()) throw cursor.mismatch("a query of the lists of queries is expected");
    return static_cast<std::uint32_t>(found - queries.begin());
  }
  ConstraintSystem& cs_;
  bool of_witness_;
};

/// The inverse of runs_json; at most `most` values.
std::vector<Fr> read_runs(const JsonCursor& runs, std::size_t most) {
  std::vector<Fr> values;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const JsonCursor run = runs.at(i);
    if (values.size() == most) throw runs.wrong(fmt::format("at most {} values are expected", most));
    if (!run.is_array()) {
      values.push_back(run.scalar());
      continue;
    }
    run.expect_items(2);
    values.insert(values.end(), run.at(1).number(1, most - values.size()), run.at(std::size_t{0}).scalar());
  }
  return values;
}

std::vector<bool> read_rows(const JsonCursor& runs, std::size_t usable, std::size_t n) {
  std::vector<bool> rows(n);
  std::size_t next = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const JsonCursor run = runs.at(i);
    run.expect_items(2);
    const std::size_t first = run.at(std::size_t{0}).number(next, usable - 1);
    const std::size_t count = run.at(1).number(1, usable - first);
    std::fill_n(rows.begin() + static_cast<std::ptrdiff_t>(first), count, true);
    next = first + count;
    if (next == usable && i + 1 < runs.size()) throw runs.wrong("ascending rows are expected");
  }
  return rows;
}

void read_columns(const JsonCursor& root, ConstraintSystem& cs) {
  const auto list = [&](const char* key) {
    JsonCursor cursor = root.at(key);
    if (cursor.size() > kMostColumns) throw cursor.wrong(fmt::format("at most {} are expected", kMostColumns));
    return cursor;
  };
  if (root.at("selectors").size() > kMostSelectors)
    throw root.at("selectors").wrong(fmt::format("at most {} are expected", kMostSelectors));
  const JsonCursor advice = list("advice"), instance = list("instance"), challenges = list("challenges"),
                   selectors = list("selectors");
  for (std::size_t i = 0; i < advice.size(); ++i) {
    const JsonCursor column = advice.at(i);
    column.expect_keys({"phase", "unblinded"});
    const auto phase = static_cast<std::uint8_t>(column.at("phase").number(0, 2));
    if (phase > 0 && std::ranges::count(cs.advice_phases(), phase - 1) == 0)
      throw column.at("phase").wrong("a phase whose predecessor has a column before is expected");
    cs.advice_column(phase, column.at("unblinded").boolean());
  }
  const std::size_t fixed = root.at("plain_fixed_columns").number(0, kMostColumns);
  for (std::size_t i = 0; i < fixed; ++i) cs.fixed_column();
  for (std::size_t i = 0; i < instance.size(); ++i) {
    const JsonCursor column = instance.at(i);
    column.expect_keys({"rows"});
    const JsonCursor rows = column.at("rows");
    cs.instance_column(rows.is_null() ? std::nullopt
                                      : std::optional<std::size_t>(rows.number(0, std::size_t{1} << kMostRowsLog2)));
  }
  for (std::size_t i = 0; i < challenges.size(); ++i) {
    const auto phase = static_cast<std::uint8_t>(challenges.at(i).number(0, 2));
    if (std::ranges::count(cs.advice_phases(), phase) == 0)
      throw challenges.at(i).wrong("a phase with advice columns is expected");
    cs.challenge_usable_after(phase);
  }
  for (std::size_t i = 0; i < selectors.size(); ++i) {
    selectors.at(i).expect_keys({"simple", "rows", "expression"});
    selectors.at(i).at("simple").boolean() ? cs.selector() : cs.complex_selector();
  }
}

/// Registers the queries in their order. Those of converted selectors come last and are checked at the end.
void read_queries(const JsonCursor& root, ConstraintSystem& cs) {
  for (const ColumnKind kind : {ColumnKind::advice, ColumnKind::instance, ColumnKind::fixed}) {
    const JsonCursor list = root.at((std::string(kind_name(kind)) + "_queries").c_str());
    const auto& registered = kind == ColumnKind::advice  ? cs.advice_queries()
                             : kind == ColumnKind::fixed ? cs.fixed_queries()
                                                         : cs.instance_queries();
    if (list.size() > kMostQueries) throw list.wrong(fmt::format("at most {} queries are expected", kMostQueries));
    for (std::size_t i = 0; i < list.size(); ++i) {
      const JsonCursor query = list.at(i);
      query.expect_items(2);
      if (kind == ColumnKind::fixed && query.at(std::size_t{0}).number(0, 2 * kMostColumns) >= cs.fixed_columns())
        break;
      cs.query_index(column_of(cs, kind, query.at(std::size_t{0})), {rotation_of(query.at(1))});
      if (registered.size() != i + 1) throw query.wrong("a query that did not come before is expected");
    }
  }
}

void expect_no_simple_selector(const JsonCursor& cursor, const std::vector<Expression>& expressions) {
  for (const auto& e : expressions) {
    e.for_each_leaf([&](const Expression& leaf) {
      if (leaf.kind() == Expression::Kind::selector && leaf.selector().simple)
        throw cursor.wrong("expressions without simple selectors are expected");
    });
  }
}

void read_gates(const JsonCursor& list, ConstraintSystem& cs, const ExpressionReader& expressions) {
  for (std::size_t g = 0; g < list.size(); ++g) {
    const JsonCursor gate = list.at(g);
    gate.expect_keys({"name", "constraints"});
    const JsonCursor constraints = gate.at("constraints");
    if (constraints.size() == 0) throw constraints.wrong("at least one constraint is expected");
    ConstraintSystem::NamedPolynomials polynomials;
    for (std::size_t i = 0; i < constraints.size(); ++i) {
      const JsonCursor constraint = constraints.at(i);
      constraint.expect_keys({"name", "polynomial"});
      const JsonCursor polynomial = constraint.at("polynomial");
      polynomials.emplace_back(constraint.at("name").text(), expressions.read(polynomial));
      std::set<Selector> simple;
      polynomials.back().second.for_each_leaf([&](const Expression& leaf) {
        if (leaf.kind() == Expression::Kind::selector && leaf.selector().simple) simple.insert(leaf.selector());
      });
      if (simple.size() > 1) throw polynomial.wrong("at most one simple selector is expected");
    }
    cs.create_gate(gate.at("name").text(), [&](VirtualCells&) { return polynomials; });
  }
}

using Pairs = std::vector<std::pair<Expression, Expression>>;

Pairs read_pairs(const JsonCursor& argument, const char* right_key, const ExpressionReader& expressions) {
  argument.expect_keys({"name", "inputs", right_key});
  const auto left = expressions.read_all(argument.at("inputs"));
  const auto right = expressions.read_all(argument.at(right_key));
  if (left.empty()) throw argument.at("inputs").wrong("at least one expression is expected");
  if (left.size() != right.size())
    throw argument.at(right_key).wrong(fmt::format("{} expressions, as many as inputs, are expected", left.size()));
  expect_no_simple_selector(argument.at("inputs"), left);
  expect_no_simple_selector(argument.at(right_key), right);
  Pairs pairs;
  for (std::size_t i = 0; i < left.size(); ++i) pairs.emplace_back(left[i], right[i]);
  return pairs;
}

void read_arguments(const JsonCursor& root, ConstraintSystem& cs) {
  const ExpressionReader expressions(cs, false);
  read_gates(root.at("gates"), cs, expressions);
  const JsonCursor lookups = root.at("lookups"), shuffles = root.at("shuffles");
  for (std::size_t i = 0; i < lookups.size(); ++i) {
    const Pairs pairs = read_pairs(lookups.at(i), "tables", expressions);
    cs.lookup_any(lookups.at(i).at("name").text(), [&](VirtualCells&) { return pairs; });
  }
  for (std::size_t i = 0; i < shuffles.size(); ++i) {
    const Pairs pairs = read_pairs(shuffles.at(i), "shuffles", expressions);
    cs.shuffle(shuffles.at(i).at("name").text(), [&](VirtualCells&) { return pairs; });
  }
  const JsonCursor permutation = root.at("permutation"), constants = root.at("constants");
  const auto expect_query = [&](const JsonCursor& cursor, const AnyColumn& column) {
    const auto& queries = column.kind == ColumnKind::advice  ? cs.advice_queries()
                          : column.kind == ColumnKind::fixed ? cs.fixed_queries()
                                                             : cs.instance_queries();
    if (std::ranges::count(queries, ColumnQuery{column, Rotation::cur()}) == 0)
      throw cursor.mismatch("a column whose current row is queried is expected");
  };
  for (std::size_t i = 0; i < permutation.size(); ++i) {
    const JsonCursor item = permutation.at(i);
    item.expect_items(2);
    const AnyColumn column = column_of(cs, read_kind(item.at(std::size_t{0})), item.at(1));
    expect_query(item, column);
    cs.enable_equality(column);
    if (cs.permutation_columns().size() != i + 1) throw item.wrong("a column that did not come before is expected");
  }
  for (std::size_t i = 0; i < constants.size(); ++i) {
    const AnyColumn column = column_of(cs, ColumnKind::fixed, constants.at(i));
    if (std::ranges::count(cs.permutation_columns(), column) == 0)
      throw constants.at(i).mismatch("a column of the permutation is expected");
    cs.enable_constant({column.index, 0});
    if (cs.constants().size() != i + 1) throw constants.at(i).wrong("a column that did not come before is expected");
  }
  const JsonCursor degree = root.at("minimum_degree");
  if (!degree.is_null()) cs.set_minimum_degree(degree.number(1, kMostDegree));
  if (cs.degree() > kMostDegree)
    throw root.at("gates").wrong(fmt::format("a circuit of degree at most {} is expected", kMostDegree));
}

void read_contents(const JsonCursor& root, CircuitDescription& d) {
  const std::size_t n = std::size_t{1} << d.k, usable = d.cs.usable_rows(d.k);
  const JsonCursor fixed = root.at("fixed"), selectors = root.at("selectors"), copies = root.at("copies");
  if ((d.cs.fixed_columns() + d.cs.selectors()) * n > kMostCells)
    throw root.at("k").wrong(fmt::format("at most {} cells in all fixed columns are expected", kMostCells));
  if (fixed.size() < d.cs.fixed_columns())
    throw fixed.wrong(fmt::format("at least {} columns are expected", d.cs.fixed_columns()));
  for (std::size_t i = 0; i < d.cs.fixed_columns(); ++i) {
    std::vector<Fr> column = read_runs(fixed.at(i), n);
    if (column.size() != n) throw fixed.at(i).wrong(fmt::format("{} values are expected", n));
    if (std::any_of(column.begin() + static_cast<std::ptrdiff_t>(usable), column.end(),
                    [](const Fr& value) { return !value.is_zero(); }))
      throw fixed.at(i).wrong(fmt::format("zeros from row {} on are expected", usable));
    d.fixed.push_back(std::move(column));
  }
  for (std::size_t i = 0; i < d.cs.selectors(); ++i)
    d.selector_rows.push_back(read_rows(selectors.at(i).at("rows"), usable, n));
  for (std::size_t i = 0; i < copies.size(); ++i) {
    const JsonCursor item = copies.at(i);
    item.expect_items(6);
    CopyConstraint copy;
    for (const bool right : {false, true}) {
      const std::size_t base = right ? 3 : 0;
      const AnyColumn column = column_of(d.cs, read_kind(item.at(base)), item.at(base + 1));
      if (std::ranges::count(d.cs.permutation_columns(), column) == 0)
        throw item.mismatch("columns of the permutation are expected");
      (right ? copy.right : copy.left) = column;
      (right ? copy.right_row : copy.left_row) = item.at(base + 2).number(0, usable - 1);
    }
    d.copies.push_back(copy);
  }
}

CircuitDescription read_circuit(std::string_view text, const std::string& name) {
  const json document = JsonCursor::parse(text, name);
  const JsonCursor root(document, name);
  root.expect_keys({"format",
                    "schema_version",
                    "k",
                    "minimum_degree",
                    "compress_selectors",
                    "pinned_num_selectors",
                    "plain_fixed_columns",
                    "advice",
                    "instance",
                    "challenges",
                    "selectors",
                    "advice_queries",
                    "instance_queries",
                    "fixed_queries",
                    "gates",
                    "lookups",
                    "shuffles",
                    "permutation",
                    "constants",
                    "fixed",
                    "copies"});
  if (root.at("format").text() != kCircuitFormat)
    throw root.at("format").wrong(fmt::format("\"{}\" is expected", kCircuitFormat));
  if (root.at("schema_version").number(0, UINT32_MAX) != kCircuitFormatVersion)
    throw root.at("schema_version").mismatch(fmt::format("this program reads version {}", kCircuitFormatVersion));
  CircuitDescription d;
  d.k = static_cast<unsigned>(root.at("k").number(1, kMostRowsLog2));
  d.compress_selectors = root.at("compress_selectors").boolean();
  read_columns(root, d.cs);
  read_queries(root, d.cs);
  read_arguments(root, d.cs);
  if ((std::size_t{1} << d.k) < d.cs.minimum_rows())
    throw root.at("k").wrong(fmt::format("at least {} rows for blinding are expected", d.cs.minimum_rows()));
  for (std::size_t i = 0; i < d.cs.instance_columns(); ++i) {
    if (d.cs.instance_rows()[i].value_or(0) > d.cs.usable_rows(d.k))
      throw root.at("instance").at(i).wrong("at most as many values as usable rows are expected");
  }
  read_contents(root, d);
  // What follows from the rest: converted selectors, their columns and their queries.
  const json derived = circuit_json(d);
  for (const char* key : {"pinned_num_selectors", "selectors", "fixed_queries", "fixed", "permutation"}) {
    if (derived.at(key) == document.at(key)) continue;
    const bool lists = document.at(key).is_array() && document.at(key).size() == derived.at(key).size();
    for (std::size_t i = 0; lists && i < document.at(key).size(); ++i) {
      if (document.at(key)[i] != derived.at(key)[i])
        throw root.at(key).at(i).mismatch("another value follows from the selectors (in canonical form)");
    }
    throw root.at(key).mismatch("another value follows from the selectors");
  }
  return d;
}

WitnessDescription read_witness(std::string_view text, const std::string& name, const CircuitDescription& circuit) {
  const json document = JsonCursor::parse(text, name);
  const JsonCursor root(document, name);
  root.expect_keys({"format", "schema_version", "instances", "advice", "rules"});
  if (root.at("format").text() != kWitnessFormat)
    throw root.at("format").wrong(fmt::format("\"{}\" is expected", kWitnessFormat));
  if (root.at("schema_version").number(0, UINT32_MAX) != kCircuitFormatVersion)
    throw root.at("schema_version").mismatch(fmt::format("this program reads version {}", kCircuitFormatVersion));
  ConstraintSystem cs = circuit.cs;
  const std::size_t usable = cs.usable_rows(circuit.k);
  WitnessDescription witness;
  const JsonCursor instances = root.at("instances"), advice = root.at("advice"), rules = root.at("rules");
  instances.expect_items(cs.instance_columns());
  advice.expect_items(cs.advice_columns());
  for (std::size_t i = 0; i < instances.size(); ++i) {
    witness.instances.push_back(read_runs(instances.at(i), usable));
    const auto rows = cs.instance_rows()[i];
    if (rows && *rows != witness.instances.back().size())
      throw instances.at(i).mismatch(fmt::format("{} values are expected", *rows));
  }
  for (std::size_t i = 0; i < advice.size(); ++i) witness.advice.push_back(read_runs(advice.at(i), usable));
  const ExpressionReader expressions(cs, true);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const JsonCursor item = rules.at(i);
    item.expect_keys({"column", "rows", "value", "divisor"});
    CellRule rule;
    rule.column = index_below(item.at("column"), cs.advice_columns());
    const std::uint8_t phase = cs.advice_phases()[rule.column];
    const JsonCursor rows = item.at("rows");
    rows.expect_items(3);
    rule.first_row = rows.at(std::size_t{0}).number(0, usable - 1);
    rule.step = rows.at(2).number(1, usable);
    rule.rows = rows.at(1).number(1, (usable - 1 - rule.first_row) / rule.step + 1);
    const auto read = [&](const char* key) {
      const Expression e = expressions.read(item.at(key));
      e.for_each_leaf([&](const Expression& leaf) {
        const bool early = leaf.kind() == Expression::Kind::challenge ? leaf.challenge().phase < phase
                           : leaf.kind() == Expression::Kind::query   ? leaf.query().column.phase <= phase
                                                                      : true;
        if (!early)
          throw item.at(key).wrong(fmt::format("only what is known in phase {}, the column's, is expected", phase));
      });
      return e;
    };
    rule.value = read("value");
    if (!item.at("divisor").is_null()) rule.divisor = read("divisor");
    witness.rules.push_back(std::move(rule));
  }
  return witness;
}

}  // namespace

Result<CircuitDescription> decode_circuit(std::string_view text, const std::string& name) {
  try {
    return read_circuit(text, name);
  } catch (const Error& error) {
    return error;
  }
}

Result<WitnessDescription> decode_witness(std::string_view text, const std::string& name,
                                          const CircuitDescription& circuit) {
  try {
    return read_witness(text, name, circuit);
  } catch (const Error& error) {
    return error;
  }
}

}  // namespace ll::halo2
