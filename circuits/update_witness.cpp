#include "circuits/update_witness.hpp"

#include <map>

#include "base/error.hpp"

namespace ll::circuits {
namespace {

using ledger::InvalidReason;
using ledger::SlotTransfer;

void check_sizes(const UpdateShape& shape, const UpdateWitness& witness) {
  check(shape);
  LL_CHECK(witness.balances.size() == shape.encoder.accounts, "update: {} balances for {} slots",
           witness.balances.size(), shape.encoder.accounts);
  for (std::size_t i = 0; i < witness.balances.size(); ++i) {
    LL_CHECK(std::uint64_t{witness.balances[i]} >> shape.encoder.balance_bits == 0,
             "update: the balance of slot {} is not below 2^{}", i, shape.encoder.balance_bits);
  }
  LL_CHECK(!witness.transfers.empty() && witness.transfers.size() <= shape.transfers,
           "update: a batch of {} transfers, 1 to {} expected", witness.transfers.size(), shape.transfers);
}

void check_encoder(const UpdateShape& shape, const model::QuantizedEncoder& encoder) {
  LL_CHECK(encoder.shape() == shape.encoder,
           "update: the encoder is for {} accounts, {} dimensions, {} + {} bits; the statement for {}, {}, {} + {}",
           encoder.shape().accounts, encoder.shape().dims, encoder.shape().balance_bits, encoder.shape().v_frac_bits,
           shape.encoder.accounts, shape.encoder.dims, shape.encoder.balance_bits, shape.encoder.v_frac_bits);
}

std::optional<InvalidReason> why_invalid(const SlotTransfer& t, const std::vector<std::uint32_t>& balances,
                                         std::uint64_t largest) {
  if (t.sender == t.receiver) return InvalidReason::self_transfer;
  if (t.amount == 0) return InvalidReason::zero_amount;
  if (t.sender >= balances.size() || t.receiver >= balances.size()) return InvalidReason::unknown_account;
  if (t.amount > balances[t.sender]) return InvalidReason::overdraft;
  if (std::uint64_t{balances[t.receiver]} + t.amount > largest) return InvalidReason::overflow;
  return std::nullopt;
}

/// Runs the batch up to its first invalid transfer; `balances` are those at that point.
struct Replay {
  std::vector<std::uint32_t> balances;
  std::optional<InvalidTransfer> invalid;
};

Replay replay(const UpdateShape& shape, const UpdateWitness& witness) {
  check_sizes(shape, witness);
  const std::uint64_t largest = (std::uint64_t{1} << shape.encoder.balance_bits) - 1;
  Replay run{witness.balances, std::nullopt};
  for (std::size_t i = 0; i < witness.transfers.size(); ++i) {
    const SlotTransfer& t = witness.transfers[i];
    if (const auto reason = why_invalid(t, run.balances, largest)) {
      run.invalid = {i, *reason, t};
      break;
    }
    run.balances[t.sender] -= t.amount;
    run.balances[t.receiver] += t.amount;
  }
  return run;
}

Replay replay_valid(const UpdateShape& shape, const UpdateWitness& witness) {
  Replay run = replay(shape, witness);
  if (run.invalid) fail(ErrorCode::unsatisfied, "update: {}", run.invalid->to_string());
  return run;
}

}  // namespace

std::string InvalidTransfer::to_string() const {
  return fmt::format("transfer {} (slot {} to slot {}, {} units): {}", index, transfer.sender, transfer.receiver,
                     transfer.amount, ledger::to_string(reason));
}

std::optional<InvalidTransfer> first_invalid(const UpdateShape& shape, const UpdateWitness& witness) {
  return replay(shape, witness).invalid;
}

std::vector<std::uint32_t> balances_after(const UpdateShape& shape, const UpdateWitness& witness) {
  return replay_valid(shape, witness).balances;
}

halo2::Instances UpdateStatement::to_instances(const UpdateShape& shape) const {
  halo2::Instances instances;
  for (const auto* vector : {&prev, &delta, &next}) {
    LL_CHECK(vector->size() == shape.encoder.dims, "update: a public vector of {} numbers, {} expected", vector->size(),
             shape.encoder.dims);
    instances.push_back(pack_words(*vector));
  }
  return instances;
}

std::optional<UpdateStatement> UpdateStatement::from_instances(const UpdateShape& shape,
                                                               const halo2::Instances& instances) {
  if (instances.size() != 3) return std::nullopt;
  UpdateStatement statement;
  std::vector<std::int64_t>* const vectors[] = {&statement.prev, &statement.delta, &statement.next};
  for (std::size_t i = 0; i < 3; ++i) {
    if (instances[i].size() * kEntriesPerWord != shape.encoder.dims) return std::nullopt;
    auto entries = unpack_words(instances[i]);
    if (!entries) return std::nullopt;
    *vectors[i] = std::move(*entries);
  }
  return statement;
}

UpdateStatement update_statement(const UpdateShape& shape, const model::QuantizedEncoder& encoder,
                                 const UpdateWitness& witness) {
  check_encoder(shape, encoder);
  replay_valid(shape, witness);
  UpdateStatement statement;
  statement.prev = encoder.embed(std::vector<std::uint64_t>(witness.balances.begin(), witness.balances.end()));
  statement.delta.assign(shape.encoder.dims, 0);
  for (const SlotTransfer& t : witness.transfers) encoder.add_delta(statement.delta, t.sender, t.receiver, t.amount);
  statement.next = statement.prev;
  for (std::size_t k = 0; k < statement.next.size(); ++k) statement.next[k] += statement.delta[k];
  return statement;
}

std::vector<std::vector<Fr>> packed_encoder(const model::QuantizedEncoder& encoder) {
  std::vector<std::vector<Fr>> rows;
  for (std::size_t i = 0; i < encoder.shape().accounts; ++i) {
    const auto row = encoder.row(i);
    rows.push_back(pack_words(std::vector<std::int64_t>(row.begin(), row.end())));
  }
  return rows;
}

UpdateTrace trace_batch(const UpdateShape& shape, const UpdateWitness& witness) {
  check_sizes(shape, witness);
  struct Cell {
    Fr balance, time;
  };
  std::map<std::uint32_t, Cell> memory;
  UpdateTrace trace;
  for (std::size_t i = 0; i < witness.balances.size(); ++i) {
    memory[static_cast<std::uint32_t>(i)] = {Fr::from_u64(witness.balances[i]), Fr::zero()};
    trace.initial.push_back(Fr::from_u64(witness.balances[i]));
  }
  std::vector<SlotTransfer> transfers = witness.transfers;
  transfers.resize(shape.transfers, SlotTransfer{0, 1, 0});
  for (std::size_t t = 0; t < transfers.size(); ++t) {
    const SlotTransfer& transfer = transfers[t];
    UpdateTrace::Slot slot;
    slot.sender = Fr::from_u64(transfer.sender);
    slot.receiver = Fr::from_u64(transfer.receiver);
    slot.amount = Fr::from_u64(transfer.amount);
    Cell& sender = memory[transfer.sender];
    slot.sender_after = sender.balance - slot.amount;
    slot.sender_time = sender.time;
    sender = {slot.sender_after, Fr::from_u64(2 * t + 1)};
    Cell& receiver = memory[transfer.receiver];
    slot.receiver_before = receiver.balance;
    slot.receiver_time = receiver.time;
    receiver = {slot.receiver_before + slot.amount, Fr::from_u64(2 * t + 2)};
    trace.slots.push_back(slot);
  }
  for (std::size_t i = 0; i < witness.balances.size(); ++i) {
    const Cell& cell = memory[static_cast<std::uint32_t>(i)];
    trace.final_balance.push_back(cell.balance);
    trace.final_time.push_back(cell.time);
  }
  return trace;
}

UpdateTrace trace_update(const UpdateShape& shape, const model::QuantizedEncoder& encoder,
                         const UpdateWitness& witness) {
  check_encoder(shape, encoder);
  UpdateTrace trace = trace_batch(shape, witness);
  const auto words = packed_encoder(encoder);
  trace.prev.resize(words.front().size());
  trace.delta.resize(words.front().size());
  const auto add_row = [&](std::vector<Fr>& to, std::size_t slot, const Fr& factor) {
    if (slot >= words.size()) return;
    for (std::size_t q = 0; q < to.size(); ++q) to[q] += factor * words[slot][q];
  };
  for (std::size_t i = 0; i < words.size(); ++i) add_row(trace.prev, i, trace.initial[i]);
  for (const SlotTransfer& transfer : witness.transfers) {
    add_row(trace.delta, transfer.receiver, Fr::from_u64(transfer.amount));
    add_row(trace.delta, transfer.sender, -Fr::from_u64(transfer.amount));
  }
  for (std::size_t q = 0; q < trace.prev.size(); ++q) trace.next.push_back(trace.prev[q] + trace.delta[q]);
  return trace;
}

}  // namespace ll::circuits
