#include "circuits/private_chain.hpp"

#include <optional>

#include "base/error.hpp"
#include "base/parallel.hpp"

namespace ll::circuits {

halo2::VerifyResult verify_private_chain(const halo2::VerifierParams& params, const OpeningProof* genesis,
                                         const halo2::VerifyingKey& update_key, std::span<const ByteSpan> updates,
                                         const OpeningProof* last, std::span<const std::string> names) {
  const auto check_opening = [&](const OpeningProof& opening, const char* what) -> std::optional<std::string> {
    if (opening.key.k != update_key.k)
      return fmt::format("{}: its key has k = {}, that of the updates {}: their commitments have different bases", what,
                         opening.key.k, update_key.k);
    const auto answer = halo2::verify_proof(params, opening.key, {&opening.instances, 1}, opening.proof);
    if (!answer.accepted) return fmt::format("{}: {}", what, answer.reason);
    return std::nullopt;
  };
  std::optional<G1Affine> state;
  if (genesis != nullptr) {
    if (const auto reason = check_opening(*genesis, "genesis")) return {false, *reason};
    state = state_of_opening(genesis->proof).value_or_throw();  // it verifies, so the point is there
  }
  const auto name = [&](std::size_t t) { return t < names.size() ? names[t] : fmt::format("update {}", t); };
  const halo2::Instances none;
  std::vector<halo2::VerifyResult> answers(updates.size());
  parallel_for(updates.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t t = begin; t < end; ++t)
      answers[t] = halo2::verify_proof(params, update_key, {&none, 1}, updates[t]);
  });
  for (std::size_t t = 0; t < updates.size(); ++t) {
    if (!answers[t].accepted) return {false, fmt::format("{}: {}", name(t), answers[t].reason)};
    const StatePair states = states_of_update(updates[t]).value_or_throw();
    if (state && *state != states.before)
      return {false, fmt::format("{}: starts from another state than the one that {} ended in", name(t),
                                 t == 0 ? std::string("genesis") : name(t - 1))};
    state = states.after;
  }
  if (last != nullptr) {
    if (const auto reason = check_opening(*last, "open")) return {false, *reason};
    if (state && *state != state_of_opening(last->proof).value_or_throw())
      return {false, "open: speaks of another state than the last one"};
  }
  return {true, ""};
}

}  // namespace ll::circuits
