#include "circuits/affine_circuit.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "gadgets/digit_sum.hpp"
#include "gadgets/random_combination.hpp"
#include "gadgets/row_type.hpp"

namespace ll::circuits {
namespace {

using gadgets::horner_step;
using gadgets::row_is;
using halo2::Expression;
using halo2::Rotation;
using halo2::VirtualCells;
using NamedPolynomials = halo2::ConstraintSystem::NamedPolynomials;

/// Kinds of rows: values of the two type columns and the largest value of each.
enum ConstantRow : unsigned { kStart = 1, kStep = 2, kShift = 3, kBoundary = 4, kLargestQu = kBoundary };
enum SumRow : unsigned { kPublic = 1, kCarry = 2, kProduct = 3, kLargestQs = kProduct };

/// 2^248 and 31 bytes of the digest: not zero, below r, and another description has another one.
Fr description_factor(const Digest32& digest) {
  std::array<std::uint8_t, 32> bytes{};
  std::copy_n(digest.begin(), 31, bytes.begin());
  bytes[31] = 1;
  return *Fr::from_bytes_le(bytes);
}

template <class Value>
Value power(const Value& base, std::size_t exponent) {
  Value result = base;
  for (std::size_t i = 1; i < exponent; ++i) result = result * base;
  return result;
}

}  // namespace

AffineTrace trace_affine(const AffineStatement& statement, std::span<const i128> values) {
  AffineTrace trace;
  for (const i128 value : values) trace.values.push_back(fr_from(value));
  trace.words = pack_entries(affine_entries(statement, values), statement.entry_bits());
  return trace;
}

AffineCircuit::AffineCircuit(AffineStatement statement, std::optional<AffineTrace> trace)
    : statement_(std::move(statement)), layout_(AffineLayout::smallest(statement_)) {
  const bool steps = std::ranges::any_of(layout_->blocks, [](const auto& block) { return block.constants > 1; });
  shape_ = {layout_->words, layout_->columns,         layout_->public_row,
            steps,          !layout_->shifts.empty(), statement_.description};
  fill_fixed();
  LL_CHECK(!trace || (trace->values.size() == statement_.values.size() && trace->words.size() == shape_.words),
           "affine: the trace is for another statement");
  trace_ = std::move(trace);
}

void AffineCircuit::configure(halo2::ConstraintSystem& cs) {
  config_.d = cs.advice_column(0);
  config_.u = cs.advice_column(1);
  config_.s = cs.advice_column(1);
  config_.words = cs.instance_column(shape_.words);
  config_.f.clear();
  for (std::size_t f = 0; f < shape_.constant_columns; ++f) config_.f.push_back(cs.fixed_column());
  config_.qd = cs.fixed_column();
  config_.qu = cs.fixed_column();
  config_.qs = cs.fixed_column();
  config_.gamma = cs.challenge_usable_after(0);
  create_gates(cs);
}

void AffineCircuit::create_gates(halo2::ConstraintSystem& cs) const {
  const Config& c = config_;
  const auto at = [](VirtualCells& cells, halo2::AnyColumn column, std::ptrdiff_t rotation) {
    return cells.query(column, Rotation{static_cast<int>(rotation)});
  };
  const auto public_row = static_cast<std::ptrdiff_t>(shape_.public_row);
  /// The row's constants by Horner, the first column's last.
  const auto row_constants = [&](VirtualCells& cells, const Expression& gamma) {
    Expression sum = at(cells, c.f.back(), 0);
    for (std::size_t f = c.f.size() - 1; f-- > 0;) {
      const Expression constant = at(cells, c.f[f], 0);
      sum = horner_step(sum, gamma, constant);
    }
    return sum;
  };

  // Each query stands in a declaration of its own: the order of the calls is hashed into the key.
  cs.create_gate("digit", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression on = at(cells, c.qd, 0), z = at(cells, c.d, 0), z_next = at(cells, c.d, 1);
    return {{"", on * gadgets::digit_constraint(z, z_next)}};
  });
  cs.create_gate("end of range", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression before = at(cells, c.qd, -1), here = at(cells, c.qd, 0), z = at(cells, c.d, 0);
    return {{"", before * (Expression::constant(Fr::one()) - here) * z}};
  });
  cs.create_gate("constants start", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = at(cells, c.qu, 0), gamma = cells.query_challenge(c.gamma);
    const Expression sum = row_constants(cells, gamma), u_next = at(cells, c.u, 1);
    return {{"", row_is(type, kStart, kLargestQu) * (u_next - sum)}};
  });
  if (shape_.steps) {
    cs.create_gate("constants", [&](VirtualCells& cells) -> NamedPolynomials {
      const Expression type = at(cells, c.qu, 0), gamma = cells.query_challenge(c.gamma);
      const Expression sum = row_constants(cells, gamma), u = at(cells, c.u, 0), u_next = at(cells, c.u, 1);
      return {{"", row_is(type, kStep, kLargestQu) * (u_next - (power(gamma, c.f.size()) * u + sum))}};
    });
  }
  if (shape_.shifts) {
    cs.create_gate("shift", [&](VirtualCells& cells) -> NamedPolynomials {
      const Expression type = at(cells, c.qu, 0), gamma = cells.query_challenge(c.gamma);
      const Expression s = at(cells, c.s, 0), s_next = at(cells, c.s, 1);
      return {{"", row_is(type, kShift, kLargestQu) * (s_next - power(gamma, c.f.size()) * s)}};
    });
  }
  cs.create_gate("boundary", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = at(cells, c.qu, 0), s = at(cells, c.s, 0);
    // The factor changes nothing but the key: it names the description that the public numbers are read by.
    return {{"", row_is(type, kBoundary, kLargestQu) * s * description_factor(shape_.description)}};
  });
  cs.create_gate("public", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = at(cells, c.qs, 0), gamma = cells.query_challenge(c.gamma);
    const Expression s = at(cells, c.s, 0), s_next = at(cells, c.s, 1), constant = at(cells, c.f.front(), 0);
    const Expression word = at(cells, c.words, -public_row);
    return {{"", row_is(type, kPublic, kLargestQs) * (s - horner_step(s_next, gamma, word) + constant)}};
  });
  cs.create_gate("carry", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = at(cells, c.qs, 0), s = at(cells, c.s, 0), s_next = at(cells, c.s, 1);
    return {{"", row_is(type, kCarry, kLargestQs) * (s_next - s)}};
  });
  cs.create_gate("product", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = at(cells, c.qs, 0), s = at(cells, c.s, 0), s_next = at(cells, c.s, 1);
    const Expression value = at(cells, c.d, 0), u = at(cells, c.u, 0);
    return {{"", row_is(type, kProduct, kLargestQs) * (s_next - s - value * u)}};
  });
}

void AffineCircuit::fill_fixed() {
  const AffineLayout& at = *layout_;
  f_.assign(at.columns, Column(at.used_rows));
  qd_.assign(at.used_rows, 0);
  qu_.assign(at.used_rows, 0);
  qs_.assign(at.used_rows, 0);
  std::fill_n(qs_.begin(), at.public_row, kCarry);
  std::fill(qs_.begin() + static_cast<std::ptrdiff_t>(at.public_row),
            qs_.begin() + static_cast<std::ptrdiff_t>(at.last_row), kPublic);
  const std::size_t per_word = entries_per_word(at.entry_bits);
  const Fr spacing = Fr::from_u64(2).pow_vartime(at.entry_bits + 2);
  std::vector<Fr> places{Fr::one()};
  while (places.size() < per_word) places.push_back(places.back() * spacing);
  for (const auto& block : at.blocks) {
    const auto& value = statement_.values[block.value];
    std::fill_n(qd_.begin() + static_cast<std::ptrdiff_t>(block.row), value.bits / 2, 1u);
    if (block.constants == 0) continue;
    qs_[block.row] = kProduct;
    const std::size_t first = block.row - block.constants;
    for (std::size_t row = first; row < block.row; ++row) qu_[row] = row == first ? kStart : kStep;
    for (const auto& term : value.terms) {
      const std::size_t word = term.entry / per_word, row = first + (block.top_group - word / at.columns);
      f_[word % at.columns][row] += fr_from(term.factor) * places[term.entry % per_word];
    }
  }
  for (const std::size_t row : at.shifts) {
    qu_[row] = kShift;
    qs_[row] = 0;
  }
  for (std::size_t e = 0; e < statement_.constants.size(); ++e)
    f_[0][at.public_row + e / per_word] += fr_from(statement_.constants[e]) * places[e % per_word];
  qu_[0] = qu_[at.last_row] = kBoundary;
}

AffineCircuit::Column AffineCircuit::fill_d(const AffineTrace& trace) const {
  Column d(layout_->used_rows);
  for (const auto& block : layout_->blocks) {
    std::ranges::copy(gadgets::digit_sum(trace.values[block.value], statement_.values[block.value].bits / 2),
                      d.begin() + static_cast<std::ptrdiff_t>(block.row));
  }
  return d;
}

Fr AffineCircuit::combined(std::size_t row, const Fr& gamma) const {
  Fr sum;
  for (std::size_t f = f_.size(); f-- > 0;) sum = horner_step(sum, gamma, f_[f][row]);
  return sum;
}

AffineCircuit::Column AffineCircuit::fill_u(const Fr& gamma) const {
  Column u(layout_->used_rows);
  const Fr step = power(gamma, f_.size());
  for (std::size_t row = 0; row + 1 < u.size(); ++row) {
    if (qu_[row] == kStart || qu_[row] == kStep)
      u[row + 1] = (qu_[row] == kStep ? step * u[row] : Fr::zero()) + combined(row, gamma);
  }
  return u;
}

AffineCircuit::Column AffineCircuit::fill_s(const AffineTrace& trace, const Column& d, const Column& u,
                                            const Fr& gamma) const {
  const AffineLayout& at = *layout_;
  Column s(at.used_rows);
  const Fr step = power(gamma, f_.size());
  for (std::size_t row = 0; row < at.public_row; ++row)
    s[row + 1] = qu_[row] == kShift ? step * s[row] : qs_[row] == kProduct ? s[row] + d[row] * u[row] : s[row];
  // The run over the words goes down from the whole sum to zero: each step takes a word off and divides by gamma.
  const Fr by_gamma = gamma.inverse().value_or(Fr::zero());
  for (std::size_t row = at.public_row; row < at.last_row; ++row)
    s[row + 1] = (s[row] + f_[0][row] - trace.words[row - at.public_row]) * by_gamma;
  return s;
}

void AffineCircuit::synthesize(halo2::Layouter& layouter) const {
  LL_CHECK(layout_.has_value(), "affine: made from its shape alone, without a statement");
  Column d, u, s;
  if (trace_) {
    d = fill_d(*trace_);
    if (const auto gamma = layouter.challenge(config_.gamma)) {
      u = fill_u(*gamma);
      s = fill_s(*trace_, d, u, *gamma);
    }
  }
  const auto value = [](const Column& column, std::size_t row) {
    LL_CHECK(row < column.size(), "affine: proving needs a witness");
    return column[row];
  };
  // One region of full rows, so relative and absolute rows are those of the layout.
  layouter.assign_region("model", [&](halo2::Region& region) {
    for (std::size_t row = 0; row < layout_->used_rows; ++row) {
      region.assign_advice("D", config_.d, row, [&] { return value(d, row); });
      region.assign_advice("U", config_.u, row, [&] { return value(u, row); });
      region.assign_advice("S", config_.s, row, [&] { return value(s, row); });
      for (std::size_t f = 0; f < f_.size(); ++f) region.assign_fixed("F", config_.f[f], row, f_[f][row]);
      region.assign_fixed("Qd", config_.qd, row, Fr::from_u64(qd_[row]));
      region.assign_fixed("Qu", config_.qu, row, Fr::from_u64(qu_[row]));
      region.assign_fixed("Qs", config_.qs, row, Fr::from_u64(qs_[row]));
    }
  });
}

std::string AffineCircuit::describe_row(std::size_t row) const {
  const AffineLayout& at = *layout_;
  if (row >= at.used_rows) return "unused";
  if (row == at.last_row) return "end of the public words";
  if (row >= at.public_row && row < at.last_row) return fmt::format("public word {}", row - at.public_row);
  std::string text;
  const auto add = [&](const char* what, std::size_t value) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", what, statement_.values[value].name);
  };
  for (const auto& block : at.blocks) {
    if (row >= block.row && row <= block.row + statement_.values[block.value].bits / 2) add("range of", block.value);
    if (row < block.row && row + block.constants >= block.row) add("constants of", block.value);
  }
  if (std::ranges::count(at.shifts, row) != 0) text += text.empty() ? "shift of the sum" : ", shift of the sum";
  return text.empty() ? "sum" : text;
}

}  // namespace ll::circuits
