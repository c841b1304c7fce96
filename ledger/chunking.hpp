#pragma once
#include "ledger/dataset.hpp"
#include "ledger/sequences.hpp"

namespace ll::ledger {

/// A history cut into sequences of `length` transfers of the unit ledger, the last one shorter: each begins with the
/// balances that the one before ended with, so together they are the history. Blocks count from each sequence's first;
/// tx_index counts the transfers of a block inside the sequence.
///
/// Throws Error{invalid_argument} for length 0, a ledger with several assets (a sequence has one supply), a history of
/// more than 2^31 transfers or of more than 2^32 blocks; Error{unsatisfied} at an invalid transfer.
SequenceBatch chunked(const Dataset& data, std::uint32_t length);

}  // namespace ll::ledger
