#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "base/progress.hpp"
#include "ledger/dataset.hpp"

namespace ll::ledger {

/// An encoder as the simulator sees it: integers in, integers out. The caller binds one of model/ to it.
struct Embedder {
  std::uint32_t size = 0;        ///< numbers of a vector
  std::uint32_t scale_bits = 0;  ///< a real embedding is a number / 2^scale_bits
  Digest32 digest{};             ///< of the quantised encoder
  /// e^ of the balances by slot.
  std::function<std::vector<std::int64_t>(std::span<const u128> balances)> state;
  /// delta^ of a transfer, given the balances of sender and receiver before it.
  std::function<std::vector<std::int64_t>(const SlotTransfer& transfer, u128 sender_balance, u128 receiver_balance)>
      delta;
};

/// Where embeddings of snapshots go.
enum class EmbeddingOutput { none, columns, binary };

struct SimulationOptions {
  std::uint64_t every = 100;        ///< transfers between snapshots, >= 1
  bool exact = false;               ///< balances in wei, every transfer; else the unit ledger
  std::filesystem::path snapshots;  ///< CSV
  EmbeddingOutput embedding = EmbeddingOutput::none;
  std::filesystem::path vectors;        ///< with `binary`: file of vectors (docs/formats/vector-file.md)
  std::filesystem::path deltas;         ///< CSV with a row a transfer; empty: none
  std::filesystem::path delta_vectors;  ///< file of vectors, one a transfer; empty: none
  std::optional<Embedder> embedder;     ///< needed for embeddings and delta vectors
};

struct Simulation {
  std::uint64_t transfers = 0;   ///< replayed
  std::uint64_t snapshots = 0;   ///< rows written
  std::string final_state_hash;  ///< hex
  /// With an embedder: largest |e^(state) - (e^(start) + sum of delta^)| over all snapshots, measured; 0.
  std::optional<std::uint64_t> homomorphism_error;
};

/// Replays a ledger from its start, in integers alone, and writes what the options ask for (columns:
/// docs/formats/ledger-files.md). Nothing is left behind when it fails or is stopped.
///
/// Throws Error{invalid_argument}, Error{unsatisfied} at an invalid transfer, Error{io} with the path,
/// Error{interrupted}.
Simulation simulate(const Dataset& data, const SimulationOptions& options, Progress* progress = nullptr);

/// Snapshots of the unit ledger without embeddings.
Simulation simulate(const Dataset& data, std::uint64_t every, const std::filesystem::path& csv,
                    Progress* progress = nullptr);

}  // namespace ll::ledger
