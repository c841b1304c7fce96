// encode_circuit, encode_witness: docs/formats/circuit.md.
#include "halo2/circuit_json.hpp"

#include <algorithm>
#include <map>

namespace ll::halo2 {
namespace {

using Json = nlohmann::ordered_json;

Json expression_json(const Expression& e, int level = 0) {
  LL_CHECK(level < kMostExpressionLevels, "circuit description: an expression is nested deeper than {} levels",
           kMostExpressionLevels);
  const auto inner = [&](const Expression& child) { return expression_json(child, level + 1); };
  switch (e.kind()) {
    case Expression::Kind::constant:
      return {"constant", scalar_text(e.value())};
    case Expression::Kind::selector:
      return {"selector", e.selector().index};
    case Expression::Kind::query:
      return {kind_name(e.query().column.kind), e.query().column.index, e.query().rotation.value};
    case Expression::Kind::challenge:
      return {"challenge", e.challenge().index};
    case Expression::Kind::negated:
      return {"negated", inner(e.left())};
    case Expression::Kind::sum:
      return {"sum", inner(e.left()), inner(e.right())};
    case Expression::Kind::product:
      return {"product", inner(e.left()), inner(e.right())};
    case Expression::Kind::scaled:
      return {"scaled", inner(e.left()), scalar_text(e.value())};
  }
  return {};
}

Json expressions_json(const std::vector<Expression>& expressions) {
  Json list = Json::array();
  for (const auto& e : expressions) list.push_back(expression_json(e));
  return list;
}

/// Values with repeats counted: "0x5", or ["0x5", 12].
Json runs_json(const std::vector<Fr>& values) {
  Json runs = Json::array();
  for (std::size_t row = 0; row < values.size();) {
    std::size_t end = row + 1;
    while (end < values.size() && values[end] == values[row]) ++end;
    if (end == row + 1) {
      runs.push_back(scalar_text(values[row]));
    } else {
      runs.push_back({scalar_text(values[row]), end - row});
    }
    row = end;
  }
  return runs;
}

/// Rows that are on, as [first, count].
Json rows_json(const std::vector<bool>& rows) {
  Json runs = Json::array();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (!rows[row]) continue;
    const std::size_t first = row;
    while (row < rows.size() && rows[row]) ++row;
    runs.push_back({first, row - first});
  }
  return runs;
}

/// What stands for a selector after conversion, found where it occurs in the tree before.
void find_replacements(const Expression& before, const Expression& after, std::map<std::uint32_t, Json>& found) {
  switch (before.kind()) {
    case Expression::Kind::selector:
      if (!found.contains(before.selector().index)) found[before.selector().index] = expression_json(after);
      return;
    case Expression::Kind::negated:
    case Expression::Kind::scaled:
      return find_replacements(before.left(), after.left(), found);
    case Expression::Kind::sum:
    case Expression::Kind::product:
      find_replacements(before.left(), after.left(), found);
      return find_replacements(before.right(), after.right(), found);
    default:
      return;
  }
}

Json selectors_json(const CircuitDescription& d, const ConstraintSystem& converted) {
  std::map<std::uint32_t, Json> replacements;
  const auto search = [&](const std::vector<Expression>& before, const std::vector<Expression>& after) {
    for (std::size_t i = 0; i < before.size(); ++i) find_replacements(before[i], after[i], replacements);
  };
  for (std::size_t i = 0; i < d.cs.gates().size(); ++i)
    search(d.cs.gates()[i].polynomials, converted.gates()[i].polynomials);
  for (std::size_t i = 0; i < d.cs.lookups().size(); ++i) {
    search(d.cs.lookups()[i].inputs, converted.lookups()[i].inputs);
    search(d.cs.lookups()[i].tables, converted.lookups()[i].tables);
  }
  for (std::size_t i = 0; i < d.cs.shuffles().size(); ++i) {
    search(d.cs.shuffles()[i].inputs, converted.shuffles()[i].inputs);
    search(d.cs.shuffles()[i].shuffles, converted.shuffles()[i].shuffles);
  }
  Json list = Json::array();
  for (std::uint32_t i = 0; i < d.cs.selectors(); ++i) {
    const auto replacement = replacements.find(i);
    list.push_back({{"simple", bool(d.cs.selector_is_simple()[i])},
                    {"rows", rows_json(d.selector_rows[i])},
                    {"expression", replacement == replacements.end() ? Json() : replacement->second}});
  }
  return list;
}

Json queries_json(const std::vector<ColumnQuery>& queries) {
  Json list = Json::array();
  for (const auto& query : queries) list.push_back({query.column.index, query.rotation.value});
  return list;
}

Json gates_json(const ConstraintSystem& cs) {
  Json gates = Json::array();
  for (const Gate& gate : cs.gates()) {
    Json constraints = Json::array();
    for (std::size_t i = 0; i < gate.polynomials.size(); ++i)
      constraints.push_back({{"name", gate.constraint_names[i]}, {"polynomial", expression_json(gate.polynomials[i])}});
    gates.push_back({{"name", gate.name}, {"constraints", std::move(constraints)}});
  }
  return gates;
}

/// One line a top-level key, one line an element of a top-level array.
std::string canonical_text(const Json& object) {
  std::string text = "{";
  const char* separator = "\n";
  for (const auto& [key, value] : object.items()) {
    text += separator + Json(key).dump() + ": ";
    separator = ",\n";
    if (!value.is_array() || value.empty()) {
      text += value.dump();
      continue;
    }
    const char* inner = "[\n  ";
    for (const auto& item : value) {
      text += inner + item.dump();
      inner = ",\n  ";
    }
    text += "\n]";
  }
  return text + "\n}\n";
}

}  // namespace

const char* kind_name(ColumnKind kind) {
  return kind == ColumnKind::advice ? "advice" : kind == ColumnKind::fixed ? "fixed" : "instance";
}

Json circuit_json(const CircuitDescription& d) {
  const ConstraintSystem& cs = d.cs;
  LL_CHECK(d.fixed.size() == cs.fixed_columns() && d.selector_rows.size() == cs.selectors(),
           "circuit description: {} fixed columns and {} selectors, the circuit has {} and {}", d.fixed.size(),
           d.selector_rows.size(), cs.fixed_columns(), cs.selectors());
  ConstraintSystem converted = cs;
  std::vector<std::vector<Fr>> columns = d.fixed;
  for (auto& column : converted.convert_selectors(d.selector_rows, d.compress_selectors))
    columns.push_back(std::move(column));

  Json advice = Json::array(), instance = Json::array(), fixed = Json::array(), permutation = Json::array(),
       constants = Json::array(), lookups = Json::array(), shuffles = Json::array(), copies = Json::array();
  for (std::size_t i = 0; i < cs.advice_columns(); ++i)
    advice.push_back({{"phase", cs.advice_phases()[i]}, {"unblinded", bool(cs.unblinded_advice()[i])}});
  for (const auto& rows : cs.instance_rows()) instance.push_back(Json::object({{"rows", rows ? Json(*rows) : Json()}}));
  for (const auto& column : columns) fixed.push_back(runs_json(column));
  for (const auto& column : cs.permutation_columns()) permutation.push_back({kind_name(column.kind), column.index});
  for (const auto& column : cs.constants()) constants.push_back(column.index);
  for (const auto& lookup : cs.lookups()) {
    lookups.push_back({{"name", lookup.name},
                       {"inputs", expressions_json(lookup.inputs)},
                       {"tables", expressions_json(lookup.tables)}});
  }
  for (const auto& shuffle : cs.shuffles()) {
    shuffles.push_back({{"name", shuffle.name},
                        {"inputs", expressions_json(shuffle.inputs)},
                        {"shuffles", expressions_json(shuffle.shuffles)}});
  }
  for (const CopyConstraint& c : d.copies) {
    copies.push_back(
        {kind_name(c.left.kind), c.left.index, c.left_row, kind_name(c.right.kind), c.right.index, c.right_row});
  }
  return {{"format", kCircuitFormat},
          {"schema_version", kCircuitFormatVersion},
          {"k", d.k},
          {"minimum_degree", cs.minimum_degree() ? Json(*cs.minimum_degree()) : Json()},
          {"compress_selectors", d.compress_selectors},
          {"pinned_num_selectors", converted.pinned_selectors()},
          {"plain_fixed_columns", cs.fixed_columns()},
          {"advice", std::move(advice)},
          {"instance", std::move(instance)},
          {"challenges", cs.challenge_phases()},
          {"selectors", selectors_json(d, converted)},
          {"advice_queries", queries_json(converted.advice_queries())},
          {"instance_queries", queries_json(converted.instance_queries())},
          {"fixed_queries", queries_json(converted.fixed_queries())},
          {"gates", gates_json(cs)},
          {"lookups", std::move(lookups)},
          {"shuffles", std::move(shuffles)},
          {"permutation", std::move(permutation)},
          {"constants", std::move(constants)},
          {"fixed", std::move(fixed)},
          {"copies", std::move(copies)}};
}

std::string encode_circuit(const CircuitDescription& description) { return canonical_text(circuit_json(description)); }

std::string encode_witness(const CircuitDescription& circuit, const WitnessDescription& witness) {
  LL_CHECK(witness.advice.size() == circuit.cs.advice_columns(), "witness: {} advice columns, the circuit has {}",
           witness.advice.size(), circuit.cs.advice_columns());
  Json instances = Json::array(), advice = Json::array(), rules = Json::array();
  for (const auto& column : witness.instances) instances.push_back(runs_json(column));
  for (const auto& column : witness.advice) advice.push_back(runs_json(column));
  for (const CellRule& rule : witness.rules) {
    rules.push_back({{"column", rule.column},
                     {"rows", {rule.first_row, rule.rows, rule.step}},
                     {"value", expression_json(rule.value)},
                     {"divisor", rule.divisor ? expression_json(*rule.divisor) : Json()}});
  }
  return canonical_text({{"format", kWitnessFormat},
                         {"schema_version", kCircuitFormatVersion},
                         {"instances", std::move(instances)},
                         {"advice", std::move(advice)},
                         {"rules", std::move(rules)}});
}

}  // namespace ll::halo2
