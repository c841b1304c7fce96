#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/u128.hpp"
#include "ledger/asset.hpp"
#include "ledger/cell_value.hpp"
#include "ledger/dataset.hpp"
#include "ledger/import_layout.hpp"

namespace ll::ledger {

/// A plain transfer: value > 0, a receiver other than the sender, not failed, seen once; of ether: without input data.
struct PlainTransfer {
  std::uint64_t block = 0;
  std::uint32_t tx_index = 0;
  std::uint32_t sender = 0, receiver = 0;  ///< positions in PlainTransfers::holders, of one asset
  u128 amount = 0;                         ///< wei, or base units of the token
};

/// What a set of files holds, after filtering.
struct PlainTransfers {
  std::vector<Asset> assets;             ///< ether first, then tokens by contract
  std::vector<Holder> holders;           ///< of all plain transfers, strictly ascending by (address, asset)
  std::vector<PlainTransfer> transfers;  ///< by (block, tx_index), then in the order of the rows
  Provenance provenance;
};

/// How files are read.
struct ReadOptions {
  const Layout* format = nullptr;            ///< without: recognised by the header
  ColumnMap map = {};                        ///< columns by name, in place of a layout
  std::optional<ValueUnit> map_unit = {};    ///< of mapped columns; without: base units
  FloatPolicy floats = FloatPolicy::refuse;  ///< amounts that were printed by floating point
  std::vector<std::string> assets = {};      ///< symbols or contracts to keep; without: all
};

/// Reads tables of transfers: CSV, Parquet (told by its first bytes) and JSON-RPC blocks, CSV and JSON also through
/// gzip or Zstandard. Layouts: ledger/import_layout.hpp; docs/formats/ledger-files.md has each with its origin.
///
/// Why a row is dropped, the first that holds: empty_row (an account without transactions), genesis, duplicate_hash
/// (duplicate_transfer for tokens), failed, not_erc20, other_asset, has_input, contract_creation (no receiver and no
/// input), to_self, zero_value, inexact_value (where asked), too_large (tokens only). Anything else that is not what
/// its column holds is an error, never a dropped row. Amounts are exact; nothing is rounded.
///
/// Error{malformed} names file, place, column, what was expected and what came; Error{io} a file that cannot be read.
Result<PlainTransfers> read_plain_transfers(std::span<const std::filesystem::path> files,
                                            const ReadOptions& options = {}, Progress* progress = nullptr);

}  // namespace ll::ledger
