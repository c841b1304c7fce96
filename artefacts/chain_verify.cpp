#include "artefacts/chain_verify.hpp"

#include "artefacts/verify.hpp"
#include "base/parallel.hpp"

namespace ll::artefacts {
namespace {

std::vector<std::string> proof_names(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t t = 0; t < count; ++t) names.push_back(chain_proof_name(t));
  return names;
}

/// Are the states that the proofs stand between, in order, those of chain.json?
halo2::VerifyResult names_states(const ChainFile& chain, const std::vector<std::string>& states) {
  for (std::size_t t = 0; t < states.size(); ++t) {
    if (states[t] == chain.states[t]) continue;
    return {false, fmt::format("chain.json: its state {} is {}, {} {} {}", t, chain.states[t],
                               t == 0 ? chain_proof_name(0) : chain_proof_name(t - 1),
                               t == 0 ? "starts from" : "ends in", states[t])};
  }
  return {true, ""};
}

void expect_as_many(const ChainFile& chain, std::size_t proofs) {
  LL_CHECK(chain.proofs() == proofs, "chain.json is about {} proofs, {} are given", chain.proofs(), proofs);
}

}  // namespace

halo2::VerifyResult verify_chain(const ChainFile& chain, const VkFile& vk, const VkFile& genesis_vk,
                                 const PrivateProofFile& genesis, const std::vector<PrivateProofFile>& updates,
                                 const circuits::OpeningProof* open) {
  expect_as_many(chain, updates.size());
  const circuits::OpeningProof from{genesis_vk.key, instances_of(genesis), genesis.proof};
  std::vector<ByteSpan> proofs;
  for (const PrivateProofFile& update : updates) proofs.emplace_back(update.proof);
  halo2::VerifyResult answer =
      circuits::verify_private_chain(vk.params(), &from, vk.key, proofs, open, proof_names(proofs.size()));
  if (!answer.accepted) return answer;
  std::vector<std::string> states = {state_name(circuits::state_of_opening(genesis.proof).value_or_throw())};
  for (const ByteSpan proof : proofs)
    states.push_back(state_name(circuits::states_of_update(proof).value_or_throw().after));
  return names_states(chain, states);
}

halo2::VerifyResult verify_chain(const ChainFile& chain, const VkFile& vk, const std::vector<ProofFile>& updates,
                                 const model::QuantizedEncoder* encoder) {
  expect_as_many(chain, updates.size());
  std::vector<halo2::VerifyResult> answers(updates.size());
  parallel_for(updates.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t t = begin; t < end; ++t) answers[t] = verify(vk, updates[t]);
  });
  for (std::size_t t = 0; t < updates.size(); ++t) {
    if (!answers[t].accepted) return {false, fmt::format("{}: {}", chain_proof_name(t), answers[t].reason)};
    if (t > 0 && updates[t - 1].statement.next != updates[t].statement.prev) {
      return {false, fmt::format("{}: starts from another state than the one that {} ended in", chain_proof_name(t),
                                 chain_proof_name(t - 1))};
    }
  }
  if (encoder != nullptr) {
    for (std::size_t i = 0; i < chain.balances.size(); ++i) {
      if (chain.balances[i] > circuits::largest_balance(vk.shape)) {
        return {false,
                fmt::format("chain.json: the start balance of slot {} is not below 2^{}", i, vk.shape.balance_bits())};
      }
    }
    if (circuits::embed(vk.shape, *encoder, chain.balances) != updates.front().statement.prev) {
      return {false, fmt::format("{}: starts from another state than that of the start balances in chain.json",
                                 chain_proof_name(0))};
    }
  }
  std::vector<std::string> states = {state_name(updates.front().statement.prev)};
  for (const ProofFile& update : updates) states.push_back(state_name(update.statement.next));
  return names_states(chain, states);
}

}  // namespace ll::artefacts
