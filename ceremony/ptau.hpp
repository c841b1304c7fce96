#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ceremony/powers.hpp"
#include "ceremony/resumable_blake2b.hpp"
#include "halo2/srs.hpp"

namespace ll::ceremony {

using algebra::Fr;

/// One third of a contribution's public key: s, s·x in G1 and sp·x in G2, where sp hashes the challenge and the first
/// two (proof_base_g2). It proves knowledge of x. Source: Bowe, Gabizon, Miers, eprint 2017/1050, section 3.
struct KeyPart {
  G1Affine s, sx;
  G2Affine spx;
  friend bool operator==(const KeyPart&, const KeyPart&) = default;
};
struct PublicKey {
  KeyPart tau, alpha, beta;
  friend bool operator==(const PublicKey&, const PublicKey&) = default;
  /// 768 bytes: the six G1 points (tau, alpha, beta), then the three of G2.
  Bytes encode(PointForm form) const;
  static constexpr std::size_t kBytes = 768;
};
Result<PublicKey> decode_public_key(ByteSpan bytes, PointForm form, std::string_view what, std::size_t file_offset);

/// A record of a `.ptau` file's chain.
struct Contribution {
  PowersHead head;  ///< after the contribution
  PublicKey key;
  ResumableBlake2b::State partial_hash{};  ///< of challenge | compressed points
  Digest64 next_challenge{};               ///< all 0xff when the file was made without points
  bool beacon = false;
  std::string name;             ///< at most 64 characters
  unsigned iterations_exp = 0;  ///< of a beacon: SHA-256 is iterated 2^this times
  Bytes beacon_hash;            ///< of a beacon

  bool next_challenge_unknown() const;
  /// BLAKE2b of challenge | compressed points | public key.
  Digest64 response_hash() const;
};

/// A `.ptau` file, its table of sections and its chain read; points stay where they are.
struct PtauFile {
  unsigned power = 0, ceremony_power = 0;
  std::vector<Contribution> contributions;
  std::optional<PowersView> powers;               ///< nullopt: a chain without points
  std::map<std::uint32_t, std::size_t> sections;  ///< type -> bytes
  ByteSpan lagrange_g1;                           ///< section 12: see docs/formats/srs.md before using it

  bool has_beacon() const;
  bool truncated() const { return power < ceremony_power; }
};
/// Strict: every field of header, section table and chain; lengths of all point sections. The points of the powers
/// themselves are checked by check_powers.
Result<PtauFile> read_ptau(ByteSpan bytes);

/// The powers up to `k` (all it holds when nullopt) as halo2's parameters, every one of them checked. The Lagrange
/// basis is computed anew: snarkjs takes another root of unity.
Result<halo2::Srs> srs_of_powers(const PowersView& powers, std::optional<unsigned> k, bool check = true);

/// Writes a `.ptau` file of seven sections atomically.
void write_ptau(const std::filesystem::path& path, const PowersView& powers, std::span<const Contribution> chain);
/// The body of section 7.
Bytes encode_contributions(std::span<const Contribution> chain);
/// A record as it stands in section 7.
Bytes encode_contribution(const Contribution& contribution);
Result<Contribution> decode_contribution(ByteReader& reader, std::size_t number);

}  // namespace ll::ceremony
