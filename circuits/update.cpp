#include "circuits/update.hpp"

#include "base/error.hpp"
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
  fill_fixed();
  if (trace) set_trace(std::move(*trace));
}

void UpdateCircuit::set_trace(UpdateTrace trace) {
  const auto accounts = layout_.accounts, words = layout_.public_rows();
  LL_CHECK(trace.slots.size() == layout_.transfers && trace.initial.size() == accounts &&
               trace.final_balance.size() == accounts && trace.final_time.size() == accounts &&
               trace.prev.size() == words && trace.delta.size() == words && trace.next.size() == words,
           "update: the trace is for another shape");
  trace_ = std::move(trace);
}

void UpdateCircuit::configure(halo2::ConstraintSystem& cs) {
  BatchColumns& batch = config_.batch;
  EncoderColumns& encoder = config_.encoder;
  batch.d.resize(layout_.columns);
  for (halo2::AdviceColumn& column : batch.d) column = cs.advice_column(0);
  encoder.r = cs.advice_column(1);
  batch.t = cs.advice_column(1);
  for (auto* column : {&config_.prev, &config_.delta, &config_.next})
    *column = cs.instance_column(layout_.public_rows());
  for (auto* column : {&encoder.f0, &encoder.f1, &batch.qd, &batch.q2, &batch.q3, &encoder.q4})
    *column = cs.fixed_column();
  batch.ft = encoder.f0;
  batch.more_transfers.resize(layout_.columns / 2);
  for (halo2::FixedColumn& column : batch.more_transfers) column = cs.fixed_column();
  for (auto* challenge : {&batch.alpha, &batch.beta, &encoder.gamma, &config_.rho})
    *challenge = cs.challenge_usable_after(0);
  create_gates(cs);
}

void UpdateCircuit::create_gates(halo2::ConstraintSystem& cs) const {
  const BatchColumns& batch = config_.batch;
  const EncoderColumns& encoder = config_.encoder;
  const UpdateLayout& at = layout_;
  const halo2::AdviceColumn d = batch.d.front();
  const auto cell = [](VirtualCells& cells, halo2::AnyColumn column, int rotation = 0) {
    return cells.query(column, Rotation{rotation});
  };

  // Each query stands in a declaration of its own: the order of the calls is hashed into the key, and the order in
  // which a compiler evaluates arguments and operands is its own.
  digit_gate(cs, batch.qd, batch.d);
  zero_gate(cs, batch.q2, batch.d);
  cs.create_gate("account memory", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cell(cells, batch.q2), account = cell(cells, batch.ft), final_balance = cell(cells, d);
    const Expression final_time = cell(cells, d, at.final_time_at());
    const Expression initial = cell(cells, d, at.initial_balance_at());
    const Expression t = cell(cells, batch.t), t_next = cell(cells, batch.t, 1);
    return {{"", row_is(type, kAccount, kLargestQ2) * gadgets::memory_step(memory_challenges(cells, batch), t, t_next,
                                                                           {{account, final_balance, final_time}},
                                                                           {{account, initial, number(0)}})}};
  });
  cs.create_gate("account encoder", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cell(cells, batch.q2), rho = cells.query_challenge(config_.rho);
    const Expression power = gamma_to_words(at, cells.query_challenge(encoder.gamma));
    const Expression initial =
        limb_combination(at, power, [&](int above) { return cell(cells, d, at.initial_balance_at() + above); });
    const Expression final_balance = limb_combination(at, power, [&](int above) { return cell(cells, d, above); });
    const Expression previous = cell(cells, encoder.r, at.previous_sum_at()), u = cell(cells, encoder.r);
    const Expression sum = cell(cells, encoder.r, 1);
    return {{"", row_is(type, kAccount, kLargestQ2) * (sum - (previous - (initial + rho * final_balance) * u))}};
  });
  cs.create_gate("boundary", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cell(cells, batch.q2), t = cell(cells, batch.t), r = cell(cells, encoder.r);
    const Expression on = row_is(type, kBoundary, kLargestQ2);
    return {{"T is one", on * (t - number(1))}, {"R is zero", on * r}};
  });
  carry_gate(cs, batch);
  transfer_gate(cs, batch, at);
  horner_gates(cs, encoder);
  cs.create_gate("horner carry", [&](VirtualCells& cells) {
    NamedPolynomials constraints;
    const Expression r = cell(cells, encoder.r), r_next = cell(cells, encoder.r, 1);
    for (std::size_t c = 0; c < batch.d.size(); ++c) {
      const Expression on = is_transfer(cells, batch, c);
      constraints.push_back({column_name(batch, c), on * (r_next - r)});
    }
    return constraints;
  });
  cs.create_gate("public", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cell(cells, encoder.q4), rho = cells.query_challenge(config_.rho);
    const Expression gamma = cells.query_challenge(encoder.gamma);
    const Expression prev = cell(cells, config_.prev), delta = cell(cells, config_.delta);
    const Expression next = cell(cells, config_.next);
    const Expression r = cell(cells, encoder.r), r_next = cell(cells, encoder.r, 1);
    const Expression x = prev + rho * next + rho * rho * (prev + delta - next);
    return {{"", row_is(type, kPublic, kLargestQ4) * (r_next - horner_step(r, gamma, x))}};
  });
}

void UpdateCircuit::fill_fixed() {
  batch_fixed_ = batch_fixed(layout_);
  encoder_fixed_ = encoder_fixed(layout_, constants_);
  if (layout_.start_is_ranged) {
    for (std::size_t i = 0; i < layout_.accounts; ++i)
      mark_digits(batch_fixed_.qd, batch_fixed_.q2, initial_row(i), layout_.balance_digits);
  }
  // Times and account numbers stand in F0 where no constants do.
  for (std::size_t row = 0; row < layout_.used_rows; ++row) {
    if (batch_fixed_.ft[row].is_zero()) continue;
    LL_CHECK(encoder_fixed_.q4[row].is_zero(), "update: row {} would hold a constant and a time", row);
    encoder_fixed_.f0[row] = batch_fixed_.ft[row];
  }
}

std::size_t UpdateCircuit::initial_row(std::size_t account) const {
  return layout_.account_row(account) + static_cast<std::size_t>(static_cast<long>(layout_.initial_balance_at()));
}

Columns UpdateCircuit::fill_d(const UpdateTrace& trace) const {
  Columns d = fill_batch(layout_, trace);
  for (std::size_t i = 0; i < layout_.accounts; ++i)
    put_digits(d.front(), initial_row(i), trace.initial[i], layout_.start_is_ranged ? layout_.balance_digits : 0);
  return d;
}

Column UpdateCircuit::fill_r(const UpdateTrace& trace, const Columns& d, const Challenges& challenges) const {
  const UpdateLayout& at = layout_;
  const Fr &gamma = challenges.gamma, &rho = challenges.rho;
  const Fr power = gamma.pow_vartime(at.words);
  Column r(at.used_rows);
  for (std::size_t q = 0; q < at.public_rows(); ++q) {
    const Fr addition = trace.prev[q] + trace.delta[q] - trace.next[q];
    r[q + 1] = horner_step(r[q], gamma, trace.prev[q] + rho * trace.next[q] + rho * rho * addition);
  }
  Fr sum = r[at.public_rows()];
  for (std::size_t i = 0; i < at.accounts; ++i) {
    const Fr u = fill_horner(at, constants_, i, gamma, r);
    const std::size_t row = at.account_row(i);
    const auto combined = [&](std::size_t from) {
      return limb_combination(at, power, [&](int above) { return d[0][from + static_cast<std::size_t>(above)]; });
    };
    sum -= (combined(initial_row(i)) + rho * combined(row)) * u;
    r[row + 1] = sum;
  }
  return r;
}

Column UpdateCircuit::fill_t(const Columns& d, const Challenges& challenges) const {
  return fill_product(layout_, d, d.front(), layout_.initial_balance_at(), challenges.memory);
}

void UpdateCircuit::synthesize(halo2::Layouter& layouter) const {
  LL_CHECK(!constants_.empty(), "update: made from its shape alone, without an encoder");
  const BatchColumns& batch = config_.batch;
  const EncoderColumns& encoder = config_.encoder;
  Columns d(layout_.columns);
  Column r, t;
  if (trace_) {
    d = fill_d(*trace_);
    const auto alpha = layouter.challenge(batch.alpha), beta = layouter.challenge(batch.beta);
    const auto gamma = layouter.challenge(encoder.gamma), rho = layouter.challenge(config_.rho);
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
        for (std::size_t c = 0; c < d.size(); ++c)
          region.assign_advice("D", batch.d[c], offset, [&] { return value(d[c], row); });
        region.assign_advice("R", encoder.r, offset, [&] { return value(r, row); });
        region.assign_advice("T", batch.t, offset, [&] { return value(t, row); });
        region.assign_fixed("F0", encoder.f0, offset, encoder_fixed_.f0[row]);
        region.assign_fixed("F1", encoder.f1, offset, encoder_fixed_.f1[row]);
        region.assign_fixed("qd", batch.qd, offset, batch_fixed_.qd[row]);
        region.assign_fixed("Q2", batch.q2, offset, batch_fixed_.q2[row]);
        region.assign_fixed("Q3", batch.q3, offset, batch_fixed_.q3[row]);
        region.assign_fixed("Q4", encoder.q4, offset, encoder_fixed_.q4[row]);
        for (std::size_t j = 0; j < batch.more_transfers.size(); ++j)
          region.assign_fixed("Q5", batch.more_transfers[j], offset, batch_fixed_.more_transfers[j][row]);
      }
    });
  };
  // Regions of full blocks follow each other without gaps, so relative and absolute rows are those of the layout.
  fill("public vectors", 0, layout_.first_block);
  for (std::size_t i = 0; i < layout_.accounts; ++i) {
    fill(fmt::format("block {}", i), layout_.block_row(i), layout_.block_rows);
  }
}

std::string UpdateCircuit::describe_row(std::size_t row) const { return layout_.describe_row(row); }

}  // namespace ll::circuits
