#pragma once
#include "halo2/circuit_record.hpp"

namespace ll::halo2 {

struct LayoutOptions {
  std::string title;
  std::size_t first_row = 0;
  std::optional<std::size_t> end_row;  ///< one past the last row drawn; all rows when it is not given
};

/// A drawing of the table: columns from left to right, rows from top to bottom, which cells are assigned, regions as
/// boxes with their names beside them, and where the rows that a prover blinds begin. Neighbouring regions too low to
/// be labelled one by one share a label. Throws Error{invalid_argument} when the rows are none or lie behind the usable
/// ones.
std::string layout_svg(const CircuitRecord& record, const LayoutOptions& options);

}  // namespace ll::halo2
