#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "base/progress.hpp"
#include "ledger/account_choice.hpp"
#include "ledger/dataset.hpp"
#include "ledger/plain_transfers.hpp"
#include "ledger/start_balances.hpp"

namespace ll::ledger {

struct ImportOptions {
  AccountChoice choice = {};
  /// Base units in one unit, by the asset's symbol, or for "" those that are not named; without: the smallest power of
  /// ten that fits.
  std::map<std::string, u128> units = {};
  /// Start balances in wei of accounts that are named, in place of the smallest that suffice.
  StartBalances start_balances = {};
  ReadOptions read = {};
};

/// Files to data set: reads and filters (ledger/plain_transfers.hpp), chooses accounts (ledger/account_choice.hpp),
/// orders slots by id, derives start balances and quantises each asset by itself (ledger/quantise.hpp). Errors name
/// file, place and column.
Result<Dataset> import_files(std::span<const std::filesystem::path> files, const ImportOptions& options = {},
                             Progress* progress = nullptr);

/// The same from transfers already read.
Result<Dataset> build_dataset(const PlainTransfers& plain, const ImportOptions& options = {});

}  // namespace ll::ledger
