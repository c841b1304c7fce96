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

// Each query stands in a declaration of its own: the order of the calls is hashed into the key, and the order in which
// a compiler evaluates arguments and operands is its own.
void digit_gate(halo2::ConstraintSystem& cs, halo2::FixedColumn qd, halo2::AdviceColumn d) {
  cs.create_gate("digit", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cell(cells, qd), z = cell(cells, d), z_next = cell(cells, d, 1);
    return {{"", row_is(type, kDigit, kLargestQd) * gadgets::digit_constraint(z, z_next)}};
  });
}

void zero_gate(halo2::ConstraintSystem& cs, halo2::FixedColumn q2, halo2::AdviceColumn d) {
  cs.create_gate("zero", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cell(cells, q2), z = cell(cells, d);
    return {{"", row_is(type, kSumEnd, kLargestQ2) * z}};
  });
}

void carry_gate(halo2::ConstraintSystem& cs, const BatchColumns& c) {
  cs.create_gate("carry", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cell(cells, c.q3), t = cell(cells, c.t), t_next = cell(cells, c.t, 1);
    return {{"", row_is(type, kCarry, kLargestQ3) * (t_next - t)}};
  });
}

void transfer_gate(halo2::ConstraintSystem& cs, const BatchColumns& c, const UpdateLayout& at) {
  cs.create_gate("transfer", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cell(cells, c.q3), now = cell(cells, c.ft), amount = cell(cells, c.d);
    const Expression sender_after = cell(cells, c.d, at.sender_after_at());
    const Expression sender_gap = cell(cells, c.d, at.sender_gap_at());
    const Expression receiver_gap = cell(cells, c.d, at.receiver_gap_at());
    const Expression sender = cell(cells, c.d, at.sender_at()), receiver = cell(cells, c.d, at.receiver_at());
    const Expression receiver_before = cell(cells, c.d, at.receiver_before_at());
    const Expression t = cell(cells, c.t), t_next = cell(cells, c.t, 1);
    return {{"", row_is(type, kTransfer, kLargestQ3) *
                     gadgets::memory_step(memory_challenges(cells, c), t, t_next,
                                          {{sender, sender_after + amount, now - sender_gap},
                                           {receiver, receiver_before, now - receiver_gap}},
                                          {{sender, sender_after, now + number(1)},
                                           {receiver, receiver_before + amount, now + number(2)}})}};
  });
}

void mark_row(std::vector<Fr>& column, std::size_t row, unsigned type) {
  LL_CHECK(column[row].is_zero(), "update: row {} would have two types", row);
  column[row] = Fr::from_u64(type);
}

void mark_digits(std::vector<Fr>& qd, std::vector<Fr>& q2, std::size_t first, unsigned digits) {
  for (unsigned j = 0; j < digits; ++j) mark_row(qd, first + j, kDigit);
  mark_row(q2, first + digits, kSumEnd);
}

BatchFixed batch_fixed(const UpdateLayout& at) {
  BatchFixed f;
  for (auto* column : {&f.ft, &f.qd, &f.q2, &f.q3}) column->resize(at.used_rows);
  for (std::size_t row = 0; row < at.last_row(); ++row) f.q3[row] = Fr::from_u64(kCarry);
  for (std::size_t t = 0; t < at.transfers; ++t) {
    const std::size_t row = at.transfer_row(t);
    f.ft[row] = Fr::from_u64(2 * t);
    f.q3[row] = Fr::from_u64(kTransfer);
    mark_digits(f.qd, f.q2, row, at.balance_digits);
    mark_digits(f.qd, f.q2, row + static_cast<std::size_t>(at.sender_after_at()), at.balance_digits);
    mark_digits(f.qd, f.q2, row + static_cast<std::size_t>(at.sender_gap_at()), at.time_digits);
    mark_digits(f.qd, f.q2, row + static_cast<std::size_t>(at.receiver_gap_at()), at.time_digits);
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

void put_digits(std::vector<Fr>& d, std::size_t first, const Fr& value, unsigned digits) {
  std::ranges::copy(gadgets::digit_sum(value, digits), d.begin() + static_cast<std::ptrdiff_t>(first));
}

std::vector<Fr> fill_batch(const UpdateLayout& at, const UpdateTrace& trace) {
  std::vector<Fr> d(at.used_rows);
  for (std::size_t t = 0; t < at.transfers; ++t) {
    const UpdateTrace::Slot& slot = trace.slots[t];
    const std::size_t row = at.transfer_row(t);
    const auto from = [row](int rotation) { return row + static_cast<std::size_t>(rotation); };
    const Fr now = Fr::from_u64(2 * t);
    put_digits(d, row, slot.amount, at.balance_digits);
    put_digits(d, from(at.sender_after_at()), slot.sender_after, at.balance_digits);
    put_digits(d, from(at.sender_gap_at()), now - slot.sender_time, at.time_digits);
    put_digits(d, from(at.receiver_gap_at()), now - slot.receiver_time, at.time_digits);
    d[from(at.sender_at())] = slot.sender;
    d[from(at.receiver_at())] = slot.receiver;
    d[from(at.receiver_before_at())] = slot.receiver_before;
  }
  for (std::size_t i = 0; i < at.accounts; ++i) {
    const std::size_t row = at.account_row(i);
    d[row - 1] = trace.final_time[i];
    put_digits(d, row, trace.final_balance[i], at.balance_digits);
  }
  return d;
}

std::vector<Fr> fill_product(const UpdateLayout& at, const std::vector<Fr>& d, const std::vector<Fr>& initial,
                             int rotation, const gadgets::MemoryChallenges<Fr>& memory) {
  std::vector<Fr> taken, put;  // fingerprint products in the order of the rows
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < at.accounts; ++i) {
    for (std::size_t t = i * at.transfers_a_block; t < std::min((i + 1) * at.transfers_a_block, at.transfers); ++t) {
      const std::size_t row = at.transfer_row(t);
      const auto cell_at = [&](int offset) { return d[row + static_cast<std::size_t>(offset)]; };
      const Fr now = Fr::from_u64(2 * t), amount = d[row], sender_after = cell_at(at.sender_after_at());
      const Fr sender = cell_at(at.sender_at()), receiver = cell_at(at.receiver_at());
      const Fr receiver_before = cell_at(at.receiver_before_at());
      rows.push_back(row);
      taken.push_back(
          gadgets::fingerprints<Fr>(memory, {{sender, sender_after + amount, now - cell_at(at.sender_gap_at())},
                                             {receiver, receiver_before, now - cell_at(at.receiver_gap_at())}}));
      put.push_back(gadgets::fingerprints<Fr>(memory, {{sender, sender_after, now + Fr::one()},
                                                       {receiver, receiver_before + amount, now + Fr::from_u64(2)}}));
    }
    const std::size_t row = at.account_row(i);
    const Fr account = Fr::from_u64(i), before = initial[row + static_cast<std::size_t>(rotation)];
    rows.push_back(row);
    taken.push_back(gadgets::fingerprint<Fr>(memory, {account, d[row], d[row - 1]}));
    put.push_back(gadgets::fingerprint<Fr>(memory, {account, before, Fr::zero()}));
  }
  algebra::batch_inverse_vartime<Fr>(taken);
  std::vector<Fr> t(at.used_rows);
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
