#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "model/quantized_encoder.hpp"

namespace ll::circuits {

/// Size of an `update` statement; everything else (rows, digits, k) follows from it. The default is the statement with
/// 128 accounts, 512 dimensions, 32-bit balances and up to 256 transfers: k = 14, 928 bytes.
struct UpdateShape {
  model::EncoderShape encoder{};
  std::size_t transfers = 256;  ///< largest batch
  /// Words of encoder.balance_bits bits in a balance: 1, or 4 for exact wei (128 bits). A state has one embedding a
  /// limb, so that each stays below 2^53; amounts and balances are below 2^(limbs · balance_bits).
  unsigned limbs = 1;
  unsigned columns = 1;     ///< columns of transfers side by side: fewer rows, longer proofs
  bool standalone = false;  ///< start balances are ranged too, so the batch needs no history

  unsigned balance_bits() const noexcept { return limbs * encoder.balance_bits; }
  /// Numbers in a public vector: dims a limb, limb after limb, the lowest first.
  std::size_t vector_size() const noexcept { return limbs * encoder.dims; }
  /// Whether the circuit bounds start balances: limbs are read off their digits.
  bool start_is_ranged() const noexcept { return standalone || limbs > 1; }
  friend bool operator==(const UpdateShape&, const UpdateShape&) = default;
};

inline constexpr unsigned kMostColumns = 8;

/// Throws Error{invalid_argument} unless the encoder's shape is valid (model::check), dims is a multiple of 8 (two
/// words a row), balance_bits is even (2-bit digits), 1 <= limbs and limbs · balance_bits <= 128, 1 <= columns <= 8,
/// 1 <= transfers <= 2^20, and 2 <= accounts <= dims / 4, so that an embedding fixes its balances as elements of F_r;
/// where start balances are ranged, accounts <= dims is enough.
void check(const UpdateShape& shape);

/// Where everything stands, as absolute rows; docs/circuits/update.md draws it. Rows 0 .. first_block - 1 belong to the
/// public vectors, then each account has a block: its share of the transfers, then its balances.
struct UpdateLayout {
  /// Throws as check() does.
  explicit UpdateLayout(const UpdateShape& shape);

  std::size_t accounts, transfers;
  unsigned columns, limbs;
  bool start_is_ranged;
  std::size_t words;               ///< W: words of one embedding
  unsigned limb_digits;            ///< 2-bit digits of a limb
  unsigned balance_digits;         ///< A: 2-bit digits of an amount or a balance, limbs · limb_digits
  unsigned time_digits;            ///< G: of the gap between a read and its write; smallest with 2 transfers + 1 < 4^G
  std::size_t transfers_a_block;   ///< E: places for transfers in a block, each `columns` side by side
  std::size_t transfer_rows;       ///< of one place
  std::size_t account_row_offset;  ///< of an account row in its block
  std::size_t block_rows;          ///< B
  std::size_t first_block;         ///< o_0
  std::size_t used_rows;
  unsigned k;                 ///< smallest that holds used_rows
  bool has_transfers = true;  ///< false where a statement has the rows of transfers, but not their gates

  /// Rotations from a transfer's sender cell. Narrow balances have the sums before it and the amount behind it; wide
  /// ones all behind, where the sums of an account's limbs are looked up anyway.
  int receiver_before_at() const { return -1; }
  int receiver_at() const { return 1; }
  int amount_at() const { return limbs == 1 ? 2 : static_cast<int>(limb_digits * (limbs - 1)); }
  int sender_after_at() const { return limbs == 1 ? sender_gap_at() - sum_rows() : amount_at() + sum_rows(); }
  int sender_gap_at() const;
  int receiver_gap_at() const;
  /// Rotations from an account row, where the running sum of its final balance starts. The start balance is one cell,
  /// or a running sum of its own.
  int final_time_at() const { return -1; }
  int initial_balance_at() const;
  int previous_sum_at() const { return 1 - static_cast<int>(block_rows); }
  /// Rotation from a running sum's start to what is left of it above limb l: floor(balance / 2^(l balance_bits)).
  int limb_at(unsigned limb) const { return static_cast<int>(limb * limb_digits); }

  std::size_t block_row(std::size_t account) const { return first_block + account * block_rows; }
  std::size_t account_row(std::size_t account) const { return block_row(account) + account_row_offset; }
  /// Transfer t stands in this column of transfers, with its sender's cell in this row.
  std::size_t column_of(std::size_t t) const { return t % columns; }
  std::size_t sender_row(std::size_t t) const;
  /// The row on which its gate stands: one row later a column, so that the product takes one transfer a row.
  std::size_t transfer_row(std::size_t t) const { return sender_row(t) + column_of(t); }
  /// A cell of transfer t, by its rotation.
  std::size_t cell(std::size_t t, int rotation) const {
    return sender_row(t) + static_cast<std::size_t>(static_cast<long>(rotation));
  }
  /// Rows of the Horner run over an account's constants, two words each, in order: the words / 2 rows before the
  /// account row on which no transfer's gate stands (those carry the run along). The value u stands in the account row.
  std::vector<std::size_t> horner_rows(std::size_t account) const;
  /// Public words: limbs · words rows from 0 on, and the value of their run in the row behind.
  std::size_t public_rows() const { return limbs * words; }
  /// Where products and sums end.
  std::size_t last_row() const { return account_row(accounts - 1) + 1; }

  /// Rows at the end that a prover fills with random values, and the one before them: one for each query of the busiest
  /// column and the wire profile's three more (halo2::ConstraintSystem::blinding_factors, held by a test).
  std::size_t unusable_rows() const { return queries() + 3; }
  /// What a row of columns D holds, for people: "transfer 17: amount", "account 3: final balance", "public vectors".
  std::string describe_row(std::size_t row) const;

 private:
  int sum_rows() const { return static_cast<int>(balance_digits) + 1; }
  int gap_rows() const { return static_cast<int>(time_digits) + 1; }
  bool gaps_between_limbs() const { return limbs >= 4 && limb_digits > time_digits; }
  int first_at() const { return limbs == 1 ? sender_after_at() : receiver_before_at(); }
  std::size_t queries() const;
};

}  // namespace ll::circuits
