#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "base/progress.hpp"
#include "base/u128.hpp"
#include "ledger/address.hpp"
#include "ledger/dataset.hpp"

namespace ll::ledger {

/// A plain native transfer: value > 0, no input data, a receiver other than the sender, not failed, its hash seen once.
struct PlainTransfer {
  std::uint64_t block = 0;
  std::uint32_t tx_index = 0;
  std::uint32_t sender = 0, receiver = 0;  ///< positions in PlainTransfers::addresses
  u128 amount = 0;                         ///< wei
};

/// What a set of files holds, after filtering.
struct PlainTransfers {
  std::vector<Address> addresses;        ///< of all plain transfers, strictly ascending
  std::vector<PlainTransfer> transfers;  ///< by (block, tx_index), then in the order of the rows
  Provenance provenance;
};

/// Reads CSV files (.csv, or gzip told by its first bytes). The layout is recognised by the header:
///
///   "ethereum-etl transactions"  has at least hash, block_number, transaction_index, from_address, to_address, value,
///                                input; a receipt_status of 0 marks a failed transaction where there is such a column
///   "from,to,value,block_number" exactly these four columns in any order; rows in chain order, all of them plain but
///   for
///                                value 0 and to self
///
/// Why a row is dropped, the first that holds: duplicate_hash, failed, has_input, contract_creation (no receiver and no
/// input), to_self, zero_value. Anything else that is not what its column holds is an error, never a dropped row.
/// Values are decimal wei, exact; a value that went through floating point is refused with its place.
///
/// Error{malformed} names file, line, column, what was expected and what came; Error{io} a file that cannot be read.
Result<PlainTransfers> read_plain_transfers(std::span<const std::filesystem::path> files, Progress* progress = nullptr);

}  // namespace ll::ledger
