#pragma once
#include <string>
#include <string_view>

#include "circuits/statements.hpp"

namespace ll::artefacts {

inline constexpr std::uint64_t kProofFileVersion = 1;

/// What `proof.json` says; docs/formats/proof-files.md. Nothing in it goes unchecked: the vectors are the public
/// inputs, the digest names the key, the proof binds all of them.
struct ProofFile {
  std::string vk_digest;
  circuits::UpdateStatement statement;  ///< of `delta`, the vector delta alone
  Bytes proof;
  std::string name = circuits::kUpdate;  ///< of the statement

  /// The public inputs that the vectors stand for.
  halo2::Instances instances(const circuits::UpdateShape& shape) const;
};

std::string encode_proof_file(const ProofFile& file);
/// Strict inverse for a key of this statement, shape, digest and proof length. Error{mismatch} that names both digests
/// when the proof was made under another key, Error{malformed} that names the field for anything else.
Result<ProofFile> decode_proof_file(std::string_view text, const std::string& name, const circuits::UpdateShape& shape,
                                    const std::string& vk_digest, std::size_t proof_bytes,
                                    const std::string& statement = circuits::kUpdate);

}  // namespace ll::artefacts
