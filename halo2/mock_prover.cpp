#include "halo2/mock_prover.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.hpp"
#include "halo2/mock_table.hpp"
#include "halo2/mock_warnings.hpp"

namespace ll::halo2 {
namespace {

/// All checks over a filled table.
class Checker {
 public:
  explicit Checker(const MockTable& table) : table_(table), cs_(table.cs()) {}

  std::vector<MockFailure> run() {
    check_gates();
    check_lookups();
    check_shuffles();
    check_copies();
    return std::move(failures_);
  }

 private:
  /// The region that a check in `row` belongs to: of a selector that is on there, else of a cell that it reads in the
  /// row itself, else of the nearest other cell that it reads.
  std::optional<std::size_t> region_of(const std::vector<const Expression*>& expressions, std::size_t row) const {
    std::optional<std::size_t> by_selector, by_cell;
    int nearest = 0;
    for (const Expression* expression : expressions) {
      expression->for_each_leaf([&](const Expression& leaf) {
        if (leaf.kind() == Expression::Kind::selector) {
          const auto region = table_.book().region_of(leaf.selector(), row);
          if (region && !by_selector) by_selector = region;
        } else if (leaf.kind() == Expression::Kind::query) {
          const Query& q = leaf.query();
          const auto region = table_.book().region_of(q.column, table_.rotated(row, q.rotation));
          if (!region || (by_cell && nearest <= std::abs(q.rotation.value))) return;
          by_cell = region;
          nearest = std::abs(q.rotation.value);
        }
      });
    }
    return by_selector ? by_selector : by_cell;
  }

  MockCell cell(const AnyColumn& column, std::size_t row, std::optional<int> rotation) const {
    return {table_.book().name(column, row), rotation, readable(table_.cell(column, row)),
            table_.blinding(column, row)};
  }

  MockFailure& report(MockFailure::Kind kind, std::string name, std::size_t row,
                      const std::vector<const Expression*>& expressions) {
    MockFailure failure{kind, std::move(name), {}, {}, {}, row, row, row >= table_.usable(), {}, {}, {}};
    if (const auto region = failure.blinding ? std::nullopt : region_of(expressions, row)) {
      const auto& at = table_.book().regions()[*region];
      failure.region = at.name;
      failure.region_row = row - std::min(row, at.first_row);
    }
    std::set<std::pair<AnyColumn, Rotation>> seen;
    for (const Expression* expression : expressions) {
      expression->for_each_leaf([&](const Expression& leaf) {
        if (leaf.kind() != Expression::Kind::query) return;
        const Query& q = leaf.query();
        if (!seen.emplace(q.column, q.rotation).second) return;
        failure.cells.push_back(cell(q.column, table_.rotated(row, q.rotation), q.rotation.value));
      });
    }
    return failures_.emplace_back(std::move(failure));
  }

  void check_gates() {
    for (const Gate& gate : cs_.gates()) {
      for (std::size_t i = 0; i < gate.polynomials.size(); ++i) {
        for (std::size_t row = 0; row < table_.rows(); ++row) {
          if (table_.value(gate.polynomials[i], row).is_zero()) continue;
          MockFailure& failure = report(MockFailure::Kind::gate, constraint_name(gate, i), row, {&gate.polynomials[i]});
          failure.gate = gate.name;
          failure.constraint = gate.constraint_names[i];
        }
      }
    }
  }

  using Tuple = std::vector<std::array<std::uint8_t, 32>>;
  Tuple tuple(const std::vector<Expression>& expressions, std::size_t row) const {
    Tuple values;
    for (const auto& e : expressions) values.push_back(table_.value(e, row).to_bytes_le());
    return values;
  }

  MockFailure& report_tuple(MockFailure::Kind kind, const std::string& name, std::size_t row,
                            const std::vector<Expression>& expressions) {
    std::vector<const Expression*> pointers;
    for (const auto& e : expressions) pointers.push_back(&e);
    MockFailure& failure = report(kind, name, row, pointers);
    for (const auto& e : expressions) failure.tuple.push_back(readable(table_.value(e, row)));
    return failure;
  }

  void check_lookups() {
    for (const auto& lookup : cs_.lookups()) {
      std::set<Tuple> rows;
      for (std::size_t row = 0; row < table_.usable(); ++row) rows.insert(tuple(lookup.tables, row));
      for (std::size_t row = 0; row < table_.usable(); ++row) {
        if (!rows.contains(tuple(lookup.inputs, row)))
          report_tuple(MockFailure::Kind::lookup, lookup.name, row, lookup.inputs);
      }
    }
  }

  void check_shuffles() {
    for (const auto& shuffle : cs_.shuffles()) {
      std::map<Tuple, std::vector<std::size_t>> unmatched;  // rows of the shuffle side, the first ones taken first
      for (std::size_t row = table_.usable(); row-- > 0;) unmatched[tuple(shuffle.shuffles, row)].push_back(row);
      for (std::size_t row = 0; row < table_.usable(); ++row) {
        const auto found = unmatched.find(tuple(shuffle.inputs, row));
        if (found != unmatched.end() && !found->second.empty()) {
          found->second.pop_back();
        } else {
          report_tuple(MockFailure::Kind::shuffle, shuffle.name, row, shuffle.inputs).side = "input";
        }
      }
      std::set<std::size_t> left_over;
      for (const auto& [values, rows] : unmatched) left_over.insert(rows.begin(), rows.end());
      for (const std::size_t row : left_over)
        report_tuple(MockFailure::Kind::shuffle, shuffle.name, row, shuffle.shuffles).side = "shuffle";
    }
  }

  void check_copies() {
    for (const MockTable::Copy& copy : table_.copies()) {
      if (table_.cell(copy.a, copy.a_row) == table_.cell(copy.b, copy.b_row)) continue;
      MockFailure& failure = report(MockFailure::Kind::copy, "copy", copy.a_row, {});
      failure.cells = {cell(copy.a, copy.a_row, std::nullopt), cell(copy.b, copy.b_row, std::nullopt)};
      for (const MockCell& side : failure.cells) {
        if (side.name.region.empty()) continue;
        failure.region = side.name.region;
        failure.row = side.name.row;
        failure.region_row = side.name.region_row;
        break;
      }
    }
  }

  const MockTable& table_;
  const ConstraintSystem& cs_;
  std::vector<MockFailure> failures_;
};

std::string tuple_text(const std::vector<std::string>& tuple) {
  std::string text = "(";
  for (std::size_t i = 0; i < tuple.size(); ++i) text += (i == 0 ? "" : ", ") + tuple[i];
  return text + ")";
}

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

const char* to_string(MockFailure::Kind kind) {
  switch (kind) {
    case MockFailure::Kind::gate:
      return "gate";
    case MockFailure::Kind::lookup:
      return "lookup";
    case MockFailure::Kind::shuffle:
      return "shuffle";
    case MockFailure::Kind::copy:
      return "copy";
  }
  return "";
}

std::string MockCell::label() const {
  if (rotation) return fmt::format("{} @ {:+}", column_name(name.column), *rotation);
  return fmt::format("{} row {}", column_name(name.column), name.row);
}

std::string MockFailure::to_string() const {
  std::string text = fmt::format("\"{}\" fails", name);
  if (blinding) {
    text +=
        fmt::format(" in row {}, which the prover fills with random values (a selector must keep it off there)", row);
  } else {
    text += region.empty() ? fmt::format(" in row {}", row)
                           : fmt::format(" in \"{}\", row {} (absolute {})", region, region_row, row);
  }
  if (kind == Kind::lookup) text += fmt::format(": {} stands in no row of the table", tuple_text(tuple));
  if (kind == Kind::shuffle) {
    text += fmt::format(": {} on the {} side has no partner on the {} side", tuple_text(tuple), side,
                        side == "input" ? "shuffle" : "input");
  }
  const char* separator = ": ";
  for (const MockCell& cell : cells) {
    const std::string where = cell.rotation ? cell.label() : cell.name.to_string();
    const std::string annotation =
        cell.rotation && !cell.name.annotation.empty() ? fmt::format(" \"{}\"", cell.name.annotation) : "";
    text += fmt::format("{}{}{} = {}", separator, where, annotation, cell.blinding ? "random" : cell.value);
    separator = ", ";
  }
  return text;
}

std::vector<MockFailure> MockProver::run(unsigned k, Circuit& circuit, const Instances& instances) {
  return Checker(MockTable(k, circuit, instances)).run();
}

MockReport MockProver::examine(unsigned k, Circuit& circuit, const Instances& instances) {
  const MockTable table(k, circuit, instances);
  return {Checker(table).run(), mock_warnings(table)};
}

}  // namespace ll::halo2
