#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/progress.hpp"
#include "ledger/dataset.hpp"

namespace ll::ledger {

struct Simulation {
  std::uint64_t transfers = 0;   ///< of the unit ledger
  std::uint64_t snapshots = 0;   ///< rows written
  std::string final_state_hash;  ///< hex
};

/// Replays the unit ledger and writes a CSV of snapshots: before the first transfer, behind every `every`-th, and
/// behind the last. Columns: index (transfers applied so far), block (of the last one applied; empty before the first),
/// state_hash, and the balance in units of each slot, balance_0 and on. Nothing is left behind when it fails or is
/// stopped.
///
/// every >= 1. Throws Error{invalid_argument}, Error{unsatisfied} at an invalid transfer, Error{io},
/// Error{interrupted}.
Simulation simulate(const Dataset& data, std::uint64_t every, const std::filesystem::path& csv,
                    Progress* progress = nullptr);

}  // namespace ll::ledger
