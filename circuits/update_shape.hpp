#pragma once
#include <cstddef>

#include "model/quantized_encoder.hpp"

namespace ll::circuits {

/// Size of an `update` statement; everything else (rows, digits, k) follows from it. The default is the statement with
/// 128 accounts, 512 dimensions, 32-bit balances and up to 256 transfers: k = 14, 1,024 bytes.
struct UpdateShape {
  model::EncoderShape encoder;
  std::size_t transfers = 256;  ///< largest batch
  friend bool operator==(const UpdateShape&, const UpdateShape&) = default;
};

/// Throws Error{invalid_argument} unless the encoder's shape is valid (model::check), 2 <= accounts <= dims / 4 (so
/// that an embedding can fix its balances), dims is a multiple of 8 (two words a row), balance_bits is even (2-bit
/// digits) and 1 <= transfers <= 2^20.
void check(const UpdateShape& shape);

/// Where everything stands, as absolute rows; docs/circuits/update.md draws it. Rows 0 .. first_block - 1 belong to the
/// public vectors, then each account has a block: its share of the transfers, then its account row.
struct UpdateLayout {
  /// Throws as check() does.
  explicit UpdateLayout(const UpdateShape& shape);

  std::size_t accounts, transfers;
  std::size_t words;               ///< W: words of one embedding
  unsigned balance_digits;         ///< A: 2-bit digits of an amount or a balance
  unsigned time_digits;            ///< G: of the gap between a read and its write; smallest with 2 transfers + 1 < 4^G
  std::size_t transfers_a_block;   ///< E: transfer t stands in block t / E
  std::size_t transfer_rows;       ///< 2 (A + 1) + 2 (G + 1) + 3
  std::size_t account_row_offset;  ///< of an account row in its block
  std::size_t block_rows;          ///< B
  std::size_t first_block;         ///< o_0
  std::size_t used_rows;
  unsigned k;  ///< smallest that holds used_rows

  /// Rotations from a transfer row, where the running sum of its amount starts.
  int sender_after_at() const { return static_cast<int>(balance_digits) + 1; }
  int sender_gap_at() const { return 2 * sender_after_at(); }
  int receiver_gap_at() const { return sender_gap_at() + static_cast<int>(time_digits) + 1; }
  int sender_at() const { return receiver_gap_at() + static_cast<int>(time_digits) + 1; }
  int receiver_at() const { return sender_at() + 1; }
  int receiver_before_at() const { return sender_at() + 2; }
  /// Rotations from an account row, where the running sum of its final balance starts.
  int initial_balance_at() const { return static_cast<int>(balance_digits) + 1; }
  int final_time_at() const { return -1; }
  int previous_sum_at() const { return 1 - static_cast<int>(block_rows); }

  std::size_t block_row(std::size_t account) const { return first_block + account * block_rows; }
  std::size_t account_row(std::size_t account) const { return block_row(account) + account_row_offset; }
  std::size_t transfer_row(std::size_t t) const {
    return block_row(t / transfers_a_block) + (t % transfers_a_block) * transfer_rows;
  }
  /// First row of the Horner run over an account's constants; its value u stands in the account row.
  std::size_t horner_row(std::size_t account) const { return account_row(account) - words / 2; }
  /// Where products and sums end.
  std::size_t last_row() const { return account_row(accounts - 1) + 1; }
};

}  // namespace ll::circuits
