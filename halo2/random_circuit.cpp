#include "halo2/random_circuit.hpp"

#include <algorithm>
#include <numeric>

namespace ll::halo2::testing {
namespace {

using Columns = std::vector<std::vector<Fr>>;

constexpr int kReach = 3;  ///< largest rotation, either way

/// Builds one circuit from left to right. Whatever a constraint needs is put into cells that nothing before it has
/// read: results of gates into columns of their own, table rows into tables of their own, so every witness stays true.
class Builder {
 public:
  Builder(std::uint64_t seed, const RandomCircuitOptions& options) : rng_(seed, 0x72616e64), options_(options) {}

  RandomCircuit build() {
    choose_columns();
    choose_copies();
    const std::size_t gates = below(4) + (later_.empty() ? 1 : 0);
    for (std::size_t i = 0; i < gates; ++i) add_gate(i);
    for (std::size_t i = 0; i < later_.size(); ++i) add_later_gate(i);
    for (std::size_t i = below(3); i > 0; --i) add_lookup();
    if (options_.shuffles) {
      for (std::size_t i = 1 + below(2); i > 0; --i) add_shuffle();
    }
    if (one_in(5)) cs().set_minimum_degree(cs().degree() + below(3));
    finish();
    return std::move(made_);
  }

 private:
  struct Switch {
    Expression on;  ///< not zero on `rows`, zero elsewhere
    std::vector<std::size_t> rows;
  };

  ConstraintSystem& cs() { return made_.circuit.cs; }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(rng_.below(bound)); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  /// Small numbers often: equal values and zeros are where arguments go wrong.
  Fr value() { return one_in(2) ? Fr::from_u64(below(5)) : Fr::random(rng_); }
  std::vector<Fr> values(std::size_t count) {
    std::vector<Fr> list(count);
    for (Fr& v : list) v = value();
    return list;
  }
  template <class Item>
  const Item& pick(const std::vector<Item>& list) {
    return list[below(list.size())];
  }

  void choose_columns() {
    made_.circuit.k = 5 + static_cast<unsigned>(below(3));
    made_.circuit.compress_selectors = one_in(2);
    n_ = std::size_t{1} << made_.circuit.k;
    // Rows that are filled: every circuit here has fewer than 20 queries of one column.
    filled_ = n_ - 18;
    made_.witnesses.resize(std::max<std::size_t>(1, options_.witnesses));
    for (std::size_t i = 1 + below(5); i > 0; --i) free_.push_back(new_advice(0, true));
    const std::size_t later = one_in(2) ? 0 : 1 + below(4);
    std::uint8_t phase = 0;
    for (std::size_t i = 0; i < later; ++i) {
      if (phase < 2 && (i == 0 || one_in(5))) ++phase;
      later_.push_back(new_advice(phase, false));
    }
    for (std::size_t i = below(4); i > 0; --i) fixed_.push_back(new_fixed(values(filled_)));
    for (std::size_t i = below(4); i > 0; --i) {
      const std::size_t rows = below(filled_);
      instances_.push_back(cs().instance_column(one_in(4) ? std::nullopt : std::optional(rows)));
      for (auto& witness : made_.witnesses) witness.instances.push_back(values(rows));
    }
    if (cs().max_phase() > 0 || one_in(4)) {
      for (std::size_t i = 1 + below(3); i > 0; --i) {
        // A challenge after the last phase may stand in gates only.
        const auto after = static_cast<std::uint8_t>(below(cs().max_phase() + std::size_t{1}));
        challenges_.push_back(cs().challenge_usable_after(after));
      }
    }
  }
  AdviceColumn new_advice(std::uint8_t phase, bool fill) {
    const AdviceColumn column = cs().advice_column(phase, one_in(6));
    for (auto& witness : made_.witnesses)
      witness.advice.push_back(fill ? values(filled_) : std::vector<Fr>(phase == 0 ? filled_ : 0));
    return column;
  }
  FixedColumn new_fixed(std::vector<Fr> content) {
    const FixedColumn column = cs().fixed_column();
    content.resize(n_);
    made_.circuit.fixed.push_back(std::move(content));
    return column;
  }

  Fr& cell(WitnessDescription& witness, const AnyColumn& column, std::size_t row) {
    return column.kind == ColumnKind::advice  ? witness.advice[column.index][row]
           : column.kind == ColumnKind::fixed ? made_.circuit.fixed[column.index][row]
                                              : witness.instances[column.index][row];
  }
  std::size_t rows_of(const AnyColumn& column) {
    return column.kind == ColumnKind::instance ? made_.witnesses[0].instances[column.index].size() : filled_;
  }

  /// Copies between columns in a random order, then equal values along them.
  void choose_copies() {
    if (one_in(4)) return;
    std::vector<AnyColumn> columns;
    for (const auto& c : free_) columns.emplace_back(c);
    for (const auto& c : fixed_) columns.emplace_back(c);
    for (const auto& c : instances_) columns.emplace_back(c);
    for (const auto& c : later_) columns.emplace_back(c);  // in the permutation, each cell a cycle of its own
    for (std::size_t i = columns.size(); i > 1; --i) std::swap(columns[i - 1], columns[below(i)]);
    columns.resize(1 + below(columns.size()));
    std::vector<AnyColumn> useful;
    for (const AnyColumn& column : columns) {
      if (column.kind == ColumnKind::fixed && one_in(2)) cs().enable_constant({column.index, 0});
      cs().enable_equality(column);
      if (column.phase == 0 && rows_of(column) > 0) useful.push_back(column);
    }
    if (useful.empty()) return;
    std::vector<std::pair<AnyColumn, std::size_t>> cells;
    std::vector<std::size_t> leader;
    const auto number = [&](const AnyColumn& column, std::size_t row) {
      const auto found = std::ranges::find(cells, std::pair{column, row});
      if (found != cells.end()) return static_cast<std::size_t>(found - cells.begin());
      cells.emplace_back(column, row);
      leader.push_back(cells.size() - 1);
      return cells.size() - 1;
    };
    for (std::size_t i = below(16); i > 0; --i) {
      const AnyColumn left = pick(useful), right = pick(useful);
      const std::size_t left_row = below(rows_of(left)), right_row = below(rows_of(right));
      made_.circuit.copies.push_back({left, left_row, right, right_row});
      const std::size_t a = leader[number(left, left_row)], b = leader[number(right, right_row)];
      std::ranges::replace(leader, b, a);
    }
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const auto& [column, row] = cells[leader[i]];
      for (auto& witness : made_.witnesses) {
        // One value for all witnesses: a class may hold a fixed cell.
        cell(witness, cells[i].first, cells[i].second) = cell(made_.witnesses[0], column, row);
      }
    }
  }

  /// A switch on random rows whose neighbours within reach are all filled. `complex`: may stand in a lookup.
  Switch new_switch(bool complex) {
    Switch made;
    std::vector<bool> rows(n_);
    for (std::size_t row = kReach; row + kReach < filled_; ++row) {
      if (!one_in(3)) continue;
      rows[row] = true;
      made.rows.push_back(row);
    }
    if (one_in(4)) {  // a fixed column instead of a selector; in gates it may hold any values
      std::vector<Fr> content(n_);
      for (const std::size_t row : made.rows) content[row] = complex ? Fr::one() : Fr::from_u64(1 + below(3));
      made.on = query(new_fixed(std::move(content)), 0);
      return made;
    }
    // Selectors with few common rows share a column when they are compressed.
    if (one_in(2)) {
      for (std::size_t row = 0; row < n_; ++row) {
        if (rows[row] && row % 3 != cs().selectors() % 3) rows[row] = false;
      }
      std::erase_if(made.rows, [&](std::size_t row) { return !rows[row]; });
    }
    made_.circuit.selector_rows.push_back(std::move(rows));
    made.on = Expression(complex || one_in(3) ? cs().complex_selector() : cs().selector());
    return made;
  }

  Expression query(const AnyColumn& column, int rotation) {
    return Expression(Query{column, {rotation}, cs().query_index(column, {rotation})});
  }
  int rotation() { return one_in(2) ? 0 : static_cast<int>(below(2 * kReach + 1)) - kReach; }

  /// A polynomial of degree at most `degree` in `columns`, with the challenges of phases before `phase`.
  Expression polynomial(std::size_t degree, const std::vector<AnyColumn>& columns, std::uint8_t phase, int depth = 0) {
    const std::size_t kind = depth > 5 ? 0 : below(8);
    const auto inner = [&](std::size_t d) { return polynomial(d, columns, phase, depth + 1); };
    if (kind == 5) return inner(degree) + inner(degree);
    if (kind == 6) return one_in(2) ? -inner(degree) : inner(degree) * value();
    if (kind == 7) return inner(degree) - inner(degree);
    if (kind >= 2 && degree >= 2) {
      const std::size_t left = 1 + below(degree - 1);
      return inner(left) * inner(degree - left);
    }
    std::vector<Challenge> known;
    for (const Challenge& c : challenges_) {
      if (c.phase < phase) known.push_back(c);
    }
    if (!known.empty() && one_in(4)) return Expression(pick(known));
    if (degree == 0 || columns.empty() || one_in(8)) return Expression::constant(value());
    return query(pick(columns), rotation());
  }
  std::vector<AnyColumn> readable(std::uint8_t phase) {
    std::vector<AnyColumn> columns;
    for (const auto& c : free_) columns.emplace_back(c);
    for (const auto& c : fixed_) columns.emplace_back(c);
    for (const auto& c : instances_) columns.emplace_back(c);
    for (const auto& c : later_) {
      if (c.phase < phase) columns.emplace_back(c);
    }
    return columns;
  }
  /// Value in a row; what is beyond a column's end is zero.
  Fr evaluate(const Expression& e, WitnessDescription& witness, std::size_t row) {
    return e.evaluate(
        [&](const Query& q) {
          const std::size_t at = row + static_cast<std::size_t>(q.rotation.value + static_cast<int>(n_)) - n_;
          return at < rows_of(q.column) ? cell(witness, q.column, at) : Fr::zero();
        },
        [](Challenge) -> Fr { fail(ErrorCode::invalid_argument, "random circuit: no challenge here"); },
        [](Selector) -> Fr { fail(ErrorCode::invalid_argument, "random circuit: no selector here"); });
  }

  /// switch * (P - result), the result in a column of its own: advice, or fixed where there is one witness. Some gates
  /// have several polynomials.
  void add_gate(std::size_t index) {
    ConstraintSystem::NamedPolynomials polynomials;
    const Switch at = new_switch(false);
    for (std::size_t i = 1 + below(2); i > 0; --i) {
      const Expression p = polynomial(1 + below(one_in(4) ? 8 : 4), readable(0), 0);
      const int shift = rotation();
      AnyColumn result;
      if (made_.witnesses.size() == 1 && one_in(2)) {
        result = new_fixed({});
      } else {
        result = new_advice(0, false);
      }
      const Expression is = query(result, shift);
      for (auto& witness : made_.witnesses) {
        for (const std::size_t row : at.rows)
          cell(witness, result, row + static_cast<std::size_t>(shift + kReach) - kReach) = evaluate(p, witness, row);
      }
      polynomials.emplace_back("", one_in(2) ? at.on * (p - is) : (is - p) * at.on);
    }
    cs().create_gate(fmt::format("gate {}", index), [&](VirtualCells&) { return polynomials; });
  }

  /// The cells of a column of a later phase: P of what is known then, plus maybe its own cell above.
  void add_later_gate(std::size_t index) {
    const AdviceColumn column = later_[index];
    const Switch at = new_switch(false);
    Expression p = polynomial(1 + below(4), readable(column.phase), column.phase);
    if (one_in(2)) {
      std::vector<Challenge> known;
      for (const Challenge& c : challenges_) {
        if (c.phase < column.phase) known.push_back(c);
      }
      const Expression above = query(column, -1);
      p = known.empty() ? above + p : above * Expression(pick(known)) + p;
    }
    const Expression is = query(column, 0);
    cs().create_gate(fmt::format("later {}", index),
                     [&](VirtualCells&) { return ConstraintSystem::NamedPolynomials{{"cell", at.on * (is - p)}}; });
    for (auto& witness : made_.witnesses) {
      for (std::size_t i = 0; i < at.rows.size();) {
        std::size_t end = i + 1;
        while (end < at.rows.size() && at.rows[end] == at.rows[end - 1] + 1) ++end;
        witness.rules.push_back({column.index, at.rows[i], end - i, 1, p, std::nullopt});
        i = end;
      }
    }
  }

  /// Inputs are zero where the switch is off, so tables hold the zero row.
  void add_lookup() {
    const std::size_t width = 1 + below(3);
    const Switch at = new_switch(true);
    std::vector<Expression> inputs;
    for (std::size_t i = 0; i < width; ++i) inputs.push_back(polynomial(1 + below(2), readable(0), 0));
    // Table rows: zero, then what the inputs are in any witness, then repeats.
    std::vector<std::vector<Fr>> rows{std::vector<Fr>(width)};
    const bool in_advice = one_in(3);
    std::vector<std::vector<std::vector<Fr>>> by_witness;
    for (auto& witness : made_.witnesses) {
      if (in_advice) rows.resize(1);
      for (const std::size_t row : at.rows) {
        std::vector<Fr> tuple;
        for (const auto& e : inputs) tuple.push_back(evaluate(e, witness, row));
        if (std::ranges::find(rows, tuple) == rows.end()) rows.push_back(tuple);
      }
      by_witness.push_back(rows);
    }
    if (by_witness.back().size() >= filled_) return;  // several witnesses fill a fixed table: too many rows, no lookup
    const int shift = in_advice ? 0 : static_cast<int>(below(2));
    std::vector<AnyColumn> tables;
    for (std::size_t i = 0; i < width; ++i) {
      tables.push_back(in_advice ? AnyColumn(new_advice(0, false)) : AnyColumn(new_fixed({})));
      for (std::size_t w = 0; w < made_.witnesses.size(); ++w) {
        const auto& content = in_advice ? by_witness[w] : by_witness.back();
        for (std::size_t row = static_cast<std::size_t>(shift); row < filled_; ++row)
          cell(made_.witnesses[w], tables[i], row) =
              content[std::min(row - static_cast<std::size_t>(shift), content.size() - 1)][i];
      }
    }
    std::vector<std::pair<Expression, Expression>> pairs;
    for (std::size_t i = 0; i < width; ++i) pairs.emplace_back(at.on * inputs[i], query(tables[i], shift));
    if (width > 1 && !challenges_.empty() && one_in(2)) {  // two inputs as one, by a challenge
      const Expression c(pick(challenges_));
      pairs[0] = {pairs[0].first + pairs[1].first * c, pairs[0].second + c * pairs[1].second};
      pairs.erase(pairs.begin() + 1);
    }
    cs().lookup_any("lookup", [&](VirtualCells&) { return pairs; });
  }

  /// The rows of one to two columns in another order; with a switch each way, some rows into others.
  void add_shuffle() {
    const std::size_t width = 1 + below(2);
    const bool switched = one_in(2);
    std::vector<std::size_t> from(filled_), to;
    std::iota(from.begin(), from.end(), std::size_t{0});
    std::optional<Expression> left_on, right_on;
    if (switched) {
      const Switch left = new_switch(true);
      from = left.rows;
      std::vector<bool> rows(n_);
      for (const std::size_t row : from) rows[row + 1] = true;  // as many, elsewhere
      made_.circuit.selector_rows.push_back(rows);
      left_on = left.on;
      right_on = Expression(cs().complex_selector());
      for (const std::size_t row : from) to.push_back(row + 1);
    } else {
      to = from;
    }
    std::vector<std::pair<Expression, Expression>> pairs;
    std::vector<AnyColumn> lefts, rights;
    for (std::size_t i = 0; i < width; ++i) {
      lefts.emplace_back(new_advice(0, true));
      rights.emplace_back(new_advice(0, false));
      const Expression left = query(lefts[i], 0), right = query(rights[i], 0);
      pairs.emplace_back(left_on ? *left_on * left : left, right_on ? *right_on * right : right);
    }
    for (auto& witness : made_.witnesses) {
      for (std::size_t i = to.size(); i > 1; --i) std::swap(to[i - 1], to[below(i)]);
      for (std::size_t i = 0; i < width; ++i) {
        for (std::size_t j = 0; j < from.size(); ++j)
          cell(witness, rights[i], to[j]) = cell(witness, lefts[i], from[j]);
      }
    }
    cs().shuffle("shuffle", [&](VirtualCells&) { return pairs; });
  }

  /// Nothing may lie beyond the usable rows.
  void finish() {
    LL_CHECK(cs().usable_rows(made_.circuit.k) >= filled_, "random circuit: {} rows filled, {} usable", filled_,
             cs().usable_rows(made_.circuit.k));
  }

  SeededRng rng_;
  RandomCircuitOptions options_;
  RandomCircuit made_;
  std::size_t n_ = 0, filled_ = 0;
  std::vector<AdviceColumn> free_, later_;
  std::vector<FixedColumn> fixed_;
  std::vector<InstanceColumn> instances_;
  std::vector<Challenge> challenges_;
};

}  // namespace

RandomCircuit make_random_circuit(std::uint64_t seed, const RandomCircuitOptions& options) {
  return Builder(seed, options).build();
}

}  // namespace ll::halo2::testing
