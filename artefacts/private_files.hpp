#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "artefacts/vk_file.hpp"
#include "circuits/private_chain.hpp"

namespace ll::artefacts {

/// Is this a statement about private states: `update-private`, `genesis` or `open`?
bool about_private_states(std::string_view statement);

/// What `proof.json` says of a private statement; docs/formats/private-files.md.
struct PrivateProofFile {
  std::string statement, vk_digest;
  std::vector<std::int64_t> embedding;  ///< `genesis`, `open`: dims integers; else empty
  Bytes proof;
};
std::string encode_private_proof_file(const PrivateProofFile& file);
/// Strict inverse for this key. Error{mismatch} that names both digests when the proof was made under another key,
/// Error{malformed} that names the field for anything else.
Result<PrivateProofFile> decode_private_proof_file(std::string_view text, const std::string& name, const VkFile& vk);
halo2::Instances instances_of(const PrivateProofFile& file);

/// A ledger's secret state and how often proofs have opened its column: as secret as the balances in it.
struct PrivateStateFile {
  circuits::PrivateState state;
  unsigned openings = 0;
  halo2::G1Affine commitment;  ///< of the state, in the basis of the SRS
  std::string srs_sha256;      ///< of the SRS cut to the statement's k

  /// Counts one more opening. Throws Error{invalid_argument} at kMostOpenings: proofs beyond would give balances away.
  /// Write the file before the proof is made, so that no crash forgets an opening.
  void spend_opening();
};
std::string encode_private_state_file(const PrivateStateFile& file);
/// Strict inverse: lengths of the shape, balances in range, canonical field elements, a checksum over all. Whether the
/// commitment is that of the state is for commit_state to say.
Result<PrivateStateFile> decode_private_state_file(std::string_view text, const std::string& name,
                                                   const circuits::UpdateShape& shape);

}  // namespace ll::artefacts
