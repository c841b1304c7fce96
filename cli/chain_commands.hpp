#pragma once
#include "cli/keys_folder.hpp"
#include "cli/proof_commands.hpp"

namespace ll::cli {

/// `verify --chain`: a folder of prove-batch, from its genesis to its last proof.
Outcome verify_chain_folder(const VerifyArguments& arguments, const VkFile& vk, Session& session);

}  // namespace ll::cli
