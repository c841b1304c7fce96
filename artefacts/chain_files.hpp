#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "artefacts/proof_file.hpp"
#include "artefacts/vk_file.hpp"
#include "base/u128.hpp"
#include "circuits/private_state.hpp"

namespace ll::artefacts {

inline constexpr std::uint64_t kChainFileVersion = 1;
/// Longest chain of one folder.
inline constexpr std::size_t kMostChainProofs = std::size_t{1} << 20;

/// What `chain.json` says of a folder of proofs, each starting from the state that the one before ended in;
/// docs/formats/chain-files.md. Public. Nothing in it is trusted: the proofs give all of it.
struct ChainFile {
  std::string statement;            ///< `update` or `update-private`
  std::string vk_digest;            ///< of the key of the proofs
  std::string genesis_vk_digest;    ///< `update-private`: of the key of genesis.json; else empty
  std::vector<u128> balances;       ///< `update`: at the start, by slot, in units or wei; else empty
  std::vector<std::string> states;  ///< state t stands before proof t, the last one after the last proof; hex

  std::size_t proofs() const { return states.size() - 1; }
  friend bool operator==(const ChainFile&, const ChainFile&) = default;
};
std::string encode_chain_file(const ChainFile& file);
/// Strict inverse for the key of the proofs. Error{mismatch} that names both digests when the chain was made under
/// another key, or the file was edited; Error{malformed} that names the field for anything else.
Result<ChainFile> decode_chain_file(std::string_view text, const std::string& name, const VkFile& vk);

/// How chain.json calls a state of a private ledger: its commitment as a proof writes it.
std::string state_name(const circuits::G1Affine& commitment);
/// How chain.json calls a public state: SHA-256 of its embedding, each entry in decimal with a line feed behind it.
template <class Entry>
std::string state_name(const std::vector<Entry>& embedding);

/// Name of a proof of a chain in its folder: "proof-000042.json".
std::string chain_proof_name(std::size_t t);
/// Name of a secret state: "state-000042.json".
std::string chain_state_name(std::size_t t);

/// What a folder's proofs are about, so that --resume goes on with the same: `secret/plan.json`.
struct ChainPlan {
  std::string vk_digest, genesis_vk_digest;
  std::string transfers_sha256;  ///< of start balances and transfers, docs/formats/chain-files.md
  std::uint64_t from = 0, count = 0, batch_size = 0;
  friend bool operator==(const ChainPlan&, const ChainPlan&) = default;
};
std::string encode_chain_plan(const ChainPlan& plan);
Result<ChainPlan> decode_chain_plan(std::string_view text, const std::string& name);

std::string sha256_text(std::string_view text);

template <class Entry>
std::string state_name(const std::vector<Entry>& embedding) {
  std::string text;
  for (const Entry& entry : embedding) text += fmt::format("{}\n", entry);
  return sha256_text(text);
}

}  // namespace ll::artefacts
