#include "circuits/private_update.hpp"

#include "algebra/encoding.hpp"
#include "base/error.hpp"
#include "gadgets/row_type.hpp"
#include "halo2/transcript.hpp"

namespace ll::circuits {

using gadgets::row_is;
using halo2::Expression;
using halo2::Rotation;
using halo2::VirtualCells;
using NamedPolynomials = halo2::ConstraintSystem::NamedPolynomials;

PrivateTrace trace_private_update(const UpdateShape& shape, const PrivateState& before,
                                  const std::vector<ledger::SlotTransfer>& transfers, Rng& rng) {
  LL_CHECK(before.random.size() == kRandomRows, "private state: {} random values, {} expected", before.random.size(),
           kRandomRows);
  PrivateTrace trace{trace_batch(shape, {before.balances, transfers}), before.random, {}};
  trace.random_after = PrivateState::fresh({}, rng).random;
  return trace;
}

PrivateState state_after(const UpdateShape& shape, const PrivateTrace& trace) {
  PrivateState state{{}, trace.random_after};
  for (std::size_t i = 0; i < trace.batch.final_balance.size(); ++i) {
    const auto limbs = trace.batch.final_balance[i].canonical_limbs();
    const u128 balance = u128{limbs[1]} << 64 | limbs[0];
    if (limbs[2] != 0 || limbs[3] != 0 || balance > largest_balance(shape))
      fail(ErrorCode::unsatisfied, "private state: the balance of slot {} would leave its range", i);
    state.balances.push_back(balance);
  }
  return state;
}

PrivateUpdateCircuit::PrivateUpdateCircuit(const UpdateShape& shape, std::optional<PrivateTrace> trace)
    : layout_(shape), trace_(std::move(trace)), fixed_(batch_fixed(layout_)) {
  LL_CHECK(!trace_ || (trace_->batch.slots.size() == layout_.transfers &&
                       trace_->batch.final_balance.size() == layout_.accounts),
           "update-private: the trace is for another shape");
}

void PrivateUpdateCircuit::configure(halo2::ConstraintSystem& cs) {
  BatchColumns& batch = config_.batch;
  // The states are the second and third column, however many columns of transfers there are.
  batch.d = {cs.advice_column(0)};
  config_.before = cs.advice_column(0, true);
  config_.after = cs.advice_column(0, true);
  while (batch.d.size() < layout_.columns) batch.d.push_back(cs.advice_column(0));
  batch.t = cs.advice_column(1);
  for (auto* column : {&batch.ft, &batch.qd, &batch.q2, &batch.q3}) *column = cs.fixed_column();
  batch.more_transfers.resize(layout_.columns / 2);
  for (halo2::FixedColumn& column : batch.more_transfers) column = cs.fixed_column();
  for (auto* challenge : {&batch.alpha, &batch.beta}) *challenge = cs.challenge_usable_after(0);

  const auto cell = [](VirtualCells& cells, halo2::AnyColumn column, int rotation = 0) {
    return cells.query(column, Rotation{rotation});
  };
  // Each query stands in a declaration of its own: their order is hashed into the key.
  digit_gate(cs, batch.qd, batch.d);
  zero_gate(cs, batch.q2, batch.d);
  cs.create_gate("account memory", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cell(cells, batch.q2), account = cell(cells, batch.ft);
    const Expression final_balance = cell(cells, batch.d.front());
    const Expression final_time = cell(cells, batch.d.front(), layout_.final_time_at());
    const Expression initial = cell(cells, config_.before);
    const Expression t = cell(cells, batch.t), t_next = cell(cells, batch.t, 1);
    return {{"", row_is(type, kAccount, kLargestQ2) *
                     gadgets::memory_step(memory_challenges(cells, batch), t, t_next,
                                          {{account, final_balance, final_time}},
                                          {{account, initial, Expression::constant({})}})}};
  });
  cs.create_gate("state after", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cell(cells, batch.q2), final_balance = cell(cells, batch.d.front());
    const Expression after = cell(cells, config_.after);
    return {{"", row_is(type, kAccount, kLargestQ2) * (final_balance - after)}};
  });
  cs.create_gate("boundary", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cell(cells, batch.q2), t = cell(cells, batch.t);
    return {{"", row_is(type, kBoundary, kLargestQ2) * (t - Expression::constant(Fr::one()))}};
  });
  carry_gate(cs, batch);
  transfer_gate(cs, batch, layout_);
}

Columns PrivateUpdateCircuit::fill_d(const PrivateTrace& trace) const { return fill_batch(layout_, trace.batch); }

Column PrivateUpdateCircuit::fill_before(const PrivateTrace& trace) const {
  return state_column(layout_, trace.batch.initial, trace.random_before);
}

Column PrivateUpdateCircuit::fill_after(const PrivateTrace& trace) const {
  return state_column(layout_, trace.batch.final_balance, trace.random_after);
}

Column PrivateUpdateCircuit::fill_t(const Columns& d, const Column& before,
                                    const gadgets::MemoryChallenges<Fr>& memory) const {
  return fill_product(layout_, d, before, 0, memory);
}

void PrivateUpdateCircuit::synthesize(halo2::Layouter& layouter) const {
  const BatchColumns& batch = config_.batch;
  Columns d(layout_.columns);
  Column before, after, t;
  if (trace_) {
    d = fill_d(*trace_);
    before = fill_before(*trace_);
    after = fill_after(*trace_);
    const auto alpha = layouter.challenge(batch.alpha), beta = layouter.challenge(batch.beta);
    if (alpha && beta) t = fill_t(d, before, {*alpha, *beta, beta->square()});
  }
  const auto value = [](const Column& column, std::size_t row) {
    LL_CHECK(row < column.size(), "update-private: proving needs a witness");
    return column[row];
  };
  const auto fill = [&](std::string_view name, std::size_t first, std::size_t rows) {
    layouter.assign_region(name, [&](halo2::Region& region) {
      for (std::size_t offset = 0; offset < rows; ++offset) {
        const std::size_t row = first + offset;
        region.assign_advice("B0", config_.before, offset, [&] { return value(before, row); });
        region.assign_advice("B1", config_.after, offset, [&] { return value(after, row); });
        if (row >= layout_.used_rows) continue;
        for (std::size_t c = 0; c < d.size(); ++c)
          region.assign_advice("D", batch.d[c], offset, [&] { return value(d[c], row); });
        region.assign_advice("T", batch.t, offset, [&] { return value(t, row); });
        region.assign_fixed("Ft", batch.ft, offset, fixed_.ft[row]);
        region.assign_fixed("qd", batch.qd, offset, fixed_.qd[row]);
        region.assign_fixed("Q2", batch.q2, offset, fixed_.q2[row]);
        region.assign_fixed("Q3", batch.q3, offset, fixed_.q3[row]);
        for (std::size_t j = 0; j < batch.more_transfers.size(); ++j)
          region.assign_fixed("Q5", batch.more_transfers[j], offset, fixed_.more_transfers[j][row]);
      }
    });
  };
  // Regions follow each other without gaps, so relative and absolute rows are those of the layout.
  fill("before the blocks", 0, layout_.first_block);
  for (std::size_t i = 0; i < layout_.accounts; ++i) {
    fill(fmt::format("block {}", i), layout_.block_row(i), layout_.block_rows);
  }
  fill("random rows", layout_.first_random_row(), kRandomRows);
}

Result<StatePair> states_of_update(ByteSpan proof) {
  // Commitments come in the order of the columns: D, B0, B1.
  halo2::TranscriptReader reader(proof);
  if (auto d = reader.read_point("D"); !d) return d.error();
  auto before = reader.read_point("B0");
  if (!before) return before.error();
  auto after = reader.read_point("B1");
  if (!after) return after.error();
  return StatePair{before.value(), after.value()};
}

}  // namespace ll::circuits
