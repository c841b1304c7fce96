#include "circuits/update_witness.hpp"

#include <map>

#include "base/error.hpp"
#include "gadgets/digit_sum.hpp"

namespace ll::circuits {
namespace {

using ledger::InvalidReason;
using ledger::SlotTransfer;

void check_sizes(const UpdateShape& shape, const UpdateWitness& witness) {
  check(shape);
  LL_CHECK(witness.balances.size() == shape.encoder.accounts, "update: {} balances for {} slots",
           witness.balances.size(), shape.encoder.accounts);
  for (std::size_t i = 0; i < witness.balances.size(); ++i) {
    LL_CHECK(witness.balances[i] <= largest_balance(shape), "update: the balance of slot {} is not below 2^{}", i,
             shape.balance_bits());
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

std::optional<InvalidReason> why_invalid(const SlotTransfer& t, const std::vector<u128>& balances, u128 largest) {
  if (t.sender == t.receiver) return InvalidReason::self_transfer;
  if (t.amount == 0) return InvalidReason::zero_amount;
  if (t.sender >= balances.size() || t.receiver >= balances.size()) return InvalidReason::unknown_account;
  if (t.amount > balances[t.sender]) return InvalidReason::overdraft;
  if (t.amount > largest - balances[t.receiver]) return InvalidReason::overflow;
  return std::nullopt;
}

/// Runs the batch up to its first invalid transfer; `balances` are those at that point.
struct Replay {
  std::vector<u128> balances;
  std::optional<InvalidTransfer> invalid;
};

Replay replay(const UpdateShape& shape, const UpdateWitness& witness) {
  check_sizes(shape, witness);
  const u128 largest = largest_balance(shape);
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

u128 largest_balance(const UpdateShape& shape) { return kU128Max >> (128 - shape.balance_bits()); }

std::string InvalidTransfer::to_string() const {
  return fmt::format("transfer {} (slot {} to slot {}, {} units): {}", index, transfer.sender, transfer.receiver,
                     ll::to_string(transfer.amount), ledger::to_string(reason));
}

std::optional<InvalidTransfer> first_invalid(const UpdateShape& shape, const UpdateWitness& witness) {
  return replay(shape, witness).invalid;
}

std::vector<u128> balances_after(const UpdateShape& shape, const UpdateWitness& witness) {
  return replay_valid(shape, witness).balances;
}

halo2::Instances UpdateStatement::to_instances(const UpdateShape& shape) const {
  halo2::Instances instances;
  for (const auto* vector : {&prev, &delta, &next}) {
    LL_CHECK(vector->size() == shape.vector_size(), "update: a public vector of {} numbers, {} expected",
             vector->size(), shape.vector_size());
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
    if (instances[i].size() * kEntriesPerWord != shape.vector_size()) return std::nullopt;
    auto entries = unpack_words(instances[i]);
    if (!entries) return std::nullopt;
    *vectors[i] = std::move(*entries);
  }
  return statement;
}

std::vector<std::uint64_t> limbs_of(const UpdateShape& shape, u128 balance) {
  std::vector<std::uint64_t> limbs;
  const u128 mask = (u128{1} << shape.encoder.balance_bits) - 1;
  for (unsigned limb = 0; limb < shape.limbs; ++limb)
    limbs.push_back(static_cast<std::uint64_t>(balance >> (limb * shape.encoder.balance_bits) & mask));
  return limbs;
}

std::vector<std::int64_t> embed(const UpdateShape& shape, const model::QuantizedEncoder& encoder,
                                const std::vector<u128>& balances) {
  std::vector<std::int64_t> embedding;
  for (unsigned limb = 0; limb < shape.limbs; ++limb) {
    std::vector<std::uint64_t> part;
    for (const u128 balance : balances) part.push_back(limbs_of(shape, balance)[limb]);
    const auto of_limb = encoder.embed(part);
    embedding.insert(embedding.end(), of_limb.begin(), of_limb.end());
  }
  return embedding;
}

UpdateStatement update_statement(const UpdateShape& shape, const model::QuantizedEncoder& encoder,
                                 const UpdateWitness& witness) {
  check_encoder(shape, encoder);
  const Replay run = replay_valid(shape, witness);
  UpdateStatement statement;
  statement.prev = embed(shape, encoder, witness.balances);
  statement.delta.assign(shape.vector_size(), 0);
  if (shape.limbs == 1) {
    for (const SlotTransfer& t : witness.transfers)
      encoder.add_delta(statement.delta, t.sender, t.receiver, static_cast<std::uint64_t>(t.amount));
    statement.next = statement.prev;
    for (std::size_t k = 0; k < statement.next.size(); ++k) statement.next[k] += statement.delta[k];
  } else {  // limbs carry, so their deltas depend on the state
    statement.next = embed(shape, encoder, run.balances);
    for (std::size_t k = 0; k < statement.next.size(); ++k) statement.delta[k] = statement.next[k] - statement.prev[k];
  }
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
    memory[static_cast<std::uint32_t>(i)] = {fr_from_u128(witness.balances[i]), Fr::zero()};
    trace.initial.push_back(fr_from_u128(witness.balances[i]));
  }
  std::vector<SlotTransfer> transfers = witness.transfers;
  transfers.resize(shape.transfers, SlotTransfer{0, 1, 0});
  for (std::size_t t = 0; t < transfers.size(); ++t) {
    const SlotTransfer& transfer = transfers[t];
    UpdateTrace::Slot slot;
    slot.sender = Fr::from_u64(transfer.sender);
    slot.receiver = Fr::from_u64(transfer.receiver);
    slot.amount = fr_from_u128(transfer.amount);
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

std::vector<Fr> packed_embedding(const UpdateShape& shape, const std::vector<std::vector<Fr>>& constants,
                                 const std::vector<Fr>& balances) {
  const std::size_t words = constants.front().size();
  const unsigned digits = shape.encoder.balance_bits / 2;
  const Fr base = fr_from_u128(u128{1} << shape.encoder.balance_bits);
  std::vector<Fr> embedding(shape.limbs * words);
  for (std::size_t i = 0; i < constants.size(); ++i) {
    // As the circuit reads limbs: off the running sum, so that a balance out of range has an embedding too.
    const std::vector<Fr> sums = gadgets::digit_sum(balances[i], (shape.limbs - 1) * digits);
    for (unsigned limb = 0; limb < shape.limbs; ++limb) {
      Fr value = sums[limb * digits];
      if (limb + 1 < shape.limbs) value -= base * sums[(limb + 1) * digits];
      for (std::size_t q = 0; q < words; ++q) embedding[limb * words + q] += value * constants[i][q];
    }
  }
  return embedding;
}

UpdateTrace trace_update(const UpdateShape& shape, const model::QuantizedEncoder& encoder,
                         const UpdateWitness& witness) {
  check_encoder(shape, encoder);
  UpdateTrace trace = trace_batch(shape, witness);
  const auto constants = packed_encoder(encoder);
  trace.prev = packed_embedding(shape, constants, trace.initial);
  trace.next = packed_embedding(shape, constants, trace.final_balance);
  for (std::size_t q = 0; q < trace.prev.size(); ++q) trace.delta.push_back(trace.next[q] - trace.prev[q]);
  return trace;
}

}  // namespace ll::circuits
