#pragma once
#include <nlohmann/json_fwd.hpp>

#include "halo2/circuit_record.hpp"
#include "halo2/mock_prover.hpp"

// What the circuit writer's tools report, as JSON; the fields are listed in docs/writing-circuits.md.
namespace ll::halo2 {

nlohmann::ordered_json to_json(const CellName& cell);
nlohmann::ordered_json to_json(const MockFailure& failure);
nlohmann::ordered_json to_json(const MockWarning& warning);
nlohmann::ordered_json to_json(const RecordedCopy& copy);

}  // namespace ll::halo2
