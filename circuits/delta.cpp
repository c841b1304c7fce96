#include "circuits/delta.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "gadgets/digit_sum.hpp"
#include "gadgets/random_combination.hpp"
#include "gadgets/row_type.hpp"

namespace ll::circuits {
namespace {

using gadgets::horner_step;
using gadgets::row_is;
using gadgets::row_is_any;
using halo2::Expression;
using halo2::Rotation;
using halo2::VirtualCells;
using NamedPolynomials = halo2::ConstraintSystem::NamedPolynomials;

/// Kinds of rows: values of the two type columns and the largest value of each.
enum BlockRow : unsigned { kAccount = 1, kLastBlockAccount = 2, kBlockEnd = 3, kLargestQa = kBlockEnd };
enum WordRow : unsigned { kBit = 1, kSign = 2, kBoundary = 3, kLargestQb = kBoundary };

/// Three queries of a column at most: five blinding factors and the row before them.
constexpr std::size_t kUnusableRows = 6;

Expression number(std::uint64_t value) { return Expression::constant(Fr::from_u64(value)); }

/// +1 at the counter's first jump, -1 at its second. `Value` is Fr in the prover and Expression in a gate.
template <class Value>
Value jump(const Value& z, const Value& z_next, const Value& one) {
  return (z_next - z) * (one - z - z);
}

}  // namespace

DeltaLayout::DeltaLayout(const model::EncoderShape& shape) {
  check_delta_shape(shape);
  accounts = shape.accounts;
  words = (shape.dims + kEntriesPerDeltaWord - 1) / kEntriesPerDeltaWord;
  blocks = (words + kDeltaConstantColumns - 1) / kDeltaConstantColumns;
  block_rows = accounts + 1;
  public_row = blocks * block_rows;
  // Room for each word, and for the signed amount above its bits.
  last_row = public_row + std::max<std::size_t>(words, shape.balance_bits + 1);
  amount_row = last_row - shape.balance_bits;
  used_rows = last_row + 1;
  k = 1;
  while ((std::size_t{1} << k) < used_rows + kUnusableRows) ++k;
}

DeltaCircuit::DeltaCircuit(const model::QuantizedEncoder& encoder, std::optional<DeltaTrace> trace)
    : layout_(encoder.shape()), balance_bits_(encoder.shape().balance_bits), constants_(delta_constants(encoder)) {
  fill_fixed();
  LL_CHECK(!trace || (trace->jumps.size() == layout_.block_rows && trace->delta.size() == layout_.words),
           "delta: the trace is for another shape");
  trace_ = std::move(trace);
}

void DeltaCircuit::configure(halo2::ConstraintSystem& cs) {
  config_.d = cs.advice_column(0);
  config_.r = cs.advice_column(1);
  config_.delta = cs.instance_column(layout_.words);
  config_.f.clear();
  for (std::size_t f = 0; f < kDeltaConstantColumns; ++f) config_.f.push_back(cs.fixed_column());
  config_.qa = cs.fixed_column();
  config_.qb = cs.fixed_column();
  config_.gamma = cs.challenge_usable_after(0);
  create_gates(cs);
}

void DeltaCircuit::create_gates(halo2::ConstraintSystem& cs) const {
  const Config& c = config_;
  const auto cur = [](VirtualCells& cells, halo2::AnyColumn column) { return cells.query(column, Rotation::cur()); };
  const auto rotated = [](VirtualCells& cells, halo2::AnyColumn column, std::ptrdiff_t rotation) {
    return cells.query(column, Rotation{static_cast<int>(rotation)});
  };
  const auto block_rows = static_cast<std::ptrdiff_t>(layout_.block_rows);
  const auto public_row = static_cast<std::ptrdiff_t>(layout_.public_row);

  // Each query stands in a declaration of its own: the order of the calls is hashed into the key.
  cs.create_gate("jump", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.qa), z = cur(cells, c.d), z_next = rotated(cells, c.d, 1);
    const Expression step = z_next - z;
    return {{"", row_is_any(type, {kAccount, kLastBlockAccount}, kLargestQa) * step * (step - number(1))}};
  });
  cs.create_gate("sum", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.qa), z = cur(cells, c.d), z_next = rotated(cells, c.d, 1);
    const Expression gamma = cells.query_challenge(c.gamma);
    Expression combined = cur(cells, c.f.back());
    for (std::size_t f = kDeltaConstantColumns - 1; f-- > 0;) {
      const Expression constant = cur(cells, c.f[f]);
      combined = horner_step(combined, gamma, constant);
    }
    const Expression r = cur(cells, c.r), r_next = rotated(cells, c.r, 1);
    return {{"", row_is_any(type, {kAccount, kLastBlockAccount}, kLargestQa) *
                     (r_next - r - jump(z, z_next, number(1)) * combined)}};
  });
  if (layout_.blocks > 1) {
    cs.create_gate("same in the next block", [&](VirtualCells& cells) -> NamedPolynomials {
      const Expression type = cur(cells, c.qa), z = cur(cells, c.d), z_there = rotated(cells, c.d, block_rows);
      return {{"", row_is(type, kAccount, kLargestQa) * (z_there - z)}};
    });
  }
  cs.create_gate("block end", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.qa), z = cur(cells, c.d), more = cur(cells, c.f.front());
    const Expression gamma = cells.query_challenge(c.gamma), r = cur(cells, c.r), r_next = rotated(cells, c.r, 1);
    Expression power = gamma;
    for (std::size_t f = 1; f < kDeltaConstantColumns; ++f) power = power * gamma;
    const Expression on = row_is(type, kBlockEnd, kLargestQa);
    return {{"two jumps", on * (z - number(2))}, {"carry", on * (r_next - r - more * (power * r - r))}};
  });
  cs.create_gate("public", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.qb), amount = cur(cells, c.d), first = cur(cells, c.f.front());
    const Expression gamma = cells.query_challenge(c.gamma), r = cur(cells, c.r), r_next = rotated(cells, c.r, 1);
    const Expression word = rotated(cells, c.delta, -public_row);
    return {{"", row_is_any(type, {kBit, kSign}, kLargestQb) *
                     (r + first * (amount * r - r) - horner_step(r_next, gamma, word))}};
  });
  cs.create_gate("sign", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.qb), amount = cur(cells, c.d), next = rotated(cells, c.d, 1);
    return {{"", row_is(type, kSign, kLargestQb) * (next - amount) * (next + amount)}};
  });
  cs.create_gate("bit", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.qb), z = cur(cells, c.d), z_next = rotated(cells, c.d, 1);
    return {{"", row_is(type, kBit, kLargestQb) * gadgets::bit_constraint(z, z_next)}};
  });
  cs.create_gate("boundary", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.qb), d = cur(cells, c.d), r = cur(cells, c.r);
    const Expression on = row_is(type, kBoundary, kLargestQb);
    return {{"D is zero", on * d}, {"R is zero", on * r}};
  });
}

void DeltaCircuit::fill_fixed() {
  const DeltaLayout& at = layout_;
  f_.assign(kDeltaConstantColumns, Column(at.used_rows));
  qa_.resize(at.used_rows);
  qb_.resize(at.used_rows);
  for (std::size_t b = 0; b < at.blocks; ++b) {
    for (std::size_t i = 0; i < at.accounts; ++i) {
      const std::size_t row = at.account_row(b, i);
      qa_[row] = Fr::from_u64(b + 1 < at.blocks ? kAccount : kLastBlockAccount);
      for (std::size_t f = 0; f < kDeltaConstantColumns; ++f) {
        if (at.word(b, f) < at.words) f_[f][row] = constants_[i][at.word(b, f)];
      }
    }
    qa_[at.end_row(b)] = Fr::from_u64(kBlockEnd);
    if (b + 1 < at.blocks) f_[0][at.end_row(b)] = Fr::one();  // another block follows
  }
  for (std::size_t row = at.public_row; row < at.last_row; ++row)
    qb_[row] = Fr::from_u64(row < at.amount_row ? kSign : kBit);
  f_[0][at.public_row] = Fr::one();  // here the sum is multiplied by the signed amount
  for (const std::size_t row : {std::size_t{0}, at.last_row}) qb_[row] = Fr::from_u64(kBoundary);
}

DeltaCircuit::Column DeltaCircuit::fill_d(const DeltaTrace& trace) const {
  const DeltaLayout& at = layout_;
  Column d(at.used_rows);
  for (std::size_t b = 0; b < at.blocks; ++b)
    std::ranges::copy(trace.jumps, d.begin() + static_cast<std::ptrdiff_t>(at.account_row(b, 0)));
  for (std::size_t row = at.public_row; row < at.amount_row; ++row) d[row] = trace.signed_amount;
  std::ranges::copy(gadgets::bit_sum(trace.amount, balance_bits_),
                    d.begin() + static_cast<std::ptrdiff_t>(at.amount_row));
  return d;
}

DeltaCircuit::Column DeltaCircuit::fill_r(const DeltaTrace& trace, const Column& d, const Fr& gamma) const {
  const DeltaLayout& at = layout_;
  Column r(at.used_rows);
  for (std::size_t b = 0; b < at.blocks; ++b) {
    for (std::size_t i = 0; i < at.accounts; ++i) {
      const std::size_t row = at.account_row(b, i);
      Fr combined;
      for (std::size_t f = kDeltaConstantColumns; f-- > 0;) combined = horner_step(combined, gamma, f_[f][row]);
      r[row + 1] = r[row] + jump(d[row], d[row + 1], Fr::one()) * combined;
    }
    const std::size_t end = at.end_row(b);
    r[end + 1] = b + 1 < at.blocks ? r[end] * gamma.pow_vartime(kDeltaConstantColumns) : r[end];
  }
  // The run over the words goes down from the whole sum to zero: each step takes a word off and divides by gamma.
  const Fr by_gamma = gamma.inverse().value_or(Fr::zero());
  for (std::size_t p = 0; at.public_row + p < at.last_row; ++p) {
    const std::size_t row = at.public_row + p;
    const Fr sum = p == 0 ? r[row] * d[row] : r[row];
    r[row + 1] = (sum - (p < at.words ? trace.delta[p] : Fr::zero())) * by_gamma;
  }
  return r;
}

void DeltaCircuit::synthesize(halo2::Layouter& layouter) const {
  LL_CHECK(!constants_.empty(), "delta: made from its shape alone, without an encoder");
  Column d, r;
  if (trace_) {
    d = fill_d(*trace_);
    if (const auto gamma = layouter.challenge(config_.gamma)) r = fill_r(*trace_, d, *gamma);
  }
  const auto value = [](const Column& column, std::size_t row) {
    LL_CHECK(row < column.size(), "delta: proving needs a witness");
    return column[row];
  };
  const auto fill = [&](std::string_view name, std::size_t first, std::size_t rows) {
    layouter.assign_region(name, [&](halo2::Region& region) {
      for (std::size_t offset = 0; offset < rows; ++offset) {
        const std::size_t row = first + offset;
        region.assign_advice("D", config_.d, offset, [&] { return value(d, row); });
        region.assign_advice("R", config_.r, offset, [&] { return value(r, row); });
        for (std::size_t f = 0; f < kDeltaConstantColumns; ++f)
          region.assign_fixed(fmt::format("F{}", f), config_.f[f], offset, f_[f][row]);
        region.assign_fixed("Qa", config_.qa, offset, qa_[row]);
        region.assign_fixed("Qb", config_.qb, offset, qb_[row]);
      }
    });
  };
  // Regions of full rows follow each other without gaps, so relative and absolute rows are those of the layout.
  for (std::size_t b = 0; b < layout_.blocks; ++b)
    fill(fmt::format("block {}", b), layout_.account_row(b, 0), layout_.block_rows);
  fill("public words", layout_.public_row, layout_.used_rows - layout_.public_row);
}

std::string DeltaCircuit::describe_row(std::size_t row) const {
  const DeltaLayout& at = layout_;
  if (row >= at.used_rows) return "unused";
  if (row == at.last_row) return "end of the amount's bits and of the words";
  if (row >= at.public_row) {
    return fmt::format("word {}: {}", row - at.public_row,
                       row < at.amount_row ? "signed amount" : "bits of the amount");
  }
  const std::size_t block = row / at.block_rows, account = row % at.block_rows;
  const std::size_t first = at.word(block, 0), last = std::min(at.words, first + kDeltaConstantColumns) - 1;
  return fmt::format("words {} to {}: {}", first, last,
                     account == at.accounts ? std::string("end") : fmt::format("account {}", account));
}

}  // namespace ll::circuits
