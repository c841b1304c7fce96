#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "ledger/sequences.hpp"

namespace ll::ledger {

/// A set of sequences cut into shards of `per_shard`, the last of a split shorter. Shards are numbered over both
/// splits, training first. Files: docs/formats/sequence-files.md.
struct ShardPlan {
  SequenceConfig config;
  std::uint64_t train = 0, validation = 0;  ///< sequences; at least one in all, each below 2^40
  std::uint32_t per_shard = 10'000;         ///< 1..1000000

  struct Shard {
    Split split;
    std::uint64_t number;      ///< in its split
    std::uint64_t first;       ///< its first sequence, in its split
    std::uint64_t sequences;   ///< >= 1
    std::string file() const;  ///< "train-00003.parquet"
  };
  std::uint64_t shard_count() const;
  /// Throws Error{invalid_argument} when i >= shard_count().
  Shard shard(std::uint64_t i) const;
  friend bool operator==(const ShardPlan&, const ShardPlan&) = default;
};
/// Throws Error{invalid_argument} that names the field.
void check(const ShardPlan& plan);

/// What a finished shard is known by.
struct ShardEntry {
  std::string file;
  std::uint64_t first = 0, sequences = 0, transfers = 0;
  std::string sha256;  ///< of the file, hex
  friend bool operator==(const ShardEntry&, const ShardEntry&) = default;
};

struct ShardRange {
  std::uint64_t begin = 0, end = UINT64_MAX;  ///< half open; an end beyond the last shard means all
};

struct ShardReport {
  std::uint64_t made = 0, kept = 0;            ///< shards
  std::uint64_t sequences = 0, transfers = 0;  ///< of both
  std::uint64_t bytes = 0;                     ///< of the files made
  std::uint64_t replayed = 0,
                invalid = 0;  ///< transfers replayed before they were written; invalid ones (0: else it throws)
  bool complete = false;      ///< the manifest is written: every shard of the plan is there
};

/// Makes the shards of a range: each is drawn, replayed, encoded, and put in place by a rename. Its bytes are a
/// function of (plan.config, split, number, per_shard) alone. One shard after the other, its sequences
/// shared by all threads: a kill costs no more than the one in progress. At most 3/4 GiB of memory. When the range is
/// the whole plan, manifest.json comes last.
///
/// `resume` keeps what is already there and has the checksum it was written with; what a killed run left half-written
/// is removed. A folder holds one plan: Error{mismatch} when it has shards of another config or shard size. Ctrl-C
/// (progress->stop_requested()) leaves every finished shard and throws Error{interrupted}. Throws Error{io} with the
/// path, Error{unsatisfied} when a shard would hold an invalid transfer (it is not written).
ShardReport write_shards(const ShardPlan& plan, const std::filesystem::path& folder, const ShardRange& range,
                         bool resume, Progress* progress = nullptr);

/// A finished set of sequences: its manifest, and its shards one at a time.
class SequenceSet {
 public:
  /// Reads manifest.json alone. Error{io} without one, Error{malformed} that names the field.
  static Result<SequenceSet> open(const std::filesystem::path& folder);
  /// True when the folder has a manifest of sequences.
  static bool is_here(const std::filesystem::path& folder);

  const ShardPlan& plan() const noexcept { return plan_; }
  const std::vector<ShardEntry>& shards(Split split) const noexcept {
    return split == Split::train ? train_ : validation_;
  }
  std::uint64_t transfers(Split split) const;

  /// One shard, checked: SHA-256, columns, numbers, counts, and every transfer by replay. Error{io}, Error{mismatch}
  /// when it is not the file of the manifest, Error{malformed} with row and column, Error{unsatisfied} with row and
  /// transfer.
  Result<SequenceBatch> read(Split split, std::size_t shard) const;

 private:
  std::filesystem::path folder_;
  ShardPlan plan_;
  std::vector<ShardEntry> train_, validation_;
};

/// The sequences of a split one after the other, with one shard in memory.
class SequenceReader {
 public:
  SequenceReader(const SequenceSet& set, Split split) : set_(set), split_(split) {}
  /// The next one, nullopt behind the last; the view holds until the call after. Throws what SequenceSet::read gives.
  std::optional<SequenceView> next();

 private:
  const SequenceSet& set_;
  Split split_;
  SequenceBatch batch_;
  std::size_t shard_ = 0, at_ = 0;
};

}  // namespace ll::ledger
