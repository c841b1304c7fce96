#pragma once
#include <filesystem>

#include "base/files.hpp"
#include "ceremony/chain.hpp"
#include "ceremony/secret.hpp"
#include "ceremony/transcript.hpp"

namespace ll::ceremony {

/// An Ed25519 key (libsodium), by which a contributor is known. The secret stays in locked memory.
class SigningKey {
 public:
  static SigningKey generate();
  /// A file of 32 bytes as hex, readable by its owner only. Throws Error{io} or Error{malformed}.
  static SigningKey load(const std::filesystem::path& file);
  void save(const std::filesystem::path& file) const;
  Bytes public_key() const;
  Bytes sign(ByteSpan message) const;

 private:
  explicit SigningKey(LockedBytes seed) : seed_(std::move(seed)) {}
  LockedBytes seed_;
};
bool signature_is_valid(ByteSpan message, ByteSpan signature, ByteSpan public_key);

/// A ceremony's file, as it lies in memory: magic, kind, power, points (raw form), transcript, its length.
struct StateView {
  Transcript transcript;
  PowersView powers;
  ByteSpan points;  ///< all lists
};
bool is_ceremony_file(ByteSpan bytes);
/// Strict about lengths and the transcript; points are checked by verify_ceremony.
Result<StateView> read_state(ByteSpan bytes);
/// The same with a file.
struct CeremonyFile {
  MappedFile mapped;
  StateView state;
  static CeremonyFile open(const std::filesystem::path& path);
};
Bytes state_header(const PowersShape& shape);
Bytes state_trailer(const Transcript& transcript);

/// What contributors of a new ceremony begin with.
struct NewCeremony {
  PowersShape shape;
  bool simulated = false;
  std::optional<BeaconSource> announced;
};
/// Begins at tau = 1.
Transcript new_ceremony(const NewCeremony& options, const std::filesystem::path& out, Rng& rng);
/// Goes on from an existing setup, every point of it checked: its powers up to options.shape.power, and for a
/// powers-of-tau ceremony its chain too (`chain`, all of it: it cannot be a truncated file).
Result<Transcript> new_ceremony_from(const NewCeremony& options, const PowersView& powers,
                                     std::span<const Contribution> chain, const std::string& name,
                                     const std::string& sha256, const std::filesystem::path& out, Rng& rng,
                                     Progress* progress = nullptr);

struct StepOptions {
  std::string name, attestation, tool, time;
  Progress* progress = nullptr;
};
/// Multiplies the trapdoor by secrets from `pool` and writes the new state atomically, chunk by chunk in constant
/// memory.
///
/// With `resume_points`, unfinished points are kept in that file and taken up again by a later call with the same pool;
/// Error{mismatch} when they were made from another one. The input must have been verified.
Record contribute(const StateView& in, const EntropyPool& pool, const SigningKey& key, const StepOptions& options,
                  const std::filesystem::path& out, const std::filesystem::path& resume_points = {});
/// Multiplies by what a public random value gives after 2^iterations_exp rounds of SHA-256: `iterated` is the hash
/// reached (iterate_sha256).
Record apply_beacon(const StateView& in, const BeaconSource& source, const Bytes& value, const Digest32& iterated,
                    const StepOptions& options, const std::filesystem::path& out);
/// Takes over what came back from a contributor: another state of ours that goes on from this one, a `.ptau` (its chain
/// begins with ours), or a PPoT response to our challenge. Everything is verified. Error{mismatch} when it does not go
/// on from this state: an older one, or another ceremony's. Gives the number of steps taken over.
Result<std::size_t> import_step(const StateView& head, ByteSpan response, const StepOptions& options, Rng& rng,
                                const std::filesystem::path& out);

struct VerifyOptions {
  bool replay_beacon = true;
  bool check_points = true;  ///< false: the transcript alone
  Progress* progress = nullptr;
};
struct VerifyReport {
  std::size_t contributors = 0, external = 0;
  bool beacon = false, beacon_skipped = false, beacon_announced = false;
  bool next_challenge_rederived = false;  ///< powers-of-tau
};
/// Everything in docs/formats/ceremony.md, "What is verified". The error names the first record that is wrong.
Result<VerifyReport> verify_ceremony(const StateView& state, Rng& rng, const VerifyOptions& options = {});

}  // namespace ll::ceremony
