#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "ledger/generator.hpp"

namespace ll::ledger {

/// Which part of a training set a sequence belongs to: training and validation never share a random stream.
enum class Split : std::uint8_t { train, validation };
const char* to_string(Split split) noexcept;

/// What every sequence of a set looks like. Sequence n of a split is a pure function of these fields and (split, n).
struct SequenceConfig {
  Profile profile = Profile::ethereum;
  std::uint64_t seed = 0;
  std::size_t accounts = kMaxAccounts;  ///< N, 2..128
  std::uint32_t least_transfers = 10;   ///< uniform in least..most, 1 <= least <= most <= 100000
  std::uint32_t most_transfers = 100;
  friend bool operator==(const SequenceConfig&, const SequenceConfig&) = default;
};
/// Throws Error{invalid_argument} that names the field.
void check(const SequenceConfig& config);

/// One sequence inside a batch: a ledger of N accounts in units and its T transfers in order.
struct SequenceView {
  std::uint64_t number = 0;                        ///< in its split
  std::span<const std::uint32_t> account_ids;      ///< [N] by slot, strictly ascending
  std::span<const std::uint32_t> start_balances;   ///< [N] units; the sum is at most 2^32 - 1
  std::span<const std::uint32_t> block, tx_index;  ///< [T] chain order, from block 0 on
  std::span<const std::uint8_t> sender, receiver;  ///< [T] slots
  std::span<const std::uint32_t> amount;           ///< [T] units, >= 1
};

/// Consecutive sequences of a split, column by column: what one shard holds.
struct SequenceBatch {
  std::size_t accounts = kMaxAccounts;                     ///< N
  std::uint64_t first = 0;                                 ///< number of sequence 0 of the batch
  std::vector<std::uint32_t> account_ids, start_balances;  ///< [S, N] row-major
  std::vector<std::int32_t> offsets = {0};     ///< [S + 1]: transfers of sequence i are offsets[i]..offsets[i + 1]
  std::vector<std::uint32_t> block, tx_index;  ///< [T]
  std::vector<std::uint8_t> sender, receiver;  ///< [T]
  std::vector<std::uint32_t> amount;           ///< [T]

  std::size_t size() const noexcept { return offsets.size() - 1; }
  std::size_t transfers() const noexcept { return amount.size(); }
  /// Back to no sequences; the memory stays for the next ones.
  void clear();
  /// Makes room for S sequences of T transfers in all.
  void reserve(std::size_t sequences, std::size_t transfers_in_all);
  /// Puts the sequences of another batch of as many accounts behind its own.
  void append(const SequenceBatch& more);
  /// Throws Error{invalid_argument} when i >= size().
  SequenceView sequence(std::size_t i) const;
  friend bool operator==(const SequenceBatch&, const SequenceBatch&) = default;
};

/// Replays every sequence from its start balances. `invalid` counts transfers with a slot out of range, sender =
/// receiver, amount 0 or above the sender's balance, or not in chain order (each is left out of the replay); `first`
/// says where the first is. Ids not strictly ascending, or balances of more than 2^32 - 1 units: `first` too, and
/// the whole sequence counts as invalid.
struct Replay {
  std::uint64_t invalid = 0;
  std::optional<std::string> first;  ///< "row 3, transfer 7: slot 5 sends 9 units, it has 4"
};
Replay replay(const SequenceBatch& batch);

}  // namespace ll::ledger
