#pragma once
#include <filesystem>
#include <mutex>
#include <optional>
#include <vector>

#include "artefacts/chain_files.hpp"
#include "artefacts/private_files.hpp"
#include "cli/keys_folder.hpp"

namespace ll::cli {

/// Where the files of a chain stand; docs/formats/chain-files.md.
class ChainFolder {
 public:
  explicit ChainFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::filesystem::path manifest() const { return folder_ / "chain.json"; }
  std::filesystem::path genesis() const { return folder_ / "genesis.json"; }
  std::filesystem::path proof(std::size_t t) const { return folder_ / artefacts::chain_proof_name(t); }
  std::filesystem::path secret() const { return folder_ / "secret"; }
  std::filesystem::path plan() const { return secret() / "plan.json"; }
  std::filesystem::path state(std::size_t t) const { return secret() / artefacts::chain_state_name(t); }
  const std::filesystem::path& path() const { return folder_; }

  /// Makes folder and secret/ (for the owner alone), and removes what a killed process left half-written: states too.
  void open() const;
  /// Throws Error{mismatch} that names a file proof-*.json which is none of the first `proofs`.
  void expect_no_other_proofs(std::size_t proofs) const;

 private:
  std::filesystem::path folder_;
};

/// The secret states of a chain in their files, and how often each was opened. Safe to use from several threads.
class StateStore {
 public:
  StateStore(const ChainFolder& folder, const KeyFolder& keys, std::size_t states);

  /// State t, from its file or drawn now and written. A file that is there is checked: balances, commitment, SRS.
  void fix(std::size_t t, const decltype(circuits::PrivateState::balances)& balances, Rng& rng);
  /// State t from its file, which must be there. Throws Error{mismatch} when it is gone: it cannot be drawn again.
  void load(std::size_t t, const decltype(circuits::PrivateState::balances)& balances);
  const artefacts::PrivateStateFile& at(std::size_t t) const;
  /// Counts an opening of each state and writes the files; of none when one is at its limit.
  void spend(std::initializer_list<std::size_t> states);
  /// Overwrites and removes the file of state t.
  void wipe(std::size_t t);

  unsigned most_openings() const { return most_openings_; }

 private:
  void check(std::size_t t, const decltype(circuits::PrivateState::balances)& balances) const;

  const ChainFolder& folder_;
  const KeyFolder& keys_;
  circuits::PrivateLayout layout_;
  mutable std::mutex mutex_;
  std::vector<std::optional<artefacts::PrivateStateFile>> states_;
  unsigned most_openings_ = 0;
};

}  // namespace ll::cli
