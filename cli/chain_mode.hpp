#pragma once
#include <memory>
#include <string>
#include <vector>

#include "cli/chain_folder.hpp"
#include "cli/chain_prover.hpp"
#include "halo2/keygen.hpp"

namespace ll::cli {

/// What differs between a chain of public states and one of hidden states. prove_chain calls its functions in the order
/// in which they stand here; prove() from several threads.
class ChainMode {
 public:
  virtual ~ChainMode() = default;

  /// Fixes all states, and gives the manifest that says so. Called once in a folder's life, or again when a process was
  /// killed before it had written chain.json.
  virtual artefacts::ChainFile fix_states(Progress& progress) = 0;
  /// Is proof t there? Throws Error{mismatch} when its file is not a proof of batch t of this chain.
  virtual bool is_made(const artefacts::ChainFile& chain, std::size_t t) const = 0;
  /// Makes what stands before the first proof (genesis.json), and readies what proofs of the batches `pending` need.
  virtual void prepare(const artefacts::ChainFile& chain, const std::vector<std::size_t>& pending) = 0;
  /// Makes proof t, checks it, writes its file.
  virtual void prove(std::size_t t) = 0;
  /// Forgets what no further proof needs, `made` being true for the proofs that are there. Safe to call again.
  virtual void forget(const std::vector<bool>& made) = 0;
  virtual void report(ChainReport& report) const = 0;
};

/// `balances[t]`: before batch t, the last ones after the last batch.
std::unique_ptr<ChainMode> public_chain(const ChainKeys& keys, const ChainWork& work,
                                        const std::vector<Balances>& balances, const ChainFolder& folder);
std::unique_ptr<ChainMode> hidden_chain(const ChainKeys& keys, const ChainWork& work,
                                        const std::vector<Balances>& balances, const ChainFolder& folder,
                                        bool keep_states);

circuits::UpdateWitness batch_witness(const ChainWork& work, const Balances& before, std::size_t t);
/// A proof for this circuit that has its witness, blinded from the system's generator and checked by the verifier.
Bytes prove_and_check(const halo2::Srs& srs, const artefacts::VkFile& vk, const halo2::ProvingKey& pk,
                      halo2::Circuit& circuit, const halo2::Instances& instances);

}  // namespace ll::cli
