#pragma once
#include <optional>
#include <string>
#include <vector>

#include "circuits/delta_witness.hpp"
#include "halo2/circuit.hpp"

namespace ll::circuits {

/// Columns of constants: with 15 of them a proof has at most 1,024 bytes, whatever the shape.
inline constexpr std::size_t kDeltaConstantColumns = 15;

/// Where everything stands, as absolute rows; docs/circuits/delta.md draws it. The words of V^ are cut into blocks of
/// 15; block b, for the words of lowest weight last, has a row for each account and one at its end.
struct DeltaLayout {
  /// Throws as check_delta_shape() does.
  explicit DeltaLayout(const model::EncoderShape& shape);

  std::size_t accounts, words;
  std::size_t blocks;      ///< B = ceil(words / 15)
  std::size_t block_rows;  ///< accounts + 1
  std::size_t public_row;  ///< o: first row over the public words; row o + p has word p
  std::size_t amount_row;  ///< where the bits of the amount start
  std::size_t last_row;    ///< where the amount's running sum and the run over the words end, both at zero
  std::size_t used_rows;
  unsigned k;  ///< smallest that holds used_rows

  std::size_t account_row(std::size_t block, std::size_t account) const { return block * block_rows + account; }
  std::size_t end_row(std::size_t block) const { return account_row(block, accounts); }
  /// The word whose constants stand in column f of block b; may be `words` or more: then the constant is zero.
  std::size_t word(std::size_t block, std::size_t f) const { return kDeltaConstantColumns * (blocks - 1 - block) + f; }
};

/// The statement `delta`: for a public vector delta there are two different accounts s, r and an amount a with
///
///   delta = a (V^_r - V^_s), 0 <= a < 2^balance_bits, exactly.
///
/// The slots are two jumps of a counter that runs down the accounts, so no table, no permutation and no memory is
/// needed; the matrix is met by one random combination (gadgets/random_combination.hpp). Two advice columns, 17 fixed,
/// degree 5, 1,024 bytes. Layout, gates, soundness: docs/circuits/delta.md and docs/statements.md.
///
///   D  phase 0   the counter, once in each block; the signed amount and its bits
///   R  phase 1   the sum over accounts and words; the run over the public words
class DeltaCircuit : public halo2::Circuit {
 public:
  /// Without a trace: for keygen and verifying.
  explicit DeltaCircuit(const model::QuantizedEncoder& encoder, std::optional<DeltaTrace> trace = std::nullopt);
  /// The shape alone, for reading a verifying key; synthesize() throws Error{invalid_argument}.
  explicit DeltaCircuit(const model::EncoderShape& shape) : layout_(shape), balance_bits_(shape.balance_bits) {}

  void configure(halo2::ConstraintSystem& cs) override;
  void synthesize(halo2::Layouter& layouter) const override;

  const DeltaLayout& layout() const { return layout_; }
  unsigned k() const { return layout_.k; }

  /// What a row holds, for people: "words 45 to 59: account 3", "word 7: bits of the amount".
  std::string describe_row(std::size_t row) const;

 protected:
  using Column = std::vector<Fr>;  ///< layout().used_rows values
  /// The advice columns, each from the ones before. Virtual so that a test can lie in any cell.
  virtual Column fill_d(const DeltaTrace& trace) const;
  virtual Column fill_r(const DeltaTrace& trace, const Column& d, const Fr& gamma) const;

 private:
  struct Config {
    halo2::AdviceColumn d, r;
    halo2::InstanceColumn delta;
    std::vector<halo2::FixedColumn> f;  ///< [15]
    halo2::FixedColumn qa, qb;
    halo2::Challenge gamma;
  };
  void create_gates(halo2::ConstraintSystem& cs) const;
  void fill_fixed();

  DeltaLayout layout_;
  unsigned balance_bits_;
  std::vector<std::vector<Fr>> constants_;  ///< [accounts][words]
  std::vector<Column> f_;                   ///< [15]
  Column qa_, qb_;
  std::optional<DeltaTrace> trace_;
  Config config_{};
};

}  // namespace ll::circuits
