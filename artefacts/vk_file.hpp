#pragma once
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "artefacts/srs_origin.hpp"
#include "circuits/statements.hpp"
#include "halo2/keygen.hpp"
#include "halo2/verifier.hpp"

namespace ll::artefacts {

using Json = nlohmann::ordered_json;

inline constexpr std::uint64_t kVkFileVersion = 2;
using circuits::kDelta, circuits::kUpdate;

/// How our keys are written: compressed points, PSE v0.3.0's layout, selectors left alone (no statement has any).
inline constexpr halo2::SerdeFormat kVkFormat = halo2::SerdeFormat::processed;
inline constexpr halo2::Profile kVkProfile = halo2::Profile::pse_v030;
inline constexpr bool kCompressSelectors = false;

/// What `vk.json` says: all that a verifier needs. docs/formats/proof-files.md draws it.
struct VkFile {
  std::string statement = kUpdate;  ///< one of circuits::statement_names()
  circuits::UpdateShape shape;
  halo2::VerifyingKey key;
  halo2::G2Affine s_g2;    ///< [tau]_2
  std::string srs_sha256;  ///< of srs.bin in the same folder
  SrsOrigin srs_origin;
  std::string vhat_digest;  ///< model::QuantizedEncoder::digest of V^, hex

  halo2::VerifierParams params() const { return {s_g2}; }
};

/// Canonical text of vk.json: a pure function of its content and the software version.
std::string encode_vk_file(const VkFile& file);
/// Strict inverse: every field is checked against what the key itself gives (digest, k, columns, ceremony of [tau]_2),
/// unknown fields are refused, `checksum` covers the rest. Error{malformed} or Error{mismatch} otherwise.
Result<VkFile> decode_vk_file(std::string_view text, const std::string& name);

/// Columns, degree and proof bytes, as `setup` reports them.
Json circuit_json(const halo2::ConstraintSystem& cs);

}  // namespace ll::artefacts
