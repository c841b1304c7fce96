#pragma once
#include <vector>

#include "circuits/update.hpp"
#include "halo2/circuit_description.hpp"

namespace ll::circuits {

/// Columns R and T of `update` (docs/circuits/update.md) as rules: what the gates demand of a cell, given the rows
/// above it. Whoever proves from a description needs them, since the two columns depend on challenges.
std::vector<halo2::CellRule> update_rules(const UpdateLayout& layout);

/// The witness of a circuit that has a trace, as data: columns D as values, R and T as rules. Secret. `instances` are
/// its public inputs; throws Error{invalid_argument} when they do not fit.
halo2::WitnessDescription describe_update_witness(UpdateCircuit& circuit, const halo2::Instances& instances);

}  // namespace ll::circuits
