#pragma once
#include <string>

#include <nlohmann/json.hpp>

namespace ll::artefacts {

/// SHA-256, as hex, over a JSON object without its field `checksum`: keys sorted, no spaces. Finds damage, not malice.
std::string json_checksum(nlohmann::json value);

}  // namespace ll::artefacts
