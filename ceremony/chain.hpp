#pragma once
#include <functional>

#include "base/progress.hpp"
#include "ceremony/ptau.hpp"

namespace ll::ceremony {

/// The hash that a powers-of-tau ceremony of this power starts from: BLAKE2b of H("") | 2^(p+1)-1 [1]_1 | 2^p [1]_2 |
/// 2·2^p [1]_1 | [1]_2, uncompressed. A constant for power 28 (100 GB of hashing), computed for all others.
Digest64 first_challenge(unsigned power);

/// Feeds the points of tau = alpha = beta = 1 in file order: what every ceremony starts from.
void hash_generators(ResumableBlake2b& hash, const PowersShape& shape, PointForm form);

/// SHA-256 iterated 2^iterations_exp times, begun at `value`.
///
/// `checkpoint` is called now and then with the iterations done and the hash reached; to go on from there give both as
/// `done` and `value`. Throws Error{interrupted} when the user asked to stop.
Digest32 iterate_sha256(Bytes value, unsigned iterations_exp, std::uint64_t done = 0, Progress* progress = nullptr,
                        const std::function<void(std::uint64_t, const Digest32&)>& checkpoint = {});

/// What a contribution multiplies tau, alpha and beta with, and the points of its proofs.
struct KeySecrets {
  Fr tau, alpha, beta;
  G1Affine tau_s, alpha_s, beta_s;
};
/// A beacon's: anybody can compute them. Source: iden3/snarkjs, src/keypair.js (createPTauKey).
KeySecrets beacon_secrets(const Digest32& iterated);
PublicKey make_public_key(const KeySecrets& secrets, const Digest64& challenge);

struct ChainOptions {
  bool replay_beacon = true;  ///< false: the iterated hash behind a beacon is not computed again
  Progress* progress = nullptr;
};
struct ChainReport {
  PowersHead head = PowersHead::generators();  ///< after the last contribution
  Digest64 challenge{};                        ///< what the next contribution answers
  std::vector<Digest64> responses;
  bool beacon_skipped = false;
  bool challenge_unknown = false;  ///< the last record was made without points and has no next challenge
};
/// Verifies every link: the partial hash counts the bytes that a response of this power has; each public key proves
/// knowledge of its factors under the challenge that the record before it left; the head moved by exactly these
/// factors; a beacon's key is what its hash gives. The error names the first broken contribution.
Result<ChainReport> verify_chain(unsigned ceremony_power, std::span<const Contribution> chain,
                                 const ChainOptions& options = {});
/// The same for one link.
std::optional<Error> verify_link(unsigned ceremony_power, const PowersHead& before, const Digest64& challenge,
                                 const Contribution& contribution, std::size_t number, const ChainOptions& options);

/// `check` of the next three: `coordinates` for raw points that were checked or made just before.
///
/// Challenge that points and the response before them give: BLAKE2b(response | uncompressed points).
Digest64 challenge_of(const Digest64& response, const PowersView& powers, Progress* progress = nullptr,
                      PointCheck check = PointCheck::full);
/// Hash over challenge | compressed points, before the public key.
ResumableBlake2b response_state(const Digest64& challenge, const PowersView& powers, Progress* progress = nullptr,
                                PointCheck check = PointCheck::full);
/// Hands `view`'s points over in another form, list by list, chunk by chunk.
void convert_points(const PowersView& view, PointForm to, const std::function<void(ByteSpan)>& sink,
                    Progress* progress = nullptr, PointCheck check = PointCheck::full);

struct PtauReport {
  ChainReport chain;
  bool points_checked = false;            ///< false: the file holds none
  bool next_challenge_rederived = false;  ///< false for truncated files and for chains without points
};
/// Everything that can be verified of a `.ptau` file: its chain, its points, that the points are the ones the chain
/// ends in, and their challenge unless the file is truncated.
Result<PtauReport> verify_ptau(const PtauFile& file, Rng& rng, const ChainOptions& options = {});

}  // namespace ll::ceremony
