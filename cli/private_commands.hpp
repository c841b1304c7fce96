#pragma once
#include "cli/keys_folder.hpp"
#include "cli/proof_commands.hpp"

namespace ll::cli {

/// `prove` under a key of `update-private`, `genesis` or `open`. The secret state is read from and written to
/// state.json (docs/formats/private-files.md); an opening is counted in the file before the proof is made, and refused
/// past the limit.
Outcome prove_private(const ProveArguments& arguments, const KeyFolder& keys, Session& session);

/// A key of another statement about the same states. Throws Error{mismatch} when it is not.
VkFile load_sister_key(const std::filesystem::path& path, const char* statement, const VkFile& vk, Session& session);
/// What a proof of a private statement says, hides and reveals, in words.
std::string private_statement_text(const VkFile& vk);

/// `verify` for them: one proof, or a chain of `update-private` from a `genesis` to an `open`.
Outcome verify_private(const VerifyArguments& arguments, const VkFile& vk, Session& session);

}  // namespace ll::cli
