#pragma once
#include <string>

#include <CLI/CLI.hpp>

#include "cli/keys_folder.hpp"
#include "cli/proof_commands.hpp"

namespace ll::cli {

/// --sender, --receiver, --amount.
void add_transfer_options(CLI::App& verb, TransferArguments& arguments);

/// `mock` and `prove` for the statement `delta`.
Outcome mock_delta(const MockArguments& arguments, const ledger::Dataset& data, const model::QuantizedEncoder& encoder);
Outcome prove_delta(const ProveArguments& arguments, const KeyFolder& keys, const ledger::Dataset& data,
                    Session& session);

/// What an accepted proof of `delta` says and reveals, for people.
std::string delta_text(const VkFile& vk);

}  // namespace ll::cli
