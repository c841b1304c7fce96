#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "circuits/packing.hpp"
#include "circuits/update_shape.hpp"
#include "halo2/verifier.hpp"
#include "ledger/dataset.hpp"
#include "ledger/state.hpp"

namespace ll::circuits {

/// 2^balance_bits() - 1.
u128 largest_balance(const UpdateShape& shape);

/// What stays private: balances by slot before the batch, and its transfers in order.
struct UpdateWitness {
  std::vector<u128> balances;
  std::vector<ledger::SlotTransfer> transfers;

  ~UpdateWitness() {
    wipe(balances);
    wipe(transfers);
  }
};

/// The first transfer of a batch that is not valid in its turn.
struct InvalidTransfer {
  std::size_t index = 0;
  ledger::InvalidReason reason{};
  ledger::SlotTransfer transfer;
  std::string to_string() const;  ///< e.g. "transfer 17 (slot 3 to slot 9, 500 units): overdraft"
};

/// Replays the batch. A receiver above 2^balance_bits() - 1 is an overflow at once, though the circuit bounds only
/// final balances. Throws Error{invalid_argument} when the witness does not have the shape's sizes (balances by slot,
/// each below 2^balance_bits(); 1 to shape.transfers transfers).
std::optional<InvalidTransfer> first_invalid(const UpdateShape& shape, const UpdateWitness& witness);

/// Balances by slot after the batch. Throws Error{unsatisfied} naming the first invalid transfer.
std::vector<u128> balances_after(const UpdateShape& shape, const UpdateWitness& witness);

/// The limbs of a balance, lowest first: balance = sum_l limb_l 2^(l encoder.balance_bits).
std::vector<std::uint64_t> limbs_of(const UpdateShape& shape, u128 balance);
/// E of the balances by slot, one embedding a limb [shape.vector_size()].
std::vector<std::int64_t> embed(const UpdateShape& shape, const model::QuantizedEncoder& encoder,
                                const std::vector<u128>& balances);

/// What everybody sees: three vectors of shape.vector_size() integers, in units of 2^-scale_bits(). With several limbs
/// the delta of a limb holds what was carried; sum_l 2^(l encoder.balance_bits) delta_l is the sum of the transfers'
/// deltas.
struct UpdateStatement {
  std::vector<std::int64_t> prev, delta, next;

  /// Instance columns prev, delta, next, shape.vector_size() / 4 words each. Throws Error{invalid_argument} when a
  /// vector has another length.
  halo2::Instances to_instances(const UpdateShape& shape) const;
  /// The vectors of three instance columns; nullopt when a column has another length or a word is not four entries.
  static std::optional<UpdateStatement> from_instances(const UpdateShape& shape, const halo2::Instances& instances);
  friend bool operator==(const UpdateStatement&, const UpdateStatement&) = default;
};

/// The true statement about a batch, with the exact integer encoder: prev = E(b), delta = sum of the transfers' deltas,
/// next = prev + delta = E(b after). Throws Error{unsatisfied} naming the first invalid transfer.
UpdateStatement update_statement(const UpdateShape& shape, const model::QuantizedEncoder& encoder,
                                 const UpdateWitness& witness);

/// V^ in words: row i is the words of V^_i [accounts][words].
std::vector<std::vector<Fr>> packed_encoder(const model::QuantizedEncoder& encoder);

/// Words of the embedding of any field elements as balances by slot [limbs · words], from the words of V^.
std::vector<Fr> packed_embedding(const UpdateShape& shape, const std::vector<std::vector<Fr>>& constants,
                                 const std::vector<Fr>& balances);

/// Every value a prover chooses before the first challenge, and the public words. Plain numbers that may lie: the gates
/// decide, so `mock` can name the gate that an invalid batch breaks, and tests change any of them.
struct UpdateTrace {
  /// One transfer as accesses to the memory of balances; transfer t writes at times 2t + 1 (sender) and 2t + 2.
  struct Slot {
    Fr sender, receiver, amount;
    Fr sender_after;                ///< the sender's balance before is sender_after + amount
    Fr receiver_before;             ///< the receiver's balance after is receiver_before + amount
    Fr sender_time, receiver_time;  ///< when the values read were written; 0 at the start
  };
  std::vector<Slot> slots;                             ///< [transfers], empty ones move 0 from slot 0 to slot 1
  std::vector<Fr> initial, final_balance, final_time;  ///< [accounts]
  std::vector<Fr> prev, delta, next;                   ///< [limbs · words]

  halo2::Instances instances() const { return {prev, delta, next}; }
  ~UpdateTrace() { wipe(slots); }
};

/// Replays the batch in F_r, valid or not: an overdraft becomes a negative balance, an unknown slot is read as 0.
/// Leaves the public words empty. Throws Error{invalid_argument} as first_invalid does.
UpdateTrace trace_batch(const UpdateShape& shape, const UpdateWitness& witness);
/// The same with the public words.
/// Throws Error{invalid_argument} as first_invalid does.
UpdateTrace trace_update(const UpdateShape& shape, const model::QuantizedEncoder& encoder,
                         const UpdateWitness& witness);

}  // namespace ll::circuits
