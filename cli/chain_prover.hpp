#pragma once
#include <filesystem>
#include <functional>
#include <vector>

#include "artefacts/chain_files.hpp"
#include "base/progress.hpp"
#include "circuits/update_witness.hpp"
#include "cli/keys_folder.hpp"

namespace ll::cli {

/// Balances by slot, in units or wei.
using Balances = decltype(circuits::UpdateWitness::balances);

/// What a chain is to be made of: transfers from a state on, cut into batches.
struct ChainWork {
  Balances start;
  std::vector<ledger::SlotTransfer> transfers;
  std::size_t from = 0;  ///< index of the first in the ledger
  std::size_t batch_size = 0;

  std::size_t proofs() const { return (transfers.size() + batch_size - 1) / batch_size; }
  std::span<const ledger::SlotTransfer> batch(std::size_t t) const;
  /// Of start balances and transfers: docs/formats/chain-files.md.
  std::string sha256() const;
};

/// Keys of the proofs, and of the genesis where the states are hidden (else nullptr): one SRS, one size, one account
/// set.
struct ChainKeys {
  const KeyFolder& update;
  const KeyFolder* genesis = nullptr;
  bool hidden() const { return update.vk.statement == circuits::kUpdatePrivate; }
};

struct ChainOptions {
  bool resume = false;           ///< go on where a folder's chain stands; else the folder must hold none
  bool keep_states = false;      ///< keep the secret states of the middle of the chain
  std::size_t jobs = 0;          ///< proofs side by side; 0: as many as there are threads, and fit
  std::uint64_t max_memory = 0;  ///< bytes of this process; 0: what it has and three quarters of what is available
};

struct ChainReport {
  std::size_t proofs = 0, made = 0, found = 0;  ///< proofs = made + found, genesis apart
  std::size_t jobs = 0;
  std::uint64_t predicted_bytes = 0;  ///< of this process at its peak
  std::size_t states_left = 0;        ///< secret states in the folder
  unsigned most_openings = 0;         ///< of a state, as far as this run has counted
  double prove_ms = 0;                ///< all proofs of this run, side by side
};

/// Makes the proofs of a chain in `folder`: chain.json, proof-NNNNNN.json, and for hidden states genesis.json and
/// secret/state-NNNNNN.json (docs/formats/chain-files.md).
///
/// All states are fixed before the first proof, so the proofs do not wait for each other. Files appear whole or not at
/// all; a state is written before a proof uses it and never drawn again, and each use is counted in its file first: a
/// process may be killed at any moment and the folder resumed. A state that two proofs have used is wiped, the last one
/// stays.
///
/// Throws Error{unsatisfied} for an invalid transfer, Error{memory} with figures when not even one proof fits,
/// Error{mismatch} when the folder holds another chain, Error{invalid_argument} when a state was opened too often,
/// Error{interrupted} when `progress` asks to stop: what was made stays.
ChainReport prove_chain(const ChainKeys& keys, const ChainWork& work, const std::filesystem::path& folder,
                        const ChainOptions& options, Progress& progress);

/// Runs body(0) .. body(count - 1), up to `jobs` at a time, each once, the first first, but never two at once that must
/// be `apart`. The first exception stops what has not begun and is rethrown when the others are done.
void run_side_by_side(std::size_t count, std::size_t jobs, const std::function<bool(std::size_t, std::size_t)>& apart,
                      const std::function<void(std::size_t)>& body);

}  // namespace ll::cli
