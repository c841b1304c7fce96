#include "halo2/pinned.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/hash.hpp"

namespace ll::halo2 {
namespace {

using algebra::G1Affine;

constexpr const char* kBaseModulus = "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";
constexpr const char* kScalarModulus = "0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";

template <class Range, class Print>
std::string list(const Range& range, Print print) {
  std::string text = "[";
  bool first = true;
  for (const auto& item : range) {
    if (!first) text += ", ";
    first = false;
    text += print(item);
  }
  return text + "]";
}

/// A string as Rust's Debug writes it; names outside printable ASCII are refused because its escapes for them are long.
std::string rust_string(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    LL_CHECK(c >= ' ' && c <= '~', "profile pse-main: the name \"{}\" is hashed and must be printable ASCII", text);
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string phase_text(std::uint8_t phase) { return fmt::format("Phase({})", phase); }

std::string column_text(const AnyColumn& column) {
  std::string type = column.kind == ColumnKind::fixed      ? "Fixed"
                     : column.kind == ColumnKind::instance ? "Instance"
                                                           : "Advice";
  if (column.kind == ColumnKind::advice && column.phase > 0) {
    type = fmt::format("Advice {{ phase: {} }}", phase_text(column.phase));
  }
  return fmt::format("Column {{ index: {}, column_type: {} }}", column.index, type);
}

std::string query_text(const ColumnQuery& query) {
  return fmt::format("({}, Rotation({}))", column_text(query.column), query.rotation.value);
}

void append_expression(std::string& out, const Expression& e) {
  const auto binary = [&](const char* name) {
    out += name;
    out += '(';
    append_expression(out, e.left());
    out += ", ";
    append_expression(out, e.right());
    out += ')';
  };
  switch (e.kind()) {
    case Expression::Kind::constant:
      out += fmt::format("Constant({})", e.value().to_hex());
      break;
    case Expression::Kind::selector:
      out += fmt::format("Selector(Selector({}, {}))", e.selector().index, e.selector().simple);
      break;
    case Expression::Kind::query: {
      const Query& q = e.query();
      const char* name = q.column.kind == ColumnKind::fixed      ? "Fixed"
                         : q.column.kind == ColumnKind::instance ? "Instance"
                                                                 : "Advice";
      out += fmt::format("{} {{ query_index: {}, column_index: {}, rotation: Rotation({})", name, q.query_index,
                         q.column.index, q.rotation.value);
      if (q.column.kind == ColumnKind::advice && q.column.phase > 0) out += ", phase: " + phase_text(q.column.phase);
      out += " }";
      break;
    }
    case Expression::Kind::challenge:
      out += fmt::format("Challenge(Challenge {{ index: {}, phase: {} }})", e.challenge().index,
                         phase_text(e.challenge().phase));
      break;
    case Expression::Kind::negated:
      out += "Negated(";
      append_expression(out, e.left());
      out += ')';
      break;
    case Expression::Kind::scaled:
      out += "Scaled(";
      append_expression(out, e.left());
      out += fmt::format(", {})", e.value().to_hex());
      break;
    case Expression::Kind::sum:
      binary("Sum");
      break;
    case Expression::Kind::product:
      binary("Product");
      break;
  }
}

std::string expression_text(const Expression& e) {
  std::string out;
  append_expression(out, e);
  return out;
}

std::string expressions_text(const std::vector<Expression>& expressions) { return list(expressions, expression_text); }

std::string point_text(const G1Affine& point) {
  if (point.is_identity()) return "Infinity";
  return fmt::format("({}, {})", point.x.to_hex(), point.y.to_hex());
}

/// PSE v0.3.0, halo2-axiom and, with one more field, EZKL.
std::string configured_system_text(const ConstraintSystem& cs, bool lookups_map) {
  std::string text = fmt::format(
      "PinnedConstraintSystem {{ num_fixed_columns: {}, num_advice_columns: {}, num_instance_columns: {}, "
      "num_selectors: {}",
      cs.fixed_columns(), cs.advice_columns(), cs.instance_columns(), cs.pinned_selectors());
  if (cs.challenges() > 0) {
    text += fmt::format(", num_challenges: {}, advice_column_phase: {}, challenge_phase: {}", cs.challenges(),
                        list(cs.advice_phases(), phase_text), list(cs.challenge_phases(), phase_text));
  }
  std::vector<Expression> polynomials;
  for (const Gate& gate : cs.gates())
    polynomials.insert(polynomials.end(), gate.polynomials.begin(), gate.polynomials.end());
  text += fmt::format(", gates: {}, advice_queries: {}, instance_queries: {}, fixed_queries: {}",
                      expressions_text(polynomials), list(cs.advice_queries(), query_text),
                      list(cs.instance_queries(), query_text), list(cs.fixed_queries(), query_text));
  text += fmt::format(", permutation: Argument {{ columns: {} }}", list(cs.permutation_columns(), column_text));
  text += ", lookups: " + list(cs.lookups(), [](const LookupArgument& lookup) {
            return fmt::format("Argument {{ input_expressions: {}, table_expressions: {} }}",
                               expressions_text(lookup.inputs), expressions_text(lookup.tables));
          });
  if (lookups_map) text += ", lookups_map: {}";
  if (!cs.shuffles().empty()) {
    text += ", shuffles: " + list(cs.shuffles(), [](const ShuffleArgument& shuffle) {
              return fmt::format("Argument {{ input_expressions: {}, shuffle_expressions: {} }}",
                                 expressions_text(shuffle.inputs), expressions_text(shuffle.shuffles));
            });
  }
  const std::string minimum = cs.minimum_degree() ? fmt::format("Some({})", *cs.minimum_degree()) : "None";
  return text + fmt::format(", constants: {}, minimum_degree: {} }}",
                            list(cs.constants(), [](const FixedColumn& c) { return column_text(c); }), minimum);
}

// PSE main: other names, integers for phases, names of lookups and shuffles in the text.

std::string collected_column_text(const AnyColumn& column) {
  const char* type = column.kind == ColumnKind::fixed      ? "Fixed"
                     : column.kind == ColumnKind::instance ? "Instance"
                                                           : "Advice";
  return fmt::format("ColumnMid {{ column_type: {}, index: {} }}", type, column.index);
}

std::string collected_query_text(const ColumnQuery& query) {
  return fmt::format("({}, Rotation({}))", collected_column_text(query.column), query.rotation.value);
}

std::string collected_expression_text(const Expression& e) {
  const auto binary = [&](const char* name) {
    return fmt::format("{}({}, {})", name, collected_expression_text(e.left()), collected_expression_text(e.right()));
  };
  switch (e.kind()) {
    case Expression::Kind::constant:
      return fmt::format("Constant({})", e.value().to_hex());
    case Expression::Kind::query:
      return fmt::format("Var(Query(QueryBack {{ index: {}, column: {}, rotation: Rotation({}) }}))",
                         e.query().query_index, collected_column_text(e.query().column), e.query().rotation.value);
    case Expression::Kind::challenge:
      return fmt::format("Var(Challenge(ChallengeMid {{ index: {}, phase: {} }}))", e.challenge().index,
                         e.challenge().phase);
    case Expression::Kind::negated:
      return fmt::format("Negated({})", collected_expression_text(e.left()));
    case Expression::Kind::sum:
      return binary("Sum");
    case Expression::Kind::product:
      return binary("Product");
    case Expression::Kind::selector:
    case Expression::Kind::scaled:
      break;
  }
  fail(ErrorCode::invalid_argument, "pinned text: queries were not collected for profile pse-main");
}

std::string collected_system_text(const ConstraintSystem& cs) {
  const auto expressions = [](const std::vector<Expression>& list_of) {
    return list(list_of, collected_expression_text);
  };
  const auto phase = [](std::uint8_t value) { return fmt::format("{}", value); };
  std::vector<Expression> polynomials;
  for (const Gate& gate : cs.gates())
    polynomials.insert(polynomials.end(), gate.polynomials.begin(), gate.polynomials.end());
  const std::string minimum = cs.minimum_degree() ? fmt::format("Some({})", *cs.minimum_degree()) : "None";
  return fmt::format(
      "PinnedConstraintSystem {{ num_fixed_columns: {}, num_advice_columns: {}, num_instance_columns: {}, "
      "num_challenges: {}, advice_column_phase: {}, challenge_phase: {}, gates: {}, advice_queries: {}, "
      "instance_queries: {}, fixed_queries: {}, permutation: ArgumentMid {{ columns: {} }}, lookups: {}, shuffles: {}, "
      "minimum_degree: {} }}",
      cs.fixed_columns(), cs.advice_columns(), cs.instance_columns(), cs.challenges(), list(cs.advice_phases(), phase),
      list(cs.challenge_phases(), phase), expressions(polynomials), list(cs.advice_queries(), collected_query_text),
      list(cs.instance_queries(), collected_query_text), list(cs.fixed_queries(), collected_query_text),
      list(cs.permutation_columns(), collected_column_text),
      list(cs.lookups(),
           [&](const LookupArgument& lookup) {
             return fmt::format("Argument {{ name: {}, input_expressions: {}, table_expressions: {} }}",
                                rust_string(lookup.name), expressions(lookup.inputs), expressions(lookup.tables));
           }),
      list(cs.shuffles(),
           [&](const ShuffleArgument& shuffle) {
             return fmt::format("Argument {{ name: {}, input_expressions: {}, shuffle_expressions: {} }}",
                                rust_string(shuffle.name), expressions(shuffle.inputs), expressions(shuffle.shuffles));
           }),
      minimum);
}

std::string constraint_system_text(const ConstraintSystem& cs, Profile profile) {
  return profile == Profile::pse_main ? collected_system_text(cs)
                                      : configured_system_text(cs, profile == Profile::ezkl);
}

}  // namespace

std::string pinned_text(const ConstraintSystem& cs, Profile profile, unsigned k, unsigned extended_k,
                        std::span<const G1Affine> fixed_commitments,
                        std::span<const G1Affine> permutation_commitments) {
  return fmt::format(
      "PinnedVerificationKey {{ base_modulus: \"{}\", scalar_modulus: \"{}\", domain: PinnedEvaluationDomain {{ k: {}, "
      "extended_k: {}, omega: {} }}, cs: {}, fixed_commitments: {}, permutation: VerifyingKey {{ commitments: {} }} }}",
      kBaseModulus, kScalarModulus, k, extended_k, algebra::fr_root_of_unity_of_order_log2(k).to_hex(),
      constraint_system_text(cs, profile), list(fixed_commitments, point_text),
      list(permutation_commitments, point_text));
}

Fr transcript_representation(std::string_view text) {
  std::array<std::uint8_t, 16> personal{};
  std::ranges::copy(std::string_view("Halo2-Verify-Key"), personal.begin());
  Blake2b hash(personal);
  Bytes length;
  append_u64_le(length, text.size());
  hash.update(length);
  hash.update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return Fr::from_uniform_bytes(hash.finish());
}

}  // namespace ll::halo2
