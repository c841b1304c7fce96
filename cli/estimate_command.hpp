#pragma once
#include <string>

#include "circuits/statements.hpp"
#include "cli/session.hpp"

namespace ll::cli {

/// What keys and proofs of a circuit will cost, as `estimate` reports it.
Outcome estimate(const circuits::SampleStatement& sample, const std::string& statement, bool reference_costs);

}  // namespace ll::cli
