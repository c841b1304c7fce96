#pragma once
#include "artefacts/proof_file.hpp"
#include "artefacts/vk_file.hpp"

namespace ll::artefacts {

/// Checks the proof of a file against its public vectors under this key. The file must have been decoded for the key
/// (decode_proof_file). A false proof is an answer, not an error.
halo2::VerifyResult verify(const VkFile& vk, const ProofFile& file);

}  // namespace ll::artefacts
