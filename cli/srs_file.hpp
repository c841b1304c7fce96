#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "artefacts/srs_origin.hpp"
#include "cli/session.hpp"
#include "halo2/srs.hpp"

namespace ll::cli {

using artefacts::known_ceremony, artefacts::parse_standing, artefacts::SrsOrigin, artefacts::Standing;

/// What a file says about itself, and its SHA-256.
struct SrsFileInfo {
  std::string format;  ///< "halo2-raw", "halo2-processed" or "ptau"
  unsigned k = 0;
  std::string sha256;
  std::optional<std::uint32_t> contributions;  ///< ptau only
  std::optional<bool> beacon;                  ///< ptau only
  SrsOrigin origin;
};

struct LoadedSrs {
  SrsFileInfo info;
  halo2::Srs srs;
};

/// Reads a file in any of the formats, told by its first bytes and its length, down to `k` when it holds more; all
/// points are checked and belong together. The origin is a known ceremony, or what `FILE.json` says ("test-only" or
/// "simulated", bound to this file by its SHA-256), or unknown. Throws Error{io} when it is not there, Error{malformed}
/// with the offset for broken bytes, Error{srs} naming both powers when it is too small.
LoadedSrs load_srs(Session& session, const std::filesystem::path& file, std::optional<unsigned> k = std::nullopt);

/// Writes halo2's raw form; beside it FILE.json with SHA-256, name and standing unless the ceremony is known.
void save_srs(Session& session, const std::filesystem::path& file, const halo2::Srs& srs, const SrsOrigin& origin,
              halo2::SerdeFormat format = halo2::SerdeFormat::raw);

Json srs_json(const SrsFileInfo& info);

}  // namespace ll::cli
