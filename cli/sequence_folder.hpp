#pragma once
#include <filesystem>

#include "cli/session.hpp"
#include "ledger/sequence_shards.hpp"

namespace ll::cli {

/// Options of `data generate` that ask for shards of many sequences.
struct ShardArguments {
  std::uint64_t train = 0, validation = 0;
  bool plan = false;  ///< the plan's size: 400,000 and 100,000
  std::string length = "10..100";
  std::string shards;  ///< "3", "3..5"; all when empty
  std::uint32_t per_shard = 10'000;

  bool asked() const { return plan || train > 0 || validation > 0; }
};

/// Makes shards (ledger/sequence_shards.hpp) of the profile, seed and accounts given.
Outcome generate_shards(const ShardArguments& arguments, ledger::SequenceConfig config,
                        const std::filesystem::path& folder, bool resume, Session& session);

/// What a folder of shards holds; every shard is read, checked and replayed.
Outcome sequences_info(Session& session, const std::filesystem::path& folder);

}  // namespace ll::cli
