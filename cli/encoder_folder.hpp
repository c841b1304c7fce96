#pragma once
#include <filesystem>
#include <vector>

#include "cli/session.hpp"
#include "ledger/dataset.hpp"
#include "training/encoder.hpp"

namespace ll::cli {

/// Slots of every statement and every V^ that this command makes.
inline constexpr std::size_t kSlots = ledger::kMaxAccounts;

/// Account ids by slot, filled up to `slots` with the smallest ids that no account of the data set has: an unused slot
/// has a direction like any other and balance 0.
std::vector<std::uint32_t> slot_ids(const ledger::Dataset& data, std::size_t slots = kSlots);
/// Start balances in units by slot, filled up with zeros.
std::vector<std::uint32_t> start_units(const ledger::Dataset& data, std::size_t slots = kSlots);

struct LoadedEncoder {
  training::Encoder encoder;
  std::string sha256;          ///< of encoder.safetensors
  std::filesystem::path file;  ///< that one
};
/// FOLDER/encoder.safetensors, or `folder` itself when it is a file.
std::filesystem::path encoder_file(const std::filesystem::path& folder);
/// Reads FOLDER/encoder.safetensors (or the file itself) and records it as an input.
LoadedEncoder load_encoder(Session& session, const std::filesystem::path& folder);

/// V^ of a data set's accounts.
model::QuantizedEncoder quantized_for(const LoadedEncoder& loaded, const ledger::Dataset& data);

}  // namespace ll::cli
