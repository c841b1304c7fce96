#pragma once
#include <cstdint>
#include <string>

namespace ll::ledger {

struct SyntheticCsvConfig {
  std::uint64_t seed = 2026;
  std::size_t accounts = 200;    ///< at least 2
  std::size_t transfers = 2000;  ///< plain transfers in it
};

/// An ethereum-etl transactions.csv of invented transactions between invented addresses, in the ethereum profile
/// (ledger/sampling.hpp), exact wei. Beside the plain transfers it holds what an importer must drop: about 17 in a
/// hundred rows with input data (some create contracts), a few to self, of value 0, and repeated rows; and its rows are
/// not in block order. Made-up rows are easy to tell: block hashes are the block number. The same text on every
/// machine. Bundled as demo/data/synthetic_transactions.csv.gz (docs/formats/ledger-files.md).
std::string synthetic_transactions_csv(const SyntheticCsvConfig& config = {});

}  // namespace ll::ledger
