#pragma once
#include <filesystem>

#include "cli/session.hpp"
#include "ledger/dataset.hpp"

namespace ll::cli {

/// Loads a folder that `data import` or `data generate` wrote and records its files as inputs. Throws what
/// Dataset::load gives, Error{io} with a hint when there is no such folder.
ledger::Dataset load_ledger(Session& session, const std::filesystem::path& folder);

/// The same for what goes into a statement: throws Error{mismatch} for a ledger with tokens, since no statement checks
/// that both ends of a transfer are of one asset.
ledger::Dataset load_ether_ledger(Session& session, const std::filesystem::path& folder);

/// Saves under the folder's lock and records the files as outputs.
void save_ledger(Session& session, const ledger::Dataset& data, const std::filesystem::path& folder);

/// The CSV that comes with the source: what `data import` without a file and `demo` take. Throws Error{io} when the
/// source tree is gone.
std::filesystem::path bundled_transactions();

/// The summary as `data import` reports it, and as lines for people.
Json summary_json(const ledger::DatasetSummary& summary);
std::string summary_text(const ledger::DatasetSummary& summary);

}  // namespace ll::cli
