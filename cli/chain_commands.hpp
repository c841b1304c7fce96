#pragma once
#include <optional>

#include "cli/chain_prover.hpp"
#include "cli/keys_folder.hpp"
#include "cli/proof_commands.hpp"

namespace ll::cli {

struct ProveBatchArguments {
  std::filesystem::path keys, genesis_keys, data, output;  ///< empty: the default below --workdir
  std::optional<std::size_t> from, count, batch_size;
  ChainOptions options;
};
/// A chain of proofs of a ledger's transfers, batch by batch.
Outcome prove_batch(const ProveBatchArguments& arguments, Session& session);

/// `verify --chain`: a folder of prove-batch, from its genesis to its last proof.
Outcome verify_chain_folder(const VerifyArguments& arguments, const VkFile& vk, Session& session);

}  // namespace ll::cli
