#pragma once
#include "halo2/cell_book.hpp"

namespace ll::halo2 {

/// Two cells that the permutation holds equal.
struct RecordedCopy {
  CellName a, b;
};

/// One synthesis without a witness, kept: what a circuit places, names and copies.
struct CircuitRecord {
  unsigned k = 0;
  ConstraintSystem cs;  ///< with its selectors
  CellBook cells;
  std::vector<std::vector<Fr>> fixed;          ///< contents, n entries a column
  std::vector<RecordedCopy> copies;            ///< in the order in which the circuit made them
  std::size_t usable_rows = 0, used_rows = 0;  ///< one more than the last row that any region or constant uses
};

/// Runs the circuit's synthesis as keygen does. Throws Error{invalid_argument} where keygen does: rows that do not
/// fit, copies of columns that are not enabled for equality.
CircuitRecord record_circuit(Circuit& circuit, unsigned k);

/// The copies alone.
std::vector<RecordedCopy> recorded_copies(Circuit& circuit, unsigned k);

}  // namespace ll::halo2
