#include "halo2/mock_warnings.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace ll::halo2 {
namespace {

/// What is known of expressions in a row before any witness: fixed cells, selectors and challenges.
class KnownPart {
 public:
  explicit KnownPart(const MockTable& table) : table_(table) {}

  /// nullopt where the value depends on the witness or on public inputs.
  std::optional<Fr> value(const Expression& e, std::size_t row) const {
    switch (e.kind()) {
      case Expression::Kind::constant:
        return e.value();
      case Expression::Kind::selector:
        return table_.enabled(e.selector(), row) ? Fr::one() : Fr::zero();
      case Expression::Kind::query:
        if (e.query().column.kind != ColumnKind::fixed) return std::nullopt;
        return table_.cell(e.query().column, table_.rotated(row, e.query().rotation));
      case Expression::Kind::challenge:
        return table_.challenge(e.challenge());
      case Expression::Kind::negated:
      case Expression::Kind::scaled: {
        const auto inner = value(e.left(), row);
        if (e.kind() == Expression::Kind::negated) return inner ? std::optional(-*inner) : std::nullopt;
        if (e.value().is_zero()) return Fr::zero();
        return inner ? std::optional(*inner * e.value()) : std::nullopt;
      }
      case Expression::Kind::sum: {
        const auto left = value(e.left(), row), right = value(e.right(), row);
        return left && right ? std::optional(*left + *right) : std::nullopt;
      }
      case Expression::Kind::product: {
        const auto left = value(e.left(), row);
        if (left && left->is_zero()) return left;
        const auto right = value(e.right(), row);
        if (right && right->is_zero()) return right;
        return left && right ? std::optional(*left * *right) : std::nullopt;
      }
    }
    return std::nullopt;
  }

  bool is_zero(const Expression& e, std::size_t row) const {
    const auto known = value(e, row);
    return known && known->is_zero();
  }

  /// Adds the queries that the value can depend on, each once: not those under a factor that is zero.
  void relevant_queries(const Expression& e, std::size_t row, std::vector<Query>& out) const {
    switch (e.kind()) {
      case Expression::Kind::query:
        if (std::ranges::none_of(
                out, [&](const Query& q) { return q.column == e.query().column && q.rotation == e.query().rotation; }))
          out.push_back(e.query());
        return;
      case Expression::Kind::negated:
        return relevant_queries(e.left(), row, out);
      case Expression::Kind::scaled:
        if (!e.value().is_zero()) relevant_queries(e.left(), row, out);
        return;
      case Expression::Kind::product:
        if (is_zero(e.left(), row) || is_zero(e.right(), row)) return;
        [[fallthrough]];
      case Expression::Kind::sum:
        relevant_queries(e.left(), row, out);
        relevant_queries(e.right(), row, out);
        return;
      default:
        return;
    }
  }

 private:
  const MockTable& table_;
};

class WarningSearch {
 public:
  explicit WarningSearch(const MockTable& table) : table_(table), cs_(table.cs()), known_(table) {}

  std::vector<MockWarning> run() {
    for (std::uint32_t i = 0; i < cs_.advice_columns(); ++i) column({ColumnKind::advice, i, cs_.advice_phases()[i]});
    for (std::uint32_t i = 0; i < cs_.fixed_columns(); ++i) column({ColumnKind::fixed, i, 0});
    for (std::uint32_t i = 0; i < cs_.instance_columns(); ++i) column({ColumnKind::instance, i, 0});
    for (std::uint32_t i = 0; i < cs_.selectors(); ++i) selector({i, cs_.selector_is_simple()[i]});
    for (const Gate& gate : cs_.gates()) {
      for (std::size_t i = 0; i < gate.polynomials.size(); ++i) constraint(gate, i);
    }
    return std::move(warnings_);
  }

 private:
  void warn(MockWarning::Kind kind, std::string subject) {
    warnings_.push_back({kind, std::move(subject), 1, std::nullopt, 0});
  }

  void column(const AnyColumn& column) {
    const auto& queries = column.kind == ColumnKind::advice  ? cs_.advice_queries()
                          : column.kind == ColumnKind::fixed ? cs_.fixed_queries()
                                                             : cs_.instance_queries();
    if (std::ranges::none_of(queries, [&](const ColumnQuery& q) { return q.column.index == column.index; }))
      return warn(MockWarning::Kind::unqueried_column, column_name(column));
    bool assigned = column.kind == ColumnKind::instance && table_.instance_length(column.index) > 0;
    for (std::size_t row = 0; row < table_.usable() && !assigned; ++row) assigned = table_.book().assigned(column, row);
    if (!assigned) warn(MockWarning::Kind::unassigned_column, column_name(column));
  }

  void selector(Selector selector) {
    for (std::size_t row = 0; row < table_.usable(); ++row) {
      if (table_.enabled(selector, row)) return;
    }
    warn(MockWarning::Kind::idle_selector, fmt::format("selector {}", selector.index));
  }

  void constraint(const Gate& gate, std::size_t i) {
    const std::string name = constraint_name(gate, i);
    const Expression& polynomial = gate.polynomials[i];
    bool active = false;
    std::vector<MockWarning> found;  // one for each column and rotation
    std::vector<ColumnQuery> found_queries;
    std::vector<Query> queries;
    for (std::size_t row = 0; row < table_.usable(); ++row) {
      if (known_.is_zero(polynomial, row)) continue;
      active = true;
      queries.clear();
      known_.relevant_queries(polynomial, row, queries);
      for (const Query& query : queries) {
        const std::size_t at = table_.rotated(row, query.rotation);
        if (query.column.kind == ColumnKind::instance || table_.book().assigned(query.column, at)) continue;
        if (table_.blinding(query.column, at)) continue;  // fails anyway
        const ColumnQuery key{query.column, query.rotation};
        const auto known = std::ranges::find(found_queries, key);
        if (known == found_queries.end()) {
          found_queries.push_back(key);
          found.push_back({MockWarning::Kind::unassigned_cell, name, 1, table_.book().name(query.column, at), row});
        } else {
          ++found[static_cast<std::size_t>(known - found_queries.begin())].count;
        }
      }
    }
    if (!active) warn(MockWarning::Kind::idle_gate, name);
    std::ranges::move(found, std::back_inserter(warnings_));
  }

  const MockTable& table_;
  const ConstraintSystem& cs_;
  KnownPart known_;
  std::vector<MockWarning> warnings_;
};

}  // namespace

std::string constraint_name(const Gate& gate, std::size_t constraint) {
  const std::string& name = gate.constraint_names[constraint];
  return name.empty() ? gate.name : gate.name + " / " + name;
}

const char* to_string(MockWarning::Kind kind) {
  switch (kind) {
    case MockWarning::Kind::unqueried_column:
      return "unqueried column";
    case MockWarning::Kind::unassigned_column:
      return "unassigned column";
    case MockWarning::Kind::idle_selector:
      return "idle selector";
    case MockWarning::Kind::idle_gate:
      return "idle gate";
    case MockWarning::Kind::unassigned_cell:
      return "unassigned cell";
  }
  return "";
}

std::string MockWarning::to_string() const {
  switch (kind) {
    case Kind::unqueried_column:
      return subject + " is read by no gate, lookup, shuffle or copy";
    case Kind::unassigned_column:
      return subject + " is read, but nothing is ever assigned to it";
    case Kind::idle_selector:
      return subject + " is never enabled";
    case Kind::idle_gate:
      return fmt::format("\"{}\" is switched off in every row", subject);
    case Kind::unassigned_cell:
      return fmt::format("\"{}\" in row {} reads {}, which nothing assigns{}", subject, row, cell->to_string(),
                         count > 1 ? fmt::format(" (and the same in {} rows more)", count - 1) : "");
  }
  return "";
}

std::vector<MockWarning> mock_warnings(const MockTable& table) { return WarningSearch(table).run(); }

}  // namespace ll::halo2
