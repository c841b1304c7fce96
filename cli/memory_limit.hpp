#pragma once
#include "cli/keys_folder.hpp"
#include "halo2/estimate.hpp"

namespace ll::cli {

/// What a proof with this key costs, at the reference machine's speed: a pure function of the key.
halo2::Estimate predicted_cost(const artefacts::VkFile& vk);

/// Refuses a proof before work when this process would take more than `most` bytes in all; 0: no limit. The keys are
/// loaded already. Throws Error{memory} with both figures.
void expect_memory(const KeyFolder& keys, std::uint64_t most);

}  // namespace ll::cli
