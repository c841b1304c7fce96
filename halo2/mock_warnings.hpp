#pragma once
#include "halo2/mock_prover.hpp"
#include "halo2/mock_table.hpp"

namespace ll::halo2 {

/// Columns, selectors, constraints and cells that look forgotten.
std::vector<MockWarning> mock_warnings(const MockTable& table);

/// "gate / constraint", or the gate's name alone where the constraint has none.
std::string constraint_name(const Gate& gate, std::size_t constraint);

}  // namespace ll::halo2
