#include "halo2/test_circuits.hpp"

namespace ll::halo2::testing {

void CircuitA::configure(ConstraintSystem& cs) {
  a_ = cs.advice_column();
  i_ = cs.instance_column();
  constants_ = cs.fixed_column();
  table_ = cs.lookup_table_column();
  gate_ = cs.selector();
  range_ = cs.complex_selector();
  cs.enable_equality(a_);
  cs.enable_equality(i_);
  cs.enable_constant(constants_);
  cs.create_gate("a + b c = d", [&](VirtualCells& meta) {
    const Expression a = meta.query(a_, {0}), b = meta.query(a_, {1}), c = meta.query(a_, {2}), d = meta.query(a_, {3});
    return ConstraintSystem::NamedPolynomials{{"", meta.query_selector(gate_) * ((a + b * c) - d)}};
  });
  cs.lookup("range", [&](VirtualCells& meta) {
    return std::vector<std::pair<Expression, TableColumn>>{{meta.query_selector(range_) * meta.query(a_, {0}), table_}};
  });
  if (minimum_degree) cs.set_minimum_degree(*minimum_degree);
}

void CircuitA::synthesize(Layouter& layouter) const {
  std::vector<Fr> range;
  for (std::uint64_t i = 0; i < 16; ++i) range.push_back(Fr::from_u64(i));
  layouter.assign_table("range", {{table_, range}});
  const auto cells = layouter.assign_region("all", [&](Region& region) {
    std::vector<AssignedCell> assigned;
    for (std::size_t row = 0; row < advice.size(); ++row) {
      const auto value = [&] { return Fr::from_u64(advice[row]); };
      assigned.push_back(row == 1 ? region.assign_advice_from_constant("five", a_, row, Fr::from_u64(5))
                                  : region.assign_advice("cell", a_, row, value));
    }
    region.enable_selector(gate_, 0);
    region.enable_selector(gate_, 3);
    region.enable_selector(range_, 0);
    region.enable_selector(range_, 2);
    region.constrain_equal(assigned[0], assigned[2]);
    region.constrain_equal(assigned[1], assigned[7]);
    return assigned;
  });
  layouter.constrain_instance(cells[6], i_, 0);
  layouter.constrain_instance(cells[0], i_, 1);
}

void CircuitB::configure(ConstraintSystem& cs) {
  for (int i = 0; i < 5; ++i) a_[i] = cs.advice_column();
  a_[5] = cs.advice_column(1);
  step_ = cs.fixed_column();
  for (auto& table : table_) table = cs.lookup_table_column();
  i_[0] = cs.instance_column(3);
  i_[1] = cs.instance_column(2);
  product_ = cs.selector();
  arithmetic_ = cs.selector();
  combine_ = cs.selector();
  previous_ = cs.selector();
  instance_ = cs.complex_selector();
  pair_ = cs.complex_selector();
  challenge_ = cs.challenge_usable_after(0);
  using Polynomials = ConstraintSystem::NamedPolynomials;
  const Rotation cur = Rotation::cur();
  const auto equality = [&] {
    for (const AnyColumn column : {AnyColumn(a_[0]), AnyColumn(a_[1]), AnyColumn(a_[2]), AnyColumn(i_[0]),
                                   AnyColumn(a_[3]), AnyColumn(step_), AnyColumn(a_[4])}) {
      cs.enable_equality(column);
    }
  };
  cs.create_gate("product", [&](VirtualCells& meta) {
    const Expression c = meta.query(a_[2], cur), a = meta.query(a_[0], cur), b = meta.query(a_[1], cur);
    return Polynomials{{"", meta.query_selector(product_) * (a * b - c)}};
  });
  cs.create_gate("arithmetic", [&](VirtualCells& meta) {
    const Expression s = meta.query_selector(arithmetic_);
    const Expression next = meta.query(a_[0], Rotation::next()), a = meta.query(a_[0], cur);
    const Expression step = meta.query(step_, cur), step_before = meta.query(step_, Rotation::prev());
    return Polynomials{{"step", s * (next - a - step * Fr::from_u64(3))}, {"zero", (s * step_before) * Fr::zero()}};
  });
  cs.create_gate("combine", [&](VirtualCells& meta) {
    const Expression r = meta.query(a_[5], cur), a = meta.query(a_[0], cur), b = meta.query(a_[1], cur);
    return Polynomials{{"", meta.query_selector(combine_) * (r - (a + meta.query_challenge(challenge_) * b))}};
  });
  cs.create_gate("previous", [&](VirtualCells& meta) {
    const Expression before = meta.query(a_[2], Rotation::prev());
    return Polynomials{
        {"", (meta.query_selector(previous_) * (before - before)) * Expression::constant(Fr::from_u64(7))}};
  });
  cs.create_gate("instance", [&](VirtualCells& meta) {
    const Expression a = meta.query(a_[0], cur), i = meta.query(i_[1], Rotation::next());
    return Polynomials{{"", meta.query_selector(instance_) * (a - i)}};
  });
  cs.lookup("pairs", [&](VirtualCells& meta) {
    const Expression s = meta.query_selector(pair_);
    return std::vector<std::pair<Expression, TableColumn>>{{s * meta.query(a_[1], cur), table_[0]},
                                                           {s * meta.query(a_[2], Rotation::prev()), table_[1]}};
  });
  cs.lookup("single", [&](VirtualCells& meta) {
    return std::vector<std::pair<Expression, TableColumn>>{{meta.query(a_[3], cur), table_[0]}};
  });
  const auto mirror = [&](VirtualCells& meta) {
    const Expression left = meta.query(a_[3], cur), right = meta.query(a_[4], cur);
    return std::vector<std::pair<Expression, Expression>>{{left, right}};
  };
  if (with_shuffle) cs.shuffle("sh", mirror);
  equality();
}

void CircuitB::synthesize(Layouter& layouter) const {
  std::vector<Fr> index, square;
  for (std::uint64_t i = 0; i < 16; ++i) {
    index.push_back(Fr::from_u64(i));
    square.push_back(Fr::from_u64(i * i));
  }
  layouter.assign_table("squares", {{table_[0], index}, {table_[1], square}});
  const std::optional<Fr> challenge = layouter.challenge(challenge_);
  const auto cells = layouter.assign_region("all", [&](Region& region) {
    std::vector<AssignedCell> kept;
    for (std::size_t row = 0; row < 8; ++row) {
      const Fr a = Fr::from_u64(3 + 3 * row), b = Fr::from_u64(row == 7 ? 4 : row + 1);
      const Fr c =
          row == 6 ? Fr::from_u64(break_lookup ? 17 : 16) : a * b + Fr::from_u64(break_product && row == 2 ? 1 : 0);
      kept.push_back(region.assign_advice("a", a_[0], row, [&] { return a; }));
      kept.push_back(region.assign_advice("b", a_[1], row, [&] { return b; }));
      kept.push_back(region.assign_advice("c", a_[2], row, [&] { return c; }));
      region.assign_advice("left", a_[3], row, [&] { return Fr::from_u64(row); });
      const std::uint64_t mirrored = 7 - row;
      region.assign_advice("right", a_[4], row, [&] { return Fr::from_u64(break_shuffle && row == 0 ? 6 : mirrored); });
      region.assign_advice("r", a_[5], row, [&] {
        return a + challenge.value() * b + Fr::from_u64(break_challenge_gate && row == 1 ? 1 : 0);
      });
      region.assign_fixed("step", step_, row, Fr::from_u64(row < 6 ? 1 : 0));
      if (row < 5 && row % 2 == 0) region.enable_selector(product_, row);
      if (row < 5) region.enable_selector(arithmetic_, row);
      if (row < 6) region.enable_selector(combine_, row);
      if (row < 6 && row % 2 == 1) region.enable_selector(previous_, row);
    }
    region.enable_selector(instance_, 0);
    region.enable_selector(pair_, 7);
    const AssignedCell copied =
        region.assign_advice("copied", a_[1], 8, [&] { return Fr::from_u64(break_copy ? 10 : 9); });
    region.constrain_equal(kept[6], copied);
    region.constrain_equal(kept[0], kept[7]);  // a[0] = b[2] = 3
    return kept;
  });
  layouter.constrain_instance(cells[0], i_[0], 0);
  layouter.constrain_instance(cells[6], i_[0], 1);
}

WitnessDescription circuit_a_witness() {
  WitnessDescription witness;
  witness.instances = CircuitA::honest_instances();
  witness.advice.resize(1);
  for (const std::uint64_t value : CircuitA().advice) witness.advice[0].push_back(Fr::from_u64(value));
  return witness;
}

WitnessDescription circuit_b_witness() {
  WitnessDescription witness;
  witness.instances = CircuitB::honest_instances();
  witness.advice.resize(6);
  for (std::uint64_t row = 0; row < 8; ++row) {
    const std::uint64_t a = 3 + 3 * row, b = row == 7 ? 4 : row + 1, c = row == 6 ? 16 : a * b;
    const std::uint64_t cells[] = {a, b, c, row, 7 - row};
    for (std::size_t column = 0; column < 5; ++column) witness.advice[column].push_back(Fr::from_u64(cells[column]));
  }
  witness.advice[1].push_back(Fr::from_u64(9));
  const auto cell = [](std::uint32_t column) { return Expression(Query{{ColumnKind::advice, column, 0}, {0}, 0}); };
  CellRule combine;
  combine.column = 5;
  combine.rows = 8;
  combine.value = cell(0) + Expression(Challenge{0, 0}) * cell(1);
  witness.rules.push_back(combine);
  return witness;
}

std::vector<Instances> parse_instances(const std::string& text) {
  const auto split = [](const std::string& part, char separator) {
    std::vector<std::string> pieces{""};
    for (const char c : part) {
      if (c == separator) {
        pieces.emplace_back();
      } else if (c != '\n') {
        pieces.back().push_back(c);
      }
    }
    return pieces;
  };
  std::vector<Instances> circuits;
  for (const auto& circuit : split(text, '|')) {
    Instances columns;
    for (const auto& column : split(circuit, ';')) {
      columns.emplace_back();
      for (const auto& value : split(column, ',')) {
        const Bytes bytes = from_hex(value).value();
        columns.back().push_back(Fr::from_bytes_le(std::span(bytes).first<32>()).value());
      }
    }
    circuits.push_back(std::move(columns));
  }
  return circuits;
}

}  // namespace ll::halo2::testing
