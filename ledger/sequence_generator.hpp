#pragma once
#include <memory>

#include "ledger/sequences.hpp"

namespace ll::ledger {

/// Makes sequences by the ten thousand: the figures of ledger/generator.hpp's profiles, drawn from tables, with the
/// ranks and partners of an account drawn when it first sends. A sequence of 55 transfers meets few of its 128
/// accounts, so this is what makes it quick.
///
/// The random words of (seed, split, n) are WordStream(seed, (split + 1)·2^62 + n): the counter of ChaCha20 within the
/// sequence, its nonce over sequences. Different from ledger::generate's: account ids are drawn themselves (the id of a
/// random address is uniform, too) and amounts are in units of 0.01 ether from the start.
class SequenceGenerator {
 public:
  /// Throws Error{invalid_argument} as check(config) does.
  explicit SequenceGenerator(const SequenceConfig& config);
  SequenceGenerator(SequenceGenerator&&) noexcept;
  SequenceGenerator& operator=(SequenceGenerator&&) noexcept;
  ~SequenceGenerator();

  /// Appends sequence n < 2^62 of the split. The batch must have as many accounts as the config.
  void append(Split split, std::uint64_t n, SequenceBatch& batch);
  /// Makes the batch sequences [first, first + count); its memory is used again.
  void fill(Split split, std::uint64_t first, std::size_t count, SequenceBatch& batch);
  /// The same in a new one.
  SequenceBatch batch(Split split, std::uint64_t first, std::size_t count);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ll::ledger
