#include "circuits/update.hpp"

#include "base/error.hpp"
#include "circuits/batch_rows.hpp"
#include "circuits/encoder_rows.hpp"
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

Expression number(std::uint64_t value) { return Expression::constant(Fr::from_u64(value)); }

}  // namespace

UpdateCircuit::UpdateCircuit(UpdateShape shape, const model::QuantizedEncoder& encoder,
                             std::optional<UpdateTrace> trace)
    : shape_(shape), layout_(shape) {
  constants_ = checked_constants(shape, encoder);
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
  const BatchColumns batch{c.d, c.t, c.ft, c.qd, c.q2, c.q3, c.alpha, c.beta};

  // Each query stands in a declaration of its own: the order of the calls is hashed into the key, and the order in
  // which a compiler evaluates arguments and operands is its own.
  digit_gate(cs, c.qd, c.d);
  zero_gate(cs, c.q2, c.d);
  cs.create_gate("account memory", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cur(cells, c.q2), account = cur(cells, c.ft), final_balance = cur(cells, c.d);
    const Expression final_time = rotated(cells, c.d, at.final_time_at());
    const Expression initial = rotated(cells, c.d, at.initial_balance_at());
    const Expression t = cur(cells, c.t), t_next = rotated(cells, c.t, 1);
    return {{"", row_is(type, kAccount, kLargestQ2) * gadgets::memory_step(memory_challenges(cells, batch), t, t_next,
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
  carry_gate(cs, batch);
  transfer_gate(cs, batch, at);
  horner_gates(cs, {c.r, c.f0, c.f1, c.q4, c.gamma});
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
  BatchFixed batch = batch_fixed(layout_);
  EncoderFixed encoder = encoder_fixed(layout_, constants_);
  return {std::move(encoder.f0), std::move(encoder.f1), std::move(batch.ft),  std::move(batch.qd),
          std::move(batch.q2),   std::move(batch.q3),   std::move(encoder.q4)};
}

UpdateCircuit::Column UpdateCircuit::fill_d(const UpdateTrace& trace) const {
  Column d = fill_batch(layout_, trace);
  for (std::size_t i = 0; i < layout_.accounts; ++i) {
    d[layout_.account_row(i) + static_cast<std::size_t>(layout_.initial_balance_at())] = trace.initial[i];
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
    const Fr u = fill_horner(at, constants_, i, gamma, r);
    const std::size_t row = at.account_row(i);
    sum -= (d[row + static_cast<std::size_t>(at.initial_balance_at())] + rho * d[row]) * u;
    r[row + 1] = sum;
  }
  return r;
}

UpdateCircuit::Column UpdateCircuit::fill_t(const Column& d, const Challenges& challenges) const {
  return fill_product(layout_, d, d, layout_.initial_balance_at(), challenges.memory);
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
