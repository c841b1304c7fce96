#pragma once
#include <filesystem>

#include "artefacts/srs_origin.hpp"
#include "cli/batch.hpp"
#include "cli/session.hpp"

namespace ll::cli {

/// What is said about an SRS wherever a proof is talked about.
std::string srs_text(const artefacts::SrsOrigin& origin);

struct SetupArguments {
  std::string statement = "update";
  std::filesystem::path encoder, data, srs, output;  ///< empty: the default below --workdir
  std::size_t transfers = 256;                       ///< largest batch
  bool allow_unknown_srs = false;
};
/// Keys for one account set: vk.json, vk.bin, vhat.safetensors, srs.bin, settings.json.
Outcome setup(const SetupArguments& arguments, Session& session);

struct ProveArguments {
  std::filesystem::path keys, data, output;
  std::filesystem::path state{};  ///< secret state that a private statement starts from
  BatchArguments batch;
  std::optional<std::uint64_t> unsafe_seed;  ///< tests only: blinding from a seed hides nothing
};
/// Proves a batch, verifies the proof, and writes proof.json. Throws Error{unsatisfied} for an invalid batch.
Outcome prove(const ProveArguments& arguments, Session& session);

struct MockArguments {
  std::filesystem::path encoder, data;
  std::size_t transfers = 256;
  BatchArguments batch;
};
/// Runs the circuit without cryptography and lists every constraint that fails.
Outcome mock(const MockArguments& arguments, Session& session);

struct VerifyArguments {
  std::filesystem::path vk, proof;
  std::vector<std::filesystem::path> then{};  ///< of a private chain: the next proofs, in order
  std::filesystem::path genesis{}, genesis_vk{}, open{}, open_vk{};
};
/// A false proof is an answer: exit 3, `accepted` false with the reason.
Outcome verify(const VerifyArguments& arguments, Session& session);

}  // namespace ll::cli
