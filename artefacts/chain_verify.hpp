#pragma once
#include <optional>
#include <vector>

#include "artefacts/chain_files.hpp"
#include "artefacts/private_files.hpp"

namespace ll::artefacts {

/// Checks a folder's private chain: genesis.json, the proofs of its chain.json in order, and that chain.json names the
/// states that they stand between. `genesis_vk` and `vk` must be keys of one SRS, size and account set; `open`, if
/// given, must be about the last state. The reason names the first proof that fails or does not link.
halo2::VerifyResult verify_chain(const ChainFile& chain, const VkFile& vk, const VkFile& genesis_vk,
                                 const PrivateProofFile& genesis, const std::vector<PrivateProofFile>& updates,
                                 const circuits::OpeningProof* open = nullptr);

/// The same of public proofs: `new` of each is `prev` of the next. With `encoder`, that of the key, the first `prev` is
/// also compared with the embedding of chain.json's start balances; without, nothing says that the balances before the
/// first batch are in range.
halo2::VerifyResult verify_chain(const ChainFile& chain, const VkFile& vk, const std::vector<ProofFile>& updates,
                                 const model::QuantizedEncoder* encoder);

}  // namespace ll::artefacts
