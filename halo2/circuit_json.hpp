#pragma once
// Shared by the writer and the reader of circuit descriptions.
#include "halo2/circuit_description.hpp"
#include "halo2/json_cursor.hpp"

namespace ll::halo2 {

inline constexpr const char* kCircuitFormat = "latentledger-circuit";
inline constexpr const char* kWitnessFormat = "latentledger-witness";
/// An expression stands a few levels below the top of its document.
inline constexpr int kMostExpressionLevels = kMostJsonLevels - 10;

/// "advice", "fixed", "instance".
const char* kind_name(ColumnKind kind);

/// The document that encode_circuit writes.
nlohmann::ordered_json circuit_json(const CircuitDescription& description);

}  // namespace ll::halo2
