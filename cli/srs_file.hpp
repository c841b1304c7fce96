#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "artefacts/srs_origin.hpp"
#include "cli/session.hpp"
#include "halo2/srs.hpp"

namespace ll::cli {

using artefacts::known_ceremony, artefacts::parse_standing, artefacts::SrsOrigin, artefacts::Standing;

/// The files that hold an SRS.
enum class SrsFormat { halo2_raw, halo2_processed, ptau, ppot_challenge, ppot_response, aztec, ceremony };
const char* to_string(SrsFormat format) noexcept;  ///< "halo2-raw", "halo2-processed", "ptau", "ppot-challenge", ...

/// Told by the first bytes and the length. Error{srs} for files of another curve (EIP-4844's, Midnight's: BLS12-381)
/// and for web pages, Error{malformed} for anything else that is no SRS.
Result<SrsFormat> srs_format_of(ByteSpan bytes, const std::string& name);

/// What a file says about itself, its SHA-256, and who made it.
struct SrsFileInfo {
  SrsFormat format = SrsFormat::halo2_raw;
  unsigned k = 0;
  std::string sha256;
  std::optional<std::uint32_t> contributions;  ///< of files with a chain
  std::optional<bool> beacon;
  SrsOrigin origin;
  std::string published_as;     ///< which file of its ceremony it is, by its hash; empty when unknown
  bool points_checked = false;  ///< every point that halo2 uses
};

struct LoadedSrs {
  SrsFileInfo info;
  halo2::Srs srs;
};

/// Reads a file in any of the formats, down to `k` when it holds more; all points are checked and belong together. The
/// origin is a known ceremony, or what `FILE.json` says ("test-only" or "simulated", bound to this file by its
/// SHA-256), or unknown. Throws Error{srs} when it is not there or too small (naming both powers), Error{malformed}
/// with the offset for broken bytes.
LoadedSrs load_srs(Session& session, const std::filesystem::path& file, std::optional<unsigned> k = std::nullopt);

/// The same without the SRS: for a file of more than 2^20 rows that no published hash names, points are not checked,
/// and its standing is unknown.
SrsFileInfo inspect_srs(Session& session, const std::filesystem::path& file);

/// Everything that can be verified of a file, in constant memory: points, and for a chain every contribution in it.
struct SrsVerification {
  SrsFileInfo info;
  bool chain_checked = false, beacon_replayed = false, next_challenge_rederived = false;
  std::vector<std::string> contributors;  ///< names in the chain
  std::vector<std::string> notes;         ///< what was not checked, in words
};
SrsVerification verify_srs(Session& session, const std::filesystem::path& file, bool replay_beacon);

/// The SRS of the project's own statements, k = 14: a ceremony of 16 contributors SIMULATED on one machine (srs/).
/// Throws Error{srs} when the file is not there.
std::filesystem::path bundled_srs();
inline constexpr unsigned kBundledSrsPower = 14;

/// Writes halo2's raw form; beside it FILE.json with SHA-256, name and standing unless the ceremony is known.
void save_srs(Session& session, const std::filesystem::path& file, const halo2::Srs& srs, const SrsOrigin& origin,
              halo2::SerdeFormat format = halo2::SerdeFormat::raw,
              algebra::PointFlags flags = algebra::PointFlags::old_flags);

Json srs_json(const SrsFileInfo& info);
/// `text` with everything but printable ASCII replaced by "?": names in files are other people's bytes.
std::string shown_name(std::string_view text);

}  // namespace ll::cli
