#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "cli/session.hpp"
#include "halo2/srs.hpp"

namespace ll::cli {

/// How far an SRS can be trusted.
enum class Standing {
  ceremony,   ///< the powers of a public ceremony with many contributors
  simulated,  ///< a ceremony acted out on one machine
  test_only,  ///< made by one process, which could have kept the trapdoor
  unknown,    ///< nothing is known about who made it
};
const char* to_string(Standing standing) noexcept;  ///< "ceremony", "simulated", "test-only", "unknown"
std::optional<Standing> parse_standing(std::string_view text);

/// Who made an SRS. A ceremony is recognised by its [tau]_2: with consistent powers (Srs::read checks them) that point
/// determines every other, so a truncated or converted file is recognised as well as the original.
struct SrsOrigin {
  std::string name;  ///< empty when unknown
  Standing standing = Standing::unknown;
};
/// The ceremony with this [tau]_2, if it is one that we know.
std::optional<SrsOrigin> known_ceremony(const halo2::G2Affine& s_g2);

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
