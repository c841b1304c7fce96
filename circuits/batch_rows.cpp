#include "circuits/batch_rows.hpp"

#include <algorithm>

#include "algebra/batch_inverse.hpp"
#include "base/error.hpp"
#include "gadgets/digit_sum.hpp"
#include "gadgets/row_type.hpp"

namespace ll::circuits {

using gadgets::row_is;
using halo2::Expression;
using halo2::Rotation;
using halo2::VirtualCells;
using NamedPolynomials = halo2::ConstraintSystem::NamedPolynomials;

namespace {

Expression number(std::uint64_t value) { return Expression::constant(Fr::from_u64(value)); }

Expression cell(VirtualCells& cells, halo2::AnyColumn column, int rotation = 0) {
  return cells.query(column, Rotation{rotation});
}

}  // namespace

gadgets::MemoryChallenges<Expression> memory_challenges(VirtualCells& cells, const BatchColumns& columns) {
  const Expression beta = cells.query_challenge(columns.beta);
  return {cells.query_challenge(columns.alpha), beta, beta * beta};
}

Expression is_transfer(VirtualCells& cells, const BatchColumns& columns, std::size_t c) {
  if (c == 0) return row_is(cell(cells, columns.q3), kTransfer, kLargestQ3);
  return row_is(cell(cells, columns.more_transfers[(c - 1) / 2]), c % 2 == 1 ? kOddTransfer : kEvenTransfer,
                kLargestQ5);
}

std::string column_name(const BatchColumns& columns, std::size_t c) {
  return columns.d.size() == 1 ? std::string() : fmt::format("column {}", c);
}

// Each query stands in a declaration of its own: the order of the calls is hashed into the key, and the order in which
// a compiler evaluates arguments and operands is its own.
void digit_gate(halo2::ConstraintSystem& cs, halo2::FixedColumn qd, const std::vector<halo2::AdviceColumn>& d) {
  cs.create_gate("digit", [&](VirtualCells& cells) {
    NamedPolynomials constraints;
    const Expression type = cell(cells, qd);
    for (std::size_t c = 0; c < d.size(); ++c) {
      const Expression z = cell(cells, d[c]), z_next = cell(cells, d[c], 1);
      constraints.push_back({d.size() == 1 ? "" : fmt::format("column {}", c),
                             row_is(type, kDigit, kLargestQd) * gadgets::digit_constraint(z, z_next)});
    }
    return constraints;
  });
}

void zero_gate(halo2::ConstraintSystem& cs, halo2::FixedColumn q2, const std::vector<halo2::AdviceColumn>& d) {
  cs.create_gate("zero", [&](VirtualCells& cells) {
    NamedPolynomials constraints;
    const Expression type = cell(cells, q2);
    for (std::size_t c = 0; c < d.size(); ++c) {
      const Expression z = cell(cells, d[c]);
      constraints.push_back({d.size() == 1 ? "" : fmt::format("column {}", c), row_is(type, kSumEnd, kLargestQ2) * z});
    }
    return constraints;
  });
}

void carry_gate(halo2::ConstraintSystem& cs, const BatchColumns& c) {
  cs.create_gate("carry", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cell(cells, c.q3), t = cell(cells, c.t), t_next = cell(cells, c.t, 1);
    return {{"", row_is(type, kCarry, kLargestQ3) * (t_next - t)}};
  });
}

void transfer_gate(halo2::ConstraintSystem& cs, const BatchColumns& columns, const UpdateLayout& at) {
  cs.create_gate("transfer", [&](VirtualCells& cells) {
    NamedPolynomials constraints;
    const Expression now = cell(cells, columns.ft);
    const Expression t = cell(cells, columns.t), t_next = cell(cells, columns.t, 1);
    for (std::size_t c = 0; c < columns.d.size(); ++c) {
      const auto of_transfer = [&](int rotation) { return cell(cells, columns.d[c], rotation - static_cast<int>(c)); };
      const Expression on = is_transfer(cells, columns, c);
      const Expression sender = of_transfer(0), receiver = of_transfer(at.receiver_at());
      const Expression receiver_before = of_transfer(at.receiver_before_at());
      const Expression amount = of_transfer(at.amount_at()), sender_after = of_transfer(at.sender_after_at());
      const Expression sender_gap = of_transfer(at.sender_gap_at()), receiver_gap = of_transfer(at.receiver_gap_at());
      constraints.push_back({column_name(columns, c),
                             on * gadgets::memory_step(memory_challenges(cells, columns), t, t_next,
                                                       {{sender, sender_after + amount, now - sender_gap},
                                                        {receiver, receiver_before, now - receiver_gap}},
                                                       {{sender, sender_after, now + number(1)},
                                                        {receiver, receiver_before + amount, now + number(2)}})});
    }
    return constraints;
  });
}

void mark_row(Column& column, std::size_t row, unsigned type) {
  LL_CHECK(column[row].is_zero(), "update: row {} would have two types", row);
  column[row] = Fr::from_u64(type);
}

void mark_digits(Column& qd, Column& q2, std::size_t first, unsigned digits) {
  for (unsigned j = 0; j < digits; ++j) mark_row(qd, first + j, kDigit);
  mark_row(q2, first + digits, kSumEnd);
}

BatchFixed batch_fixed(const UpdateLayout& at) {
  BatchFixed f;
  f.more_transfers.resize(at.columns / 2);
  for (auto* column : {&f.ft, &f.qd, &f.q2, &f.q3}) column->resize(at.used_rows);
  for (Column& column : f.more_transfers) column.resize(at.used_rows);
  for (std::size_t row = 0; row < at.last_row(); ++row) f.q3[row] = Fr::from_u64(kCarry);
  for (std::size_t t = 0; t < at.transfers; ++t) {
    const std::size_t row = at.transfer_row(t), column = at.column_of(t);
    f.ft[row] = Fr::from_u64(2 * t);
    f.q3[row] = Fr::zero();
    if (column > 0) {  // columns side by side share the types of their cells' rows
      mark_row(f.more_transfers[(column - 1) / 2], row, column % 2 == 1 ? kOddTransfer : kEvenTransfer);
      continue;
    }
    mark_row(f.q3, row, kTransfer);
    mark_digits(f.qd, f.q2, at.cell(t, at.amount_at()), at.balance_digits);
    mark_digits(f.qd, f.q2, at.cell(t, at.sender_after_at()), at.balance_digits);
    mark_digits(f.qd, f.q2, at.cell(t, at.sender_gap_at()), at.time_digits);
    mark_digits(f.qd, f.q2, at.cell(t, at.receiver_gap_at()), at.time_digits);
  }
  for (std::size_t i = 0; i < at.accounts; ++i) {
    const std::size_t row = at.account_row(i);
    f.ft[row] = Fr::from_u64(i);
    f.q3[row] = Fr::zero();
    mark_digits(f.qd, f.q2, row, at.balance_digits);
    mark_row(f.q2, row, kAccount);
  }
  for (const std::size_t row : {std::size_t{0}, at.last_row()}) mark_row(f.q2, row, kBoundary);
  return f;
}

void put_digits(Column& d, std::size_t first, const Fr& value, unsigned digits) {
  std::ranges::copy(gadgets::digit_sum(value, digits), d.begin() + static_cast<std::ptrdiff_t>(first));
}

Columns fill_batch(const UpdateLayout& at, const UpdateTrace& trace) {
  Columns columns(at.columns, Column(at.used_rows));
  for (std::size_t t = 0; t < at.transfers; ++t) {
    const UpdateTrace::Slot& slot = trace.slots[t];
    Column& d = columns[at.column_of(t)];
    const Fr now = Fr::from_u64(2 * t);
    put_digits(d, at.cell(t, at.amount_at()), slot.amount, at.balance_digits);
    put_digits(d, at.cell(t, at.sender_after_at()), slot.sender_after, at.balance_digits);
    put_digits(d, at.cell(t, at.sender_gap_at()), now - slot.sender_time, at.time_digits);
    put_digits(d, at.cell(t, at.receiver_gap_at()), now - slot.receiver_time, at.time_digits);
    d[at.sender_row(t)] = slot.sender;
    d[at.cell(t, at.receiver_at())] = slot.receiver;
    d[at.cell(t, at.receiver_before_at())] = slot.receiver_before;
  }
  for (std::size_t i = 0; i < at.accounts; ++i) {
    const std::size_t row = at.account_row(i);
    columns[0][row - 1] = trace.final_time[i];
    put_digits(columns[0], row, trace.final_balance[i], at.balance_digits);
  }
  return columns;
}

Column fill_product(const UpdateLayout& at, const Columns& d, const Column& initial, int rotation,
                    const gadgets::MemoryChallenges<Fr>& memory) {
  Column taken, put;  // fingerprint products in the order of the rows
  std::vector<std::size_t> rows;
  const std::size_t share = at.transfers_a_block * at.columns;
  for (std::size_t i = 0; i < at.accounts; ++i) {
    for (std::size_t t = i * share; t < std::min((i + 1) * share, at.transfers); ++t) {
      const Column& column = d[at.column_of(t)];
      const auto cell_at = [&](int offset) { return column[at.cell(t, offset)]; };
      const Fr now = Fr::from_u64(2 * t), amount = cell_at(at.amount_at());
      const Fr sender_after = cell_at(at.sender_after_at()), receiver_before = cell_at(at.receiver_before_at());
      const Fr sender = cell_at(0), receiver = cell_at(at.receiver_at());
      rows.push_back(at.transfer_row(t));
      taken.push_back(
          gadgets::fingerprints<Fr>(memory, {{sender, sender_after + amount, now - cell_at(at.sender_gap_at())},
                                             {receiver, receiver_before, now - cell_at(at.receiver_gap_at())}}));
      put.push_back(gadgets::fingerprints<Fr>(memory, {{sender, sender_after, now + Fr::one()},
                                                       {receiver, receiver_before + amount, now + Fr::from_u64(2)}}));
    }
    const std::size_t row = at.account_row(i);
    const Fr account = Fr::from_u64(i), before = initial[row + static_cast<std::size_t>(static_cast<long>(rotation))];
    rows.push_back(row);
    taken.push_back(gadgets::fingerprint<Fr>(memory, {account, d[0][row], d[0][row - 1]}));
    put.push_back(gadgets::fingerprint<Fr>(memory, {account, before, Fr::zero()}));
  }
  algebra::batch_inverse_vartime<Fr>(taken);
  Column t(at.used_rows);
  Fr product = Fr::one();
  std::size_t step = 0;
  for (std::size_t row = 0; row <= at.last_row(); ++row) {
    t[row] = product;
    if (step < rows.size() && rows[step] == row) {
      product *= put[step] * taken[step];
      ++step;
    }
  }
  return t;
}

}  // namespace ll::circuits
