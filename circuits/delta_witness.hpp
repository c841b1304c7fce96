#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "circuits/packing.hpp"
#include "halo2/verifier.hpp"
#include "ledger/dataset.hpp"
#include "ledger/state.hpp"
#include "model/quantized_encoder.hpp"

namespace ll::circuits {

/// What `delta` keeps private: sender, receiver, amount.
using DeltaWitness = ledger::SlotTransfer;

/// Throws Error{invalid_argument} unless the encoder's shape is valid (model::check) and accounts >= 2.
void check_delta_shape(const model::EncoderShape& shape);

/// Why a transfer has no delta: sender = receiver, a slot that is none of the accounts', or an amount of more than
/// balance_bits bits (overflow). Amount 0 has the delta 0. Balances play no part.
std::optional<ledger::InvalidReason> why_invalid(const model::EncoderShape& shape, const DeltaWitness& transfer);

/// amount (V^_receiver - V^_sender), dims integers. Throws Error{unsatisfied} that names the reason.
std::vector<std::int64_t> delta_vector(const model::QuantizedEncoder& encoder, const DeltaWitness& transfer);

/// The public input: one column of ceil(dims / 5) words (pack_delta_words). Throws Error{invalid_argument} for another
/// length or an entry that no word holds.
halo2::Instances delta_instances(const model::EncoderShape& shape, std::span<const std::int64_t> delta);

/// V^ in words of a delta: row i is the words of V^_i [accounts][ceil(dims / 5)].
std::vector<std::vector<Fr>> delta_constants(const model::QuantizedEncoder& encoder);

/// Every value a prover chooses before the challenge, and the public words. Plain numbers that may lie.
struct DeltaTrace {
  std::vector<Fr> jumps;  ///< [accounts + 1]: how many of sender and receiver are below this slot: 0, 1 or 2
  Fr signed_amount;       ///< the amount, or minus it when the sender's slot is below the receiver's
  Fr amount;              ///< as ranged
  std::vector<Fr> delta;  ///< [words]
  halo2::Instances instances() const { return {delta}; }
};

/// Of any transfer, valid or not: a slot that is no account's never makes a jump and has direction zero.
DeltaTrace trace_delta(const model::QuantizedEncoder& encoder, const DeltaWitness& transfer);

}  // namespace ll::circuits
