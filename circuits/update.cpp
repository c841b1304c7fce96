#include "circuits/update.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "gadgets/digit_sum.hpp"
#include "gadgets/random_combination.hpp"
#include "gadgets/row_type.hpp"

namespace ll::circuits {
namespace {

using gadgets::horner_step;
using gadgets::MemoryTuple;
using gadgets::row_is;
using halo2::Expression;
using halo2::Rotation;
using halo2::VirtualCells;
using NamedPolynomials = halo2::ConstraintSystem::NamedPolynomials;

/// Kinds of rows: values of the type columns and the largest value of each.
enum RangeRow : unsigned { kDigit = 1, kLargestQd = kDigit };
enum BalanceRow : unsigned { kAccount = 1, kSumEnd = 2, kBoundary = 3, kLargestQ2 = kBoundary };
enum ProductRow : unsigned { kCarry = 1, kTransfer = 2, kLargestQ3 = kTransfer };
enum HornerRow : unsigned { kStep = 1, kStart = 2, kPublic = 3, kLargestQ4 = kPublic };

Expression number(std::uint64_t value) { return Expression::constant(Fr::from_u64(value)); }

/// Rank of a matrix over F_r by elimination; the matrix is public.
std::size_t rank_vartime(std::vector<std::vector<Fr>> rows) {
  std::size_t rank = 0;
  for (std::size_t column = 0; column < rows.front().size() && rank < rows.size(); ++column) {
    const auto pivot = std::find_if(rows.begin() + static_cast<std::ptrdiff_t>(rank), rows.end(),
                                    [&](const std::vector<Fr>& row) { return !row[column].is_zero(); });
    if (pivot == rows.end()) continue;
    std::iter_swap(pivot, rows.begin() + static_cast<std::ptrdiff_t>(rank));
    const Fr inverse = rows[rank][column].inverse().value();
    for (std::size_t i = rank + 1; i < rows.size(); ++i) {
      const Fr factor = rows[i][column] * inverse;
      if (factor.is_zero()) continue;
      for (std::size_t q = column; q < rows[i].size(); ++q) rows[i][q] -= factor * rows[rank][q];
    }
    ++rank;
  }
  return rank;
}

}  // namespace

UpdateCircuit::UpdateCircuit(UpdateShape shape, const model::QuantizedEncoder& encoder,
                             std::optional<UpdateTrace> trace)
    : shape_(shape), layout_(shape) {
  LL_CHECK(encoder.shape() == shape.encoder,
           "update: the encoder has {} accounts and {} dimensions, the statement {} "
           "and {}",
           encoder.shape().accounts, encoder.shape().dims, shape.encoder.accounts, shape.encoder.dims);
  constants_ = packed_encoder(encoder);
  const std::size_t rank = rank_vartime(constants_);
  LL_CHECK(rank == layout_.accounts,
           "update: V^ in words has rank {}, {} accounts need full rank (an account without a direction of its own "
           "could hold money that no embedding shows)",
           rank, layout_.accounts);
  fixed_ = fixed_columns();
  if (trace) set_trace(std::move(*trace));
}

void UpdateCircuit::set_trace(UpdateTrace trace) {
  const auto accounts = layout_.accounts, words = layout_.words;
  LL_CHECK(trace.slots.size() == layout_.transfers && trace.initial.size() == accounts &&
               trace.final_balance.size() == accounts && trace.final_time.size() == accounts &&
               trace.prev.size() == words && trace.delta.size() == words && trace.next.size() == words,
           "update: the trace is for another shape");
  trace_ = std::move(trace);
}

void UpdateCircuit::configure(halo2::ConstraintSystem& cs) {
  config_.d = cs.advice_column(0);
  config_.r = cs.advice_column(1);
  config_.t = cs.advice_column(1);
  for (auto* column : {&config_.prev, &config_.delta, &config_.next}) *column = cs.instance_column(layout_.words);
  for (auto* column : {&config_.f0, &config_.f1, &config_.ft, &config_.qd, &config_.q2, &config_.q3, &config_.q4}) {
    *column = cs.fixed_column();
  }
  for (auto* challenge : {&config_.alpha, &config_.beta, &config_.gamma, &config_.rho}) {
    *challenge = cs.challenge_usable_after(0);
  }
  create_gates(cs);
}

void UpdateCircuit::create_gates(halo2::ConstraintSystem& cs) const {
  const Config& c = config_;
  const UpdateLayout& at = layout_;
  const auto cur = [](VirtualCells& cells, halo2::AnyColumn column) { return cells.query(column, Rotation::cur()); };
  const auto rotated = [](VirtualCells& cells, halo2::AnyColumn column, int rotation) {
    return cells.query(column, Rotation{rotation});
  };
  const auto memory = [&c](VirtualCells& cells) {
    const Expression beta = cells.query_challenge(c.beta);
    return gadgets::MemoryChallenges<Expression>{cells.query_challenge(c.alpha), beta, beta * beta};
  };

  // Each query stands in a declaration of its own: the order of the calls is hashed into the key, and the order in
  // which a compiler evaluates arguments and operands is its own.
  cs.create_gate("digit", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.qd), z = cur(cells, c.d), z_next = rotated(cells, c.d, 1);
    return {{"", row_is(type, kDigit, kLargestQd) * gadgets::digit_constraint(z, z_next)}};
  });
  cs.create_gate("zero", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.q2), z = cur(cells, c.d);
    return {{"", row_is(type, kSumEnd, kLargestQ2) * z}};
  });
  cs.create_gate("account memory", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.q2), account = cur(cells, c.ft), final_balance = cur(cells, c.d);
    const Expression final_time = rotated(cells, c.d, at.final_time_at());
    const Expression initial = rotated(cells, c.d, at.initial_balance_at());
    const Expression t = cur(cells, c.t), t_next = rotated(cells, c.t, 1);
    return {{"", row_is(type, kAccount, kLargestQ2) * gadgets::memory_step(memory(cells), t, t_next,
                                                                           {{account, final_balance, final_time}},
                                                                           {{account, initial, number(0)}})}};
  });
  cs.create_gate("account encoder", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.q2), initial = rotated(cells, c.d, at.initial_balance_at());
    const Expression final_balance = cur(cells, c.d), rho = cells.query_challenge(c.rho);
    const Expression previous = rotated(cells, c.r, at.previous_sum_at()), u = cur(cells, c.r);
    const Expression sum = rotated(cells, c.r, 1);
    return {{"", row_is(type, kAccount, kLargestQ2) * (sum - (previous - (initial + rho * final_balance) * u))}};
  });
  cs.create_gate("boundary", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.q2), t = cur(cells, c.t), r = cur(cells, c.r);
    const Expression on = row_is(type, kBoundary, kLargestQ2);
    return {{"T is one", on * (t - number(1))}, {"R is zero", on * r}};
  });
  cs.create_gate("carry", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.q3), t = cur(cells, c.t), t_next = rotated(cells, c.t, 1);
    return {{"", row_is(type, kCarry, kLargestQ3) * (t_next - t)}};
  });
  cs.create_gate("transfer", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.q3), now = cur(cells, c.ft), amount = cur(cells, c.d);
    const Expression sender_after = rotated(cells, c.d, at.sender_after_at());
    const Expression sender_gap = rotated(cells, c.d, at.sender_gap_at());
    const Expression receiver_gap = rotated(cells, c.d, at.receiver_gap_at());
    const Expression sender = rotated(cells, c.d, at.sender_at()), receiver = rotated(cells, c.d, at.receiver_at());
    const Expression receiver_before = rotated(cells, c.d, at.receiver_before_at());
    const Expression t = cur(cells, c.t), t_next = rotated(cells, c.t, 1);
    return {{"", row_is(type, kTransfer, kLargestQ3) *
                     gadgets::memory_step(memory(cells), t, t_next,
                                          {{sender, sender_after + amount, now - sender_gap},
                                           {receiver, receiver_before, now - receiver_gap}},
                                          {{sender, sender_after, now + number(1)},
                                           {receiver, receiver_before + amount, now + number(2)}})}};
  });
  cs.create_gate("horner", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.q4), gamma = cells.query_challenge(c.gamma);
    const Expression r = cur(cells, c.r), f0 = cur(cells, c.f0), f1 = cur(cells, c.f1), r_next = rotated(cells, c.r, 1);
    return {{"", row_is(type, kStep, kLargestQ4) * (r_next - horner_step(horner_step(r, gamma, f0), gamma, f1))}};
  });
  cs.create_gate("horner start", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.q4), gamma = cells.query_challenge(c.gamma);
    const Expression f0 = cur(cells, c.f0), f1 = cur(cells, c.f1), r_next = rotated(cells, c.r, 1);
    return {{"", row_is(type, kStart, kLargestQ4) * (r_next - horner_step(f0, gamma, f1))}};
  });
  cs.create_gate("public", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.q4), rho = cells.query_challenge(c.rho),
                     gamma = cells.query_challenge(c.gamma);
    const Expression prev = cur(cells, c.prev), delta = cur(cells, c.delta), next = cur(cells, c.next);
    const Expression r = cur(cells, c.r), r_next = rotated(cells, c.r, 1);
    const Expression x = prev + rho * next + rho * rho * (prev + delta - next);
    return {{"", row_is(type, kPublic, kLargestQ4) * (r_next - horner_step(r, gamma, x))}};
  });
}

UpdateCircuit::FixedColumns UpdateCircuit::fixed_columns() const {
  const UpdateLayout& at = layout_;
  FixedColumns f;
  for (Column* column : {&f.f0, &f.f1, &f.ft, &f.qd, &f.q2, &f.q3, &f.q4}) column->resize(at.used_rows);
  // A row has one type in a column: a second one would switch the first one's gate off.
  const auto mark = [](Column& column, std::size_t row, unsigned type) {
    LL_CHECK(column[row].is_zero(), "update: row {} would have two types", row);
    column[row] = Fr::from_u64(type);
  };
  const auto digit_rows = [&](std::size_t first, unsigned digits) {
    for (unsigned j = 0; j < digits; ++j) mark(f.qd, first + j, kDigit);
    mark(f.q2, first + digits, kSumEnd);
  };
  for (std::size_t row = 0; row < at.last_row(); ++row) f.q3[row] = Fr::from_u64(kCarry);
  for (std::size_t row = 0; row < at.words; ++row) mark(f.q4, row, kPublic);
  for (std::size_t t = 0; t < at.transfers; ++t) {
    const std::size_t row = at.transfer_row(t);
    f.ft[row] = Fr::from_u64(2 * t);
    f.q3[row] = Fr::from_u64(kTransfer);
    digit_rows(row, at.balance_digits);
    digit_rows(row + static_cast<std::size_t>(at.sender_after_at()), at.balance_digits);
    digit_rows(row + static_cast<std::size_t>(at.sender_gap_at()), at.time_digits);
    digit_rows(row + static_cast<std::size_t>(at.receiver_gap_at()), at.time_digits);
  }
  for (std::size_t i = 0; i < at.accounts; ++i) {
    const std::size_t row = at.account_row(i);
    f.ft[row] = Fr::from_u64(i);
    f.q3[row] = Fr::zero();
    digit_rows(row, at.balance_digits);
    mark(f.q2, row, kAccount);
    for (std::size_t j = 0; j < at.words / 2; ++j) {
      const std::size_t horner = at.horner_row(i) + j;
      f.f0[horner] = constants_[i][2 * j];
      f.f1[horner] = constants_[i][2 * j + 1];
      mark(f.q4, horner, j == 0 ? kStart : kStep);
    }
  }
  for (const std::size_t row : {std::size_t{0}, at.last_row()}) mark(f.q2, row, kBoundary);
  return f;
}

UpdateCircuit::Column UpdateCircuit::fill_d(const UpdateTrace& trace) const {
  const UpdateLayout& at = layout_;
  Column d(at.used_rows);
  const auto put_sum = [&](std::size_t row, const Fr& value, unsigned digits) {
    std::ranges::copy(gadgets::digit_sum(value, digits), d.begin() + static_cast<std::ptrdiff_t>(row));
  };
  for (std::size_t t = 0; t < at.transfers; ++t) {
    const UpdateTrace::Slot& slot = trace.slots[t];
    const std::size_t row = at.transfer_row(t);
    const auto from = [row](int rotation) { return row + static_cast<std::size_t>(rotation); };
    const Fr now = Fr::from_u64(2 * t);
    put_sum(row, slot.amount, at.balance_digits);
    put_sum(from(at.sender_after_at()), slot.sender_after, at.balance_digits);
    put_sum(from(at.sender_gap_at()), now - slot.sender_time, at.time_digits);
    put_sum(from(at.receiver_gap_at()), now - slot.receiver_time, at.time_digits);
    d[from(at.sender_at())] = slot.sender;
    d[from(at.receiver_at())] = slot.receiver;
    d[from(at.receiver_before_at())] = slot.receiver_before;
  }
  for (std::size_t i = 0; i < at.accounts; ++i) {
    const std::size_t row = at.account_row(i);
    d[row - 1] = trace.final_time[i];
    put_sum(row, trace.final_balance[i], at.balance_digits);
    d[row + static_cast<std::size_t>(at.initial_balance_at())] = trace.initial[i];
  }
  return d;
}

UpdateCircuit::Column UpdateCircuit::fill_r(const UpdateTrace& trace, const Column& d,
                                            const Challenges& challenges) const {
  const UpdateLayout& at = layout_;
  const Fr &gamma = challenges.gamma, &rho = challenges.rho;
  Column r(at.used_rows);
  for (std::size_t q = 0; q < at.words; ++q) {
    const Fr addition = trace.prev[q] + trace.delta[q] - trace.next[q];
    r[q + 1] = horner_step(r[q], gamma, trace.prev[q] + rho * trace.next[q] + rho * rho * addition);
  }
  Fr sum = r[at.words];
  for (std::size_t i = 0; i < at.accounts; ++i) {
    Fr u;
    for (std::size_t j = 0; j < at.words; j += 2) {
      u = horner_step(horner_step(u, gamma, constants_[i][j]), gamma, constants_[i][j + 1]);
      r[at.horner_row(i) + j / 2 + 1] = u;
    }
    const std::size_t row = at.account_row(i);
    sum -= (d[row + static_cast<std::size_t>(at.initial_balance_at())] + rho * d[row]) * u;
    r[row + 1] = sum;
  }
  return r;
}

UpdateCircuit::Column UpdateCircuit::fill_t(const Column& d, const Challenges& challenges) const {
  const UpdateLayout& at = layout_;
  const auto& memory = challenges.memory;
  std::vector<Fr> taken, put;  // fingerprint products in the order of the rows
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < at.accounts; ++i) {
    for (std::size_t t = i * at.transfers_a_block; t < std::min((i + 1) * at.transfers_a_block, at.transfers); ++t) {
      const std::size_t row = at.transfer_row(t);
      const auto cell = [&](int rotation) { return d[row + static_cast<std::size_t>(rotation)]; };
      const Fr now = Fr::from_u64(2 * t), amount = d[row], sender_after = cell(at.sender_after_at());
      const Fr sender = cell(at.sender_at()), receiver = cell(at.receiver_at());
      const Fr receiver_before = cell(at.receiver_before_at());
      rows.push_back(row);
      taken.push_back(
          gadgets::fingerprints<Fr>(memory, {{sender, sender_after + amount, now - cell(at.sender_gap_at())},
                                             {receiver, receiver_before, now - cell(at.receiver_gap_at())}}));
      put.push_back(gadgets::fingerprints<Fr>(memory, {{sender, sender_after, now + Fr::one()},
                                                       {receiver, receiver_before + amount, now + Fr::from_u64(2)}}));
    }
    const std::size_t row = at.account_row(i);
    const Fr account = Fr::from_u64(i), initial = d[row + static_cast<std::size_t>(at.initial_balance_at())];
    rows.push_back(row);
    taken.push_back(gadgets::fingerprint<Fr>(memory, {account, d[row], d[row - 1]}));
    put.push_back(gadgets::fingerprint<Fr>(memory, {account, initial, Fr::zero()}));
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

void UpdateCircuit::synthesize(halo2::Layouter& layouter) const {
  LL_CHECK(!constants_.empty(), "update: made from its shape alone, without an encoder");
  Column d, r, t;
  if (trace_) {
    d = fill_d(*trace_);
    const auto alpha = layouter.challenge(config_.alpha), beta = layouter.challenge(config_.beta);
    const auto gamma = layouter.challenge(config_.gamma), rho = layouter.challenge(config_.rho);
    if (alpha && beta && gamma && rho) {
      const Challenges challenges{{*alpha, *beta, beta->square()}, *gamma, *rho};
      r = fill_r(*trace_, d, challenges);
      t = fill_t(d, challenges);
    }
  }
  const auto value = [](const Column& column, std::size_t row) {
    LL_CHECK(row < column.size(), "update: proving needs a witness");
    return column[row];
  };
  const auto fill = [&](std::string_view name, std::size_t first, std::size_t rows) {
    layouter.assign_region(name, [&](halo2::Region& region) {
      for (std::size_t offset = 0; offset < rows; ++offset) {
        const std::size_t row = first + offset;
        region.assign_advice("D", config_.d, offset, [&] { return value(d, row); });
        region.assign_advice("R", config_.r, offset, [&] { return value(r, row); });
        region.assign_advice("T", config_.t, offset, [&] { return value(t, row); });
        region.assign_fixed("F0", config_.f0, offset, fixed_.f0[row]);
        region.assign_fixed("F1", config_.f1, offset, fixed_.f1[row]);
        region.assign_fixed("Ft", config_.ft, offset, fixed_.ft[row]);
        region.assign_fixed("qd", config_.qd, offset, fixed_.qd[row]);
        region.assign_fixed("Q2", config_.q2, offset, fixed_.q2[row]);
        region.assign_fixed("Q3", config_.q3, offset, fixed_.q3[row]);
        region.assign_fixed("Q4", config_.q4, offset, fixed_.q4[row]);
      }
    });
  };
  // Regions of full blocks follow each other without gaps, so relative and absolute rows are those of the layout.
  fill("public vectors", 0, layout_.first_block);
  for (std::size_t i = 0; i < layout_.accounts; ++i) {
    fill(fmt::format("block {}", i), layout_.block_row(i), layout_.block_rows);
  }
}

std::string UpdateCircuit::describe_row(std::size_t row) const {
  const UpdateLayout& at = layout_;
  if (row < at.first_block) return "public vectors";
  if (row >= at.used_rows) return "unused";
  const std::size_t account = (row - at.first_block) / at.block_rows, offset = (row - at.first_block) % at.block_rows;
  const std::size_t e = offset / at.transfer_rows, t = account * at.transfers_a_block + e;
  if (e < at.transfers_a_block && t < at.transfers) {
    const int cell = static_cast<int>(offset % at.transfer_rows);
    const char* what = cell < at.sender_after_at()   ? "amount"
                       : cell < at.sender_gap_at()   ? "sender's balance after"
                       : cell < at.receiver_gap_at() ? "time since the sender's balance was written"
                       : cell < at.sender_at()       ? "time since the receiver's balance was written"
                       : cell == at.sender_at()      ? "sender"
                       : cell == at.receiver_at()    ? "receiver"
                                                     : "receiver's balance before";
    return fmt::format("transfer {}: {}", t, what);
  }
  if (offset + 1 < at.account_row_offset) return fmt::format("account {}: constants", account);
  if (offset + 1 == at.account_row_offset) return fmt::format("account {}: time of the last write", account);
  const bool initial = offset + 1 == at.block_rows;
  return fmt::format("account {}: {} balance", account, initial ? "initial" : "final");
}

}  // namespace ll::circuits
