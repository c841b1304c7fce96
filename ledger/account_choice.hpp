#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "ledger/csv_import.hpp"

namespace ll::ledger {

/// The dense subgraph by peeling: until `count` accounts are left, remove the one with the smallest weight to those
/// still there, the smallest address among equals. The weight of two accounts is the number of transfers between them
/// in both directions; with `pair_cap`, each directed pair counts at most that often.
///
/// returns  positions in plain.addresses, ascending; all of them when there are no more than `count`
/// O((A + P) log A) for A addresses and P pairs. Source: Asahiro et al., "Greedily finding a dense subgraph" (2000).
std::vector<std::uint32_t> choose_accounts(const PlainTransfers& plain, std::size_t count,
                                           std::optional<std::uint64_t> pair_cap = std::nullopt);

}  // namespace ll::ledger
