#pragma once
#include <filesystem>

#include "cli/batch.hpp"
#include "cli/session.hpp"

namespace ll::cli {

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
};
/// A false proof is an answer: exit 3, `accepted` false with the reason.
Outcome verify(const VerifyArguments& arguments, Session& session);

}  // namespace ll::cli
