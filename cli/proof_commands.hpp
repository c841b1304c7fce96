#pragma once
#include <filesystem>

#include "artefacts/srs_origin.hpp"
#include "cli/batch.hpp"
#include "cli/keys_folder.hpp"
#include "cli/session.hpp"
#include "cli/srs_file.hpp"

namespace ll::cli {

/// What is said about an SRS wherever a proof is talked about.
std::string srs_text(const artefacts::SrsOrigin& origin);

/// The SRS for keys of this k: `given`, else WORKDIR/srs.bin, else the bundled one, with a warning unless it is a
/// ceremony's. Throws Error{srs} when it is too small, or of unknown origin and not allowed.
LoadedSrs choose_srs(const std::filesystem::path& given, bool allow_unknown, unsigned k, Session& session);

struct SetupArguments {
  std::string statement = "update";
  std::filesystem::path encoder, data, srs, output;  ///< empty: the default below --workdir
  ShapeArguments shape{};
  bool allow_unknown_srs = false;
};
/// Keys for one account set: vk.json, vk.bin, vhat.safetensors, srs.bin, settings.json.
Outcome setup(const SetupArguments& arguments, Session& session);

/// `delta`: one transfer by account ids and units, else the ledger's number --from.
struct TransferArguments {
  std::optional<std::uint32_t> sender, receiver, amount;
  bool any() const { return sender || receiver || amount; }
  /// Throws Error{invalid_argument}: another statement takes a batch.
  void expect_none(const std::string& statement) const;
};

struct ProveArguments {
  std::filesystem::path keys, data, output;
  std::filesystem::path state{};  ///< secret state that a private statement starts from
  BatchArguments batch;
  TransferArguments transfer{};
  std::optional<std::uint64_t> unsafe_seed;  ///< tests only: blinding from a seed hides nothing
  std::uint64_t max_memory = 0;              ///< bytes of this process, 0 for no limit
};
/// Proves a batch, verifies the proof, and writes proof.json. Throws Error{unsatisfied} for an invalid batch.
Outcome prove(const ProveArguments& arguments, Session& session);

struct MadeProof {
  Bytes proof;
  double key_ms = 0, prove_ms = 0;
  std::string refused;  ///< why the verifier refuses it: the circuit was not satisfied
};
/// One proof of a circuit that has its witness, and what the verifier says to it.
MadeProof make_proof(const KeyFolder& keys, halo2::Circuit& circuit, const halo2::Instances& instances,
                     std::optional<std::uint64_t> unsafe_seed, Session& session);

struct MockArguments {
  std::string statement = "update";
  std::filesystem::path encoder, data;
  ShapeArguments shape{};
  BatchArguments batch;
  TransferArguments transfer{};
};
/// Runs the circuit without cryptography and lists every constraint that fails.
Outcome mock(const MockArguments& arguments, Session& session);

struct VerifyArguments {
  std::filesystem::path vk, proof;
  std::vector<std::filesystem::path> then{};  ///< of a private chain: the next proofs, in order
  std::filesystem::path genesis{}, genesis_vk{}, open{}, open_vk{};
  std::filesystem::path chain{}, vhat{};  ///< a folder of prove-batch; of a public one, V^
};
/// A false proof is an answer: exit 3, `accepted` false with the reason.
Outcome verify(const VerifyArguments& arguments, Session& session);

}  // namespace ll::cli
