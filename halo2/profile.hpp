#pragma once
#include <array>
#include <string_view>

#include "algebra/encoding.hpp"
#include "base/error.hpp"

namespace ll::halo2 {

/// Which implementation's keys and proofs are written and read. The mathematics is one; query order, the hashed text,
/// the flag bits of points and the head of a key file differ (docs/halo2-wire.md, "Profiles").
enum class Profile : std::uint8_t {
  pse_v030,  ///< PSE halo2 v0.3.0: ours by default
  axiom,     ///< halo2-axiom 0.5: the same digest and proofs; no shuffles, one circuit a proof, degree 5 unless asked
  pse_main,  ///< PSE halo2 main (198e9ae, July 2025): queries collected again, other text, new flag bits
  ezkl,      ///< zkonduit/halo2 (f441c92) without its feature mv-lookup: text of v0.3.0 with one more field, new flags
};

inline constexpr std::array kProfiles = {Profile::pse_v030, Profile::axiom, Profile::pse_main, Profile::ezkl};

/// "pse-v0.3.0", "halo2-axiom", "pse-main", "ezkl".
std::string_view profile_name(Profile profile);

/// Error{invalid_argument} for an unknown name; implementations that are known and not supported are refused with the
/// difference that stands in the way ("ezkl-mv-lookup", "pse-v0.4.0", "pse-v2023-04-20", "zcash").
Result<Profile> parse_profile(std::string_view name);

algebra::PointFlags point_flags(Profile profile);

/// How all openings become one check: SHPLONK (eprint 2020/081, section 4) or GWC (eprint 2019/953, section 3), each as
/// halo2 writes it.
enum class Opening : std::uint8_t { shplonk, gwc };

/// Hash of the Fiat-Shamir transcript, each as halo2's Challenge255 uses it. Keccak is halo2's own construction, not
/// that of an EVM verifier.
enum class TranscriptHash : std::uint8_t { blake2b, keccak256 };

/// What prover and verifier agree on beyond the key.
struct ProofFormat {
  Opening opening = Opening::shplonk;
  TranscriptHash hash = TranscriptHash::blake2b;
  bool operator==(const ProofFormat&) const = default;
};

}  // namespace ll::halo2
