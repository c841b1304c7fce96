#pragma once
#include <filesystem>
#include <optional>
#include <span>

#include "base/progress.hpp"
#include "ledger/csv_import.hpp"
#include "ledger/dataset.hpp"

namespace ll::ledger {

struct ImportOptions {
  std::size_t accounts = kMaxAccounts;  ///< accounts to choose, 2..128
  std::optional<std::uint64_t> pair_cap =
      std::nullopt;                         ///< "capped" choice: each directed pair counts at most this often
  std::optional<u128> unit = std::nullopt;  ///< wei in one unit; without: the smallest power of ten that fits
};

/// Files to data set: reads and filters (ledger/csv_import.hpp), chooses accounts (ledger/account_choice.hpp), orders
/// by block and index, derives start balances and quantises (ledger/quantise.hpp). Errors name file, line and column.
Result<Dataset> import_files(std::span<const std::filesystem::path> files, const ImportOptions& options = {},
                             Progress* progress = nullptr);

/// The same from transfers already read.
Result<Dataset> build_dataset(const PlainTransfers& plain, const ImportOptions& options = {});

}  // namespace ll::ledger
