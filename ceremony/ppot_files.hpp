#pragma once
#include <filesystem>

#include "ceremony/chain.hpp"

namespace ll::ceremony {

/// A PPoT challenge or response file: 64-byte hash, the five lists of points (challenge: uncompressed, response:
/// compressed), and the public key of a response. docs/formats/srs.md draws both.
struct PpotFile {
  bool response = false;
  Digest64 hash{};  ///< challenge: of the response before it; response: of the challenge that it answers
  PowersView powers;
  ByteSpan key;  ///< 768 bytes, of a response

  /// BLAKE2b of the whole file is what the other side calls it.
};
/// Told by its length, which differs for every power and kind; nullopt when it is neither.
std::optional<PowersShape> ppot_challenge_shape(std::size_t bytes);
std::optional<PowersShape> ppot_response_shape(std::size_t bytes);
Result<PpotFile> read_ppot(ByteSpan bytes);

/// The challenge that the next contributor answers.
void write_challenge(const std::filesystem::path& path, const Digest64& last_response, const PowersView& powers);
/// The response that contribution makes of its challenge; `powers` are the points after it.
void write_response(const std::filesystem::path& path, const Digest64& challenge, const PowersView& powers,
                    const PublicKey& key);

/// The record of a response that answers `challenge`; its points are decompressed into `points` (raw form), and their
/// hash is the next challenge. Error{mismatch} when the response answers another challenge.
Result<Contribution> import_response(const PpotFile& response, const Digest64& challenge, std::string name,
                                     const std::filesystem::path& points, Progress* progress = nullptr);

/// Aztec Ignition's flat files: `g1.dat` holds [tau^i]_1, x and y big-endian, from the generator on; `g2.dat` [tau]_2.
/// All 2^k points are checked to be powers of one tau. Source: AztecProtocol/barretenberg (srs), Ignition's
/// transcript spec for the coordinates.
Result<halo2::Srs> read_aztec(ByteSpan g1, ByteSpan g2, std::optional<unsigned> k);

}  // namespace ll::ceremony
