#pragma once
#include "halo2/cell_book.hpp"
#include "halo2/verifier.hpp"

namespace ll::halo2 {

/// The whole table of a circuit, filled without cryptography: what MockProver looks at.
class MockTable {
 public:
  struct Copy {
    AnyColumn a, b;
    std::size_t a_row, b_row;
  };

  /// Runs configure and synthesis, phase by phase. Throws Error{invalid_argument} where keygen would, and when the
  /// public inputs do not fit.
  MockTable(unsigned k, Circuit& circuit, const Instances& instances);

  const ConstraintSystem& cs() const { return cs_; }
  std::size_t rows() const { return n_; }
  std::size_t usable() const { return usable_; }
  const CellBook& book() const { return book_; }
  const std::vector<Copy>& copies() const { return copies_; }
  std::size_t instance_length(std::size_t column) const { return instance_lengths_[column]; }

  const Fr& cell(const AnyColumn& column, std::size_t row) const {
    return (column.kind == ColumnKind::advice  ? advice_
            : column.kind == ColumnKind::fixed ? fixed_
                                               : public_inputs_)[column.index][row];
  }
  /// True for cells that hold a random value in a proof.
  bool blinding(const AnyColumn& column, std::size_t row) const {
    return column.kind == ColumnKind::advice && row >= usable_ && !cs_.unblinded_advice()[column.index];
  }
  bool enabled(Selector selector, std::size_t row) const { return book_.enabled(selector, row); }
  const Fr& challenge(Challenge challenge) const { return challenges_[challenge.index]; }
  /// `row` moved by `rotation`, around the end.
  std::size_t rotated(std::size_t row, Rotation rotation) const {
    const auto n = static_cast<std::ptrdiff_t>(n_);
    return static_cast<std::size_t>(((static_cast<std::ptrdiff_t>(row) + rotation.value) % n + n) % n);
  }
  Fr value(const Expression& e, std::size_t row) const;

 private:
  class Phase;
  ConstraintSystem cs_;
  std::size_t n_, usable_;
  std::vector<std::vector<Fr>> advice_, fixed_, public_inputs_;
  std::vector<std::size_t> instance_lengths_;
  std::vector<Fr> challenges_;
  CellBook book_;
  std::vector<Copy> copies_;
};

}  // namespace ll::halo2
