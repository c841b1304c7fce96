// `verify --chain`: a whole chain in its folder.
#include "artefacts/chain_verify.hpp"
#include "base/files.hpp"
#include "cli/chain_commands.hpp"
#include "cli/chain_folder.hpp"
#include "cli/private_commands.hpp"
#include "model/encoder_file.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;
using artefacts::ChainFile, artefacts::PrivateProofFile, artefacts::ProofFile, artefacts::Standing;

/// Every proof that chain.json is about must be there, and no other.
void expect_all_proofs(const ChainFolder& folder, const ChainFile& chain) {
  folder.expect_no_other_proofs(chain.proofs());
  std::error_code ignored;
  for (std::size_t t = 0; t < chain.proofs(); ++t) {
    if (fs::exists(folder.proof(t), ignored)) continue;
    throw Error(ErrorCode::mismatch,
                fmt::format("{} is not there: chain.json is about {} proofs", folder.proof(t).string(), chain.proofs()),
                folder.proof(t).string(),
                "where the chain was made: `prove-batch --resume` makes those that are missing");
  }
}

/// V^ of the key, from where it was named or from beside the key; nullopt when it is not there.
std::optional<model::QuantizedEncoder> load_vhat(const VerifyArguments& arguments, const VkFile& vk, Session& session) {
  const fs::path beside = session.path_or(arguments.vk, "keys/vk.json").parent_path() / "vhat.safetensors";
  const fs::path path = arguments.vhat.empty() ? beside : arguments.vhat;
  std::error_code ignored;
  if (arguments.vhat.empty() && !fs::exists(path, ignored)) return std::nullopt;
  session.input(path, "it stands in the keys folder");
  model::QuantizedEncoder encoder = model::read_quantized_encoder(path);
  const std::string digest = to_hex(encoder.digest());
  if (digest != vk.vhat_digest || encoder.shape() != vk.shape.encoder) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: V^ has digest {}, the key was made for {}", path.string(), digest, vk.vhat_digest),
                path.string());
  }
  return encoder;
}

/// What came out, and what to say about it.
struct Checked {
  halo2::VerifyResult answer;
  bool anchored = false;
  double verify_ms = 0;
  std::string statement_text, chain_text, genesis_vk_digest;
};

Checked check_public(const VerifyArguments& arguments, const ChainFolder& folder, const ChainFile& chain,
                     const VkFile& vk, Session& session) {
  std::vector<ProofFile> proofs;
  for (std::size_t t = 0; t < chain.proofs(); ++t) {
    const fs::path path = folder.proof(t);
    session.input(path);
    proofs.push_back(artefacts::decode_proof_file(read_text(path), path.string(), vk.shape, vk.key.digest(),
                                                  vk.key.cs.proof_bytes(), vk.statement)
                         .value_or_throw());
  }
  const std::optional<model::QuantizedEncoder> encoder = load_vhat(arguments, vk, session);
  Checked checked;
  checked.anchored = encoder.has_value();
  const Stopwatch watch;
  checked.answer = artefacts::verify_chain(chain, vk, proofs, encoder ? &*encoder : nullptr);
  checked.verify_ms = watch.ms();
  checked.statement_text = fmt::format(
      "statement         update, {} times: from the balances of {} accounts with embedding `prev` of the first proof, "
      "at\n"
      "                  most {} transfers a proof, each valid in its turn, lead to those with embedding `new` of the\n"
      "                  last; `new` of each proof is `prev` of the next\n"
      "hidden            which transfers, and how many a proof has (0 to {})\n"
      "REVEALED          public mode: whoever has V^ (digest {}...) solves the vectors for all balances between\n"
      "                  the proofs and for each account's net flow in each of them\n",
      chain.proofs(), vk.shape.encoder.accounts, vk.shape.transfers, vk.shape.transfers, vk.vhat_digest.substr(0, 16));
  checked.chain_text =
      encoder
          ? "chain             from the start balances in chain.json, which are in range: so all later ones are\n"
          : "chain             NOT anchored: without V^ (--vhat) the start balances in chain.json are not checked\n";
  return checked;
}

Checked check_hidden(const VerifyArguments& arguments, const ChainFolder& folder, const ChainFile& chain,
                     const VkFile& vk, Session& session) {
  LL_CHECK(arguments.vhat.empty(), "--vhat belongs to a chain of `update`");
  const auto read = [&](const fs::path& path, const VkFile& key) {
    session.input(path);
    return artefacts::decode_private_proof_file(read_text(path), path.string(), key).value_or_throw();
  };
  const VkFile genesis_vk =
      load_sister_key(session.path_or(arguments.genesis_vk, "keys-genesis/vk.json"), circuits::kGenesis, vk, session);
  if (chain.genesis_vk_digest != genesis_vk.key.digest()) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: its genesis is under the key {}, the one given is {}", folder.manifest().string(),
                            chain.genesis_vk_digest, genesis_vk.key.digest()),
                folder.manifest().string(), "give the key as --genesis-vk");
  }
  const PrivateProofFile genesis = read(folder.genesis(), genesis_vk);
  std::vector<PrivateProofFile> proofs;
  for (std::size_t t = 0; t < chain.proofs(); ++t) proofs.push_back(read(folder.proof(t), vk));
  std::optional<VkFile> open_vk;
  std::optional<PrivateProofFile> open_file;
  std::optional<circuits::OpeningProof> open;
  if (!arguments.open.empty()) {
    open_vk = load_sister_key(session.path_or(arguments.open_vk, "keys-open/vk.json"), circuits::kOpen, vk, session);
    open_file = read(arguments.open, *open_vk);
    open.emplace(open_vk->key, artefacts::instances_of(*open_file), open_file->proof);
  }
  Checked checked;
  checked.anchored = true;
  checked.genesis_vk_digest = genesis_vk.key.digest();
  const Stopwatch watch;
  checked.answer = artefacts::verify_chain(chain, vk, genesis_vk, genesis, proofs, open ? &*open : nullptr);
  checked.verify_ms = watch.ms();
  checked.statement_text = private_statement_text(vk);
  checked.chain_text = "chain             from a genesis with public balances in range: so all states are\n";
  return checked;
}

}  // namespace

Outcome verify_chain_folder(const VerifyArguments& arguments, const VkFile& vk, Session& session) {
  LL_CHECK(arguments.proof.empty() && arguments.then.empty() && arguments.genesis.empty(),
           "--chain takes all proofs from its folder: no --proof, --then, --genesis beside it");
  const bool hidden = vk.statement == circuits::kUpdatePrivate;
  LL_CHECK(hidden || (arguments.open.empty() && arguments.genesis_vk.empty()),
           "--genesis-vk and --open belong to a chain of `update-private`");
  const ChainFolder folder(arguments.chain);
  session.input(folder.manifest(), "make it with `prove-batch`");
  const ChainFile chain =
      artefacts::decode_chain_file(read_text(folder.manifest()), folder.manifest().string(), vk).value_or_throw();
  expect_all_proofs(folder, chain);
  const Checked checked = hidden ? check_hidden(arguments, folder, chain, vk, session)
                                 : check_public(arguments, folder, chain, vk, session);
  const halo2::VerifyResult& answer = checked.answer;

  std::string text =
      answer.accepted
          ? fmt::format("ACCEPTED          {} proofs, checked in {}\nfirst state       {}\nlast state        {}\n",
                        chain.proofs() + (hidden ? 1 : 0), duration_text(checked.verify_ms), chain.states.front(),
                        chain.states.back())
          : fmt::format("REJECTED          {}\n", answer.reason);
  text += checked.statement_text + checked.chain_text;
  text += fmt::format("key               {}\nSRS               {}\n", vk.key.digest(), srs_text(vk.srs_origin));
  if (vk.srs_origin.standing != Standing::ceremony) session.warn("the SRS of this key is " + srs_text(vk.srs_origin));
  return {.result = {{"accepted", answer.accepted},
                     {"reason", answer.accepted ? Json() : Json(answer.reason)},
                     {"statement", vk.statement},
                     {"proofs", chain.proofs()},
                     {"anchored", checked.anchored},
                     {"first_state", chain.states.front()},
                     {"last_state", chain.states.back()},
                     {"transfers", vk.shape.transfers},
                     {"hides", hidden ? "balances, amounts, parties, net flows, number of transfers"
                                      : "which transfers, and how many"},
                     {"reveals", hidden ? Json() : Json("balances and net flows, to whoever has V^ (public mode)")},
                     {"proof_bytes", vk.key.cs.proof_bytes()},
                     {"vk_digest", vk.key.digest()},
                     {"genesis_vk_digest", hidden ? Json(checked.genesis_vk_digest) : Json()},
                     {"srs",
                      {{"k", vk.key.k},
                       {"sha256", vk.srs_sha256},
                       {"name", vk.srs_origin.name},
                       {"standing", to_string(vk.srs_origin.standing)}}},
                     {"verify_ms", checked.verify_ms}},
          .text = std::move(text),
          .exit = answer.accepted ? ExitCode::done : ExitCode::rejected};
}

}  // namespace ll::cli
