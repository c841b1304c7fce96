#include "circuits/delta_witness.hpp"

#include "base/error.hpp"

namespace ll::circuits {

void check_delta_shape(const model::EncoderShape& shape) {
  model::check(shape);
  LL_CHECK(shape.accounts >= 2, "delta: {} accounts, at least 2 expected", shape.accounts);
}

std::optional<ledger::InvalidReason> why_invalid(const model::EncoderShape& shape, const DeltaWitness& transfer) {
  using ledger::InvalidReason;
  if (transfer.sender == transfer.receiver) return InvalidReason::self_transfer;
  if (transfer.sender >= shape.accounts || transfer.receiver >= shape.accounts) return InvalidReason::unknown_account;
  if (transfer.amount >> shape.balance_bits != 0) return InvalidReason::overflow;
  return std::nullopt;
}

std::vector<std::int64_t> delta_vector(const model::QuantizedEncoder& encoder, const DeltaWitness& transfer) {
  if (const auto reason = why_invalid(encoder.shape(), transfer)) {
    fail(ErrorCode::unsatisfied, "delta: slot {} to slot {}, {} units: {}", transfer.sender, transfer.receiver,
         ll::to_string(transfer.amount), ledger::to_string(*reason));
  }
  return encoder.delta(transfer.sender, transfer.receiver, static_cast<std::uint64_t>(transfer.amount));
}

halo2::Instances delta_instances(const model::EncoderShape& shape, std::span<const std::int64_t> delta) {
  LL_CHECK(delta.size() == shape.dims, "delta: a public vector of {} numbers, {} expected", delta.size(), shape.dims);
  return {pack_delta_words(delta)};
}

std::vector<std::vector<Fr>> delta_constants(const model::QuantizedEncoder& encoder) {
  std::vector<std::vector<Fr>> rows;
  for (std::size_t i = 0; i < encoder.shape().accounts; ++i) {
    const auto row = encoder.row(i);
    rows.push_back(pack_delta_words(std::vector<std::int64_t>(row.begin(), row.end())));
  }
  return rows;
}

DeltaTrace trace_delta(const model::QuantizedEncoder& encoder, const DeltaWitness& transfer) {
  check_delta_shape(encoder.shape());
  const auto constants = delta_constants(encoder);
  DeltaTrace trace;
  for (std::size_t i = 0; i <= constants.size(); ++i)
    trace.jumps.push_back(Fr::from_u64((i > transfer.sender ? 1u : 0u) + (i > transfer.receiver ? 1u : 0u)));
  trace.amount = fr_from_u128(transfer.amount);
  trace.signed_amount = transfer.receiver < transfer.sender ? trace.amount : -trace.amount;
  trace.delta.resize(constants.front().size());
  const auto add = [&](std::size_t slot, const Fr& factor) {
    if (slot >= constants.size()) return;
    for (std::size_t q = 0; q < trace.delta.size(); ++q) trace.delta[q] += factor * constants[slot][q];
  };
  add(transfer.receiver, trace.amount);
  add(transfer.sender, -trace.amount);
  return trace;
}

}  // namespace ll::circuits
