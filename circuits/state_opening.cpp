#include "circuits/state_opening.hpp"

#include "base/error.hpp"
#include "gadgets/random_combination.hpp"
#include "gadgets/row_type.hpp"
#include "halo2/transcript.hpp"

namespace ll::circuits {

using gadgets::horner_step;
using gadgets::row_is;
using halo2::Expression;
using halo2::Rotation;
using halo2::VirtualCells;
using NamedPolynomials = halo2::ConstraintSystem::NamedPolynomials;

OpeningTrace trace_opening(const UpdateShape& shape, const model::QuantizedEncoder& encoder,
                           const PrivateState& state) {
  LL_CHECK(state.balances.size() == shape.encoder.accounts && encoder.shape() == shape.encoder,
           "open: state, encoder and statement have different sizes");
  OpeningTrace trace{{}, state.random, {}};
  for (const u128 balance : state.balances) trace.balances.push_back(fr_from_u128(balance));
  trace.embedding = pack_words(embed(shape, encoder, state.balances));
  return trace;
}

StateOpeningCircuit::StateOpeningCircuit(OpeningKind kind, const UpdateShape& shape,
                                         const model::QuantizedEncoder& encoder, std::optional<OpeningTrace> trace)
    : StateOpeningCircuit(kind, shape) {
  constants_ = checked_constants(shape, encoder);
  trace_ = std::move(trace);
  LL_CHECK(!trace_ || trace_->embedding.size() == layout_.public_rows(), "open: the trace is for another shape");
  encoder_fixed_ = encoder_fixed(layout_, constants_);
  qd_.resize(layout_.used_rows);
  q2_.resize(layout_.used_rows);
  for (std::size_t i = 0; i < layout_.accounts; ++i) {
    const std::size_t row = layout_.account_row(i);
    mark_row(q2_, row, kAccount);
    if (ranged()) mark_digits(qd_, q2_, row, layout_.balance_digits);
  }
  for (const std::size_t row : {std::size_t{0}, layout_.last_row()}) mark_row(q2_, row, kBoundary);
}

void StateOpeningCircuit::configure(halo2::ConstraintSystem& cs) {
  Config& c = config_;
  c.state = cs.advice_column(0, true);
  if (ranged()) c.d = cs.advice_column(0);
  c.encoder.r = cs.advice_column(1);
  c.embedding = cs.instance_column(layout_.public_rows());
  c.encoder.f0 = cs.fixed_column();
  c.encoder.f1 = cs.fixed_column();
  if (ranged()) c.qd = cs.fixed_column();
  c.q2 = cs.fixed_column();
  c.encoder.q4 = cs.fixed_column();
  c.encoder.gamma = cs.challenge_usable_after(0);

  const auto cell = [](VirtualCells& cells, halo2::AnyColumn column, int rotation = 0) {
    return cells.query(column, Rotation{rotation});
  };
  // Each query stands in a declaration of its own: their order is hashed into the key.
  if (ranged()) {
    digit_gate(cs, c.qd, {c.d});
    zero_gate(cs, c.q2, {c.d});
    cs.create_gate("state", [&](VirtualCells& cells) -> NamedPolynomials {
      const Expression type = cell(cells, c.q2), ranged_balance = cell(cells, c.d), balance = cell(cells, c.state);
      return {{"", row_is(type, kAccount, kLargestQ2) * (ranged_balance - balance)}};
    });
  }
  cs.create_gate("account encoder", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cell(cells, c.q2);
    const Expression power = gamma_to_words(layout_, cells.query_challenge(c.encoder.gamma));
    const Expression balance = limb_combination(
        layout_, power, [&](int above) { return cell(cells, layout_.limbs > 1 ? c.d : c.state, above); });
    const Expression previous = cell(cells, c.encoder.r, layout_.previous_sum_at()), u = cell(cells, c.encoder.r);
    const Expression sum = cell(cells, c.encoder.r, 1);
    return {{"", row_is(type, kAccount, kLargestQ2) * (sum - (previous - balance * u))}};
  });
  cs.create_gate("boundary", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cell(cells, c.q2), r = cell(cells, c.encoder.r);
    return {{"", row_is(type, kBoundary, kLargestQ2) * r}};
  });
  horner_gates(cs, c.encoder);
  cs.create_gate("public", [&](VirtualCells& cells) -> NamedPolynomials {
    const Expression type = cell(cells, c.encoder.q4), gamma = cells.query_challenge(c.encoder.gamma);
    const Expression word = cell(cells, c.embedding), r = cell(cells, c.encoder.r);
    const Expression r_next = cell(cells, c.encoder.r, 1);
    return {{"", row_is(type, kPublic, kLargestQ4) * (r_next - horner_step(r, gamma, word))}};
  });
}

Column StateOpeningCircuit::fill_state(const OpeningTrace& trace) const {
  return state_column(layout_, trace.balances, trace.random);
}

Column StateOpeningCircuit::fill_d(const OpeningTrace& trace) const {
  Column d(layout_.used_rows);
  for (std::size_t i = 0; i < layout_.accounts; ++i)
    put_digits(d, layout_.account_row(i), trace.balances[i], layout_.balance_digits);
  return d;
}

Column StateOpeningCircuit::fill_r(const OpeningTrace& trace, const Column& state, const Column& d,
                                   const Fr& gamma) const {
  const Fr power = gamma.pow_vartime(layout_.words);
  const Column& balances = layout_.limbs > 1 ? d : state;
  Column r(layout_.used_rows);
  for (std::size_t q = 0; q < layout_.public_rows(); ++q) r[q + 1] = horner_step(r[q], gamma, trace.embedding[q]);
  Fr sum = r[layout_.public_rows()];
  for (std::size_t i = 0; i < layout_.accounts; ++i) {
    const std::size_t row = layout_.account_row(i);
    const Fr balance =
        limb_combination(layout_, power, [&](int above) { return balances[row + static_cast<std::size_t>(above)]; });
    sum -= balance * fill_horner(layout_, constants_, i, gamma, r);
    r[row + 1] = sum;
  }
  return r;
}

void StateOpeningCircuit::synthesize(halo2::Layouter& layouter) const {
  LL_CHECK(!constants_.empty(), "open: made from its shape alone, without an encoder");
  const Config& c = config_;
  Column state, d, r;
  if (trace_) {
    state = fill_state(*trace_);
    if (ranged()) d = fill_d(*trace_);
    if (const auto gamma = layouter.challenge(c.encoder.gamma)) r = fill_r(*trace_, state, d, *gamma);
  }
  const auto value = [](const Column& column, std::size_t row) {
    LL_CHECK(row < column.size(), "open: proving needs a witness");
    return column[row];
  };
  const auto fill = [&](std::string_view name, std::size_t first, std::size_t rows) {
    layouter.assign_region(name, [&](halo2::Region& region) {
      for (std::size_t offset = 0; offset < rows; ++offset) {
        const std::size_t row = first + offset;
        region.assign_advice("B", c.state, offset, [&] { return value(state, row); });
        if (row >= layout_.used_rows) continue;
        if (ranged()) region.assign_advice("D", c.d, offset, [&] { return value(d, row); });
        region.assign_advice("R", c.encoder.r, offset, [&] { return value(r, row); });
        region.assign_fixed("F0", c.encoder.f0, offset, encoder_fixed_.f0[row]);
        region.assign_fixed("F1", c.encoder.f1, offset, encoder_fixed_.f1[row]);
        if (ranged()) region.assign_fixed("qd", c.qd, offset, qd_[row]);
        region.assign_fixed("Q2", c.q2, offset, q2_[row]);
        region.assign_fixed("Q4", c.encoder.q4, offset, encoder_fixed_.q4[row]);
      }
    });
  };
  // Regions follow each other without gaps, so relative and absolute rows are those of the layout.
  fill("public vector", 0, layout_.first_block);
  for (std::size_t i = 0; i < layout_.accounts; ++i) {
    fill(fmt::format("block {}", i), layout_.block_row(i), layout_.block_rows);
  }
  fill("random rows", layout_.first_random_row(), kRandomRows);
}

Result<G1Affine> state_of_opening(ByteSpan proof) { return halo2::TranscriptReader(proof).read_point("B"); }

}  // namespace ll::circuits
