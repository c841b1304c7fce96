#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "ledger/sequence_shards.hpp"

namespace ll::ledger {

inline constexpr const char* kManifestFile = "manifest.json";

/// What the Parquet files of a split say of themselves.
std::string source_text(const SequenceConfig& config, Split split);

/// manifest.json of a finished set; entries in the order of the plan's shards.
std::string manifest_text(const ShardPlan& plan, const std::vector<ShardEntry>& entries);
struct Manifest {
  ShardPlan plan;
  std::vector<ShardEntry> entries;  ///< training first
};
/// Throws Error{malformed} that names the field: unknown or missing ones, counts that disagree with the shards, a wrong
/// checksum.
Manifest parse_manifest(std::string_view text, const std::string& name);

/// The note beside a finished shard (train-00003.json) until the manifest has taken it up.
std::string note_text(const ShardPlan& plan, const ShardEntry& entry);
struct ShardNote {
  SequenceConfig config;
  std::uint32_t per_shard = 0;
  ShardEntry entry;
};
ShardNote parse_note(std::string_view text, const std::string& name);

}  // namespace ll::ledger
