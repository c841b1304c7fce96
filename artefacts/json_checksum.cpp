#include "artefacts/json_checksum.hpp"

#include "base/hash.hpp"

namespace ll::artefacts {

std::string json_checksum(nlohmann::json value) {
  value.erase("checksum");
  const std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return to_hex(sha256(ByteSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())));
}

}  // namespace ll::artefacts
