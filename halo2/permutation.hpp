#pragma once
#include <vector>

#include "halo2/constraint_system.hpp"

namespace ll::halo2 {

/// Builds the permutation whose cycles are the sets of cells that copies make equal. The cycles depend on the order of
/// the copies, and so does the verifying key. Source: halo2_proofs v0.3.0, plonk/permutation/keygen.rs (Assembly).
class PermutationAssembly {
 public:
  PermutationAssembly(std::vector<AnyColumn> columns, std::size_t rows);

  /// Throws Error{invalid_argument} when a column was not enabled for equality or a row is outside.
  void copy(const AnyColumn& left, std::size_t left_row, const AnyColumn& right, std::size_t right_row);
  /// sigma_i on the rows: delta^{i'} omega^{j'} where cell (i, j) maps to (i', j').
  std::vector<std::vector<Fr>> sigma_values(const Fr& omega) const;

 private:
  std::size_t cell(const AnyColumn& column, std::size_t row) const;

  std::vector<AnyColumn> columns_;
  std::size_t rows_;
  std::vector<std::uint32_t> next_, leader_, size_;  ///< by cell = column * rows + row
};

}  // namespace ll::halo2
