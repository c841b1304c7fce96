#include "cli/memory_limit.hpp"

#include "base/resources.hpp"
#include "circuits/statements.hpp"
#include "cli/session.hpp"

namespace ll::cli {

halo2::Estimate predicted_cost(const artefacts::VkFile& vk) {
  const auto sample = circuits::sample_statement(vk.statement, vk.shape);
  return halo2::estimate(*sample.circuit, sample.k, sample.compress_selectors, halo2::reference_costs(),
                         &sample.instances);
}

void expect_memory(const KeyFolder& keys, std::uint64_t most) {
  if (most == 0) return;
  const std::uint64_t resident = current_rss_bytes(), srs = keys.srs.size() * 3 * sizeof(halo2::G1Affine);
  const std::uint64_t more = predicted_cost(keys.vk).prove_bytes - srs;  // the SRS is there already
  if (resident + more <= most) return;
  throw Error(ErrorCode::memory,
              fmt::format("one proof of k = {} would take {} in all ({} are in use), {} are allowed", keys.vk.key.k,
                          bytes_text(resident + more), bytes_text(resident), bytes_text(most)),
              {}, "allow more with --max-memory, or set up for smaller batches");
}

}  // namespace ll::cli
