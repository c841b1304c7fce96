// `prove` and `verify` for statements about private states.
#include "cli/private_commands.hpp"

#include <algorithm>

#include "algebra/encoding.hpp"
#include "artefacts/private_files.hpp"
#include "base/files.hpp"
#include "cli/encoder_folder.hpp"
#include "cli/ledger_folder.hpp"
#include "halo2/prover.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;
using artefacts::PrivateProofFile, artefacts::PrivateStateFile, artefacts::Standing;
using circuits::PrivateState;

std::string hex_of(const halo2::G1Affine& point) {
  return to_hex(algebra::compress(point, algebra::PointFlags::old_flags));
}

PrivateStateFile load_state(const fs::path& path, const KeyFolder& keys, Session& session) {
  session.input(path, "make the first one with `prove` under keys of `genesis`");
  PrivateStateFile file =
      artefacts::decode_private_state_file(read_text(path), path.string(), keys.vk.shape).value_or_throw();
  const circuits::PrivateLayout layout(keys.vk.shape);
  if (file.srs_sha256 != keys.vk.srs_sha256 ||
      circuits::commit_state(keys.srs, layout, file.state) != file.commitment) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: was made with the SRS {}, the keys with {}, or for a statement of another size",
                            path.string(), file.srs_sha256, keys.vk.srs_sha256),
                path.string(), "make the keys of `genesis`, `update-private` and `open` with one SRS and one size");
  }
  return file;
}

void save_state(const PrivateStateFile& file, const fs::path& path) {
  write_secret_text(path, artefacts::encode_private_state_file(file));
}

/// A circuit with its witness, and the states that it leaves behind.
struct Work {
  std::unique_ptr<halo2::Circuit> circuit;
  PrivateProofFile file;
  std::optional<PrivateStateFile> next;  ///< a new state, opened once by this proof
  std::size_t transfers = 0;
};

PrivateStateFile new_state(PrivateState state, const KeyFolder& keys) {
  const halo2::G1Affine commitment = circuits::commit_state(keys.srs, circuits::PrivateLayout(keys.vk.shape), state);
  PrivateStateFile file{std::move(state), 0, commitment, keys.vk.srs_sha256};
  file.spend_opening();
  return file;
}

void put_opening(Work& work, circuits::OpeningKind kind, const KeyFolder& keys, const PrivateState& state) {
  work.file.embedding = circuits::embed(keys.vk.shape, keys.encoder, state.balances);
  work.circuit = std::make_unique<circuits::StateOpeningCircuit>(
      kind, keys.vk.shape, keys.encoder, circuits::trace_opening(keys.vk.shape, keys.encoder, state));
}

Work start_ledger(const ProveArguments& arguments, const KeyFolder& keys, Rng& rng, Session& session) {
  const ledger::Dataset data = load_ether_ledger(session, session.path_or(arguments.data, "ledger"));
  BatchArguments first = arguments.batch;
  first.count = 1;
  first.batch.clear();
  const std::vector<u128> balances = make_witness(session, first, data, keys.encoder, keys.vk.shape).balances;
  Work work;
  work.next = new_state(PrivateState::fresh(balances, rng), keys);
  put_opening(work, circuits::OpeningKind::genesis, keys, work.next->state);
  return work;
}

Work go_on(const ProveArguments& arguments, const KeyFolder& keys, const PrivateState& before, Rng& rng,
           Session& session) {
  const circuits::UpdateShape& shape = keys.vk.shape;
  const ledger::Dataset data = load_ether_ledger(session, session.path_or(arguments.data, "ledger"));
  circuits::UpdateWitness witness = make_witness(session, arguments.batch, data, keys.encoder, shape);
  if (arguments.batch.batch.empty() && witness.balances != before.balances) {
    throw Error(
        ErrorCode::mismatch,
        fmt::format("the private state does not hold the ledger's balances before transfer {}", arguments.batch.from),
        {}, "give the --from where the batch before ended, or a --batch");
  }
  witness.balances = before.balances;
  if (const auto invalid = circuits::first_invalid(shape, witness))
    throw Error(ErrorCode::unsatisfied, invalid->to_string(), {}, "no proof can be made of it");
  circuits::PrivateTrace trace = circuits::trace_private_update(shape, before, witness.transfers, rng);
  Work work;
  work.transfers = witness.transfers.size();
  work.next = new_state(circuits::state_after(shape, trace), keys);
  work.circuit = std::make_unique<circuits::PrivateUpdateCircuit>(shape, std::move(trace));
  return work;
}

PrivateProofFile load_proof(const fs::path& path, const VkFile& vk, Session& session) {
  session.input(path, "make it with `prove`");
  return artefacts::decode_private_proof_file(read_text(path), path.string(), vk).value_or_throw();
}

}  // namespace

VkFile load_sister_key(const fs::path& path, const char* statement, const VkFile& vk, Session& session) {
  VkFile file = load_vk_file(session, path);
  if (file.statement == statement && file.shape == vk.shape && file.s_g2 == vk.s_g2 &&
      file.vhat_digest == vk.vhat_digest)
    return file;
  throw Error(ErrorCode::mismatch,
              fmt::format("{}: a key of `{}` with the same SRS, size and accounts as that of `{}` is expected",
                          path.string(), statement, vk.statement),
              path.string());
}

std::string private_statement_text(const VkFile& vk) {
  const circuits::UpdateShape& shape = vk.shape;
  if (vk.statement == circuits::kUpdatePrivate) {
    return fmt::format(
        "statement         update-private: from the balances of {} accounts behind the state before, at most {} "
        "transfers\n"
        "                  a proof, each valid in its turn, lead to those behind the state after; all {}-bit\n"
        "hidden            balances, amounts, parties, net flows, and how many transfers a proof has (0 to {})\n"
        "revealed          that batches were made, and in which order\n",
        shape.encoder.accounts, shape.transfers, shape.balance_bits(), shape.transfers);
  }
  return fmt::format(
      "statement         {}: the balances of {} accounts behind the state have the public embedding{}\n"
      "hidden            nothing of these balances\n"
      "REVEALED          whoever has V^ (digest {}...) solves the embedding for all balances of this state;\n"
      "                  states before and after it stay hidden\n",
      vk.statement, shape.encoder.accounts,
      vk.statement == circuits::kGenesis ? fmt::format(", each of {} bits", shape.balance_bits()) : "",
      vk.vhat_digest.substr(0, 16));
}

Outcome prove_private(const ProveArguments& arguments, const KeyFolder& keys, Session& session) {
  const std::string& statement = keys.vk.statement;
  if (arguments.unsafe_seed) session.warn("--unsafe-seed: blinding from a seed HIDES NOTHING; for tests only");
  SeededRng seeded(arguments.unsafe_seed.value_or(0));
  OsRng system;
  Rng& rng = arguments.unsafe_seed ? static_cast<Rng&>(seeded) : system;
  const fs::path folder = session.path_or(arguments.output, "proof");
  const FolderLock lock(folder);

  Work work;
  std::optional<PrivateStateFile> used;
  if (statement == circuits::kGenesis) {
    work = start_ledger(arguments, keys, rng, session);
  } else {
    const fs::path state_path = session.path_or(arguments.state, "proof/state.json");
    std::optional<FolderLock> state_lock;
    std::error_code ignored;
    if (!fs::equivalent(fs::absolute(state_path).parent_path(), folder, ignored))
      state_lock.emplace(fs::absolute(state_path).parent_path());
    used = load_state(state_path, keys, session);
    if (statement == circuits::kUpdatePrivate) {
      work = go_on(arguments, keys, used->state, rng, session);
    } else {
      put_opening(work, circuits::OpeningKind::open, keys, used->state);
    }
    used->spend_opening();
    save_state(*used, state_path);  // before the proof exists: no crash forgets an opening
  }
  session.check_stop();

  const Stopwatch key_watch;
  const halo2::ProvingKey pk = halo2::proving_key(keys.vk.key, *work.circuit);
  const double key_ms = key_watch.ms();
  const Stopwatch watch;
  work.file.statement = statement;
  work.file.vk_digest = keys.vk.key.digest();
  const std::vector<halo2::Instances> instances = {artefacts::instances_of(work.file)};
  halo2::Circuit* const circuit_list[] = {work.circuit.get()};
  work.file.proof = halo2::create_proof(keys.srs, pk, circuit_list, instances, rng);
  const double prove_ms = watch.ms();
  if (const auto own = halo2::verify_proof(keys.vk.params(), keys.vk.key, instances, work.file.proof); !own.accepted)
    throw std::logic_error("the prover's own proof is refused: " + own.reason);

  write_text(folder / "proof.json", artefacts::encode_private_proof_file(work.file));
  session.output("proof", folder / "proof.json");
  if (work.next) {
    save_state(*work.next, folder / "state.json");
    session.output("state", folder / "state.json");
  }
  const PrivateStateFile& last = work.next ? *work.next : *used;
  return {.result = {{"statement", statement},
                     {"transfers", work.transfers},
                     {"k", keys.vk.key.k},
                     {"proof_bytes", work.file.proof.size()},
                     {"state_before", used ? Json(hex_of(used->commitment)) : Json()},
                     {"state", hex_of(last.commitment)},
                     {"openings_left", circuits::kMostOpenings - (used ? used->openings : last.openings)},
                     {"key_ms", key_ms},
                     {"prove_ms", prove_ms},
                     {"vk_digest", work.file.vk_digest}},
          .text = fmt::format("proved            {} in {} bytes, {} (and {} for the proving key)\n"
                              "state             {}\n{}"
                              "key               {}\nwritten to        {}\n",
                              statement, work.file.proof.size(), duration_text(prove_ms), duration_text(key_ms),
                              hex_of(last.commitment),
                              work.next ? fmt::format("SECRET            {}: balances and blinding; keep it\n",
                                                      (folder / "state.json").string())
                                        : std::string(),
                              work.file.vk_digest, (folder / "proof.json").string())};
}

Outcome verify_private(const VerifyArguments& arguments, const VkFile& vk, Session& session) {
  const bool chain = vk.statement == circuits::kUpdatePrivate;
  LL_CHECK(chain || (arguments.then.empty() && arguments.genesis.empty() && arguments.open.empty()),
           "--then, --genesis and --open belong to a chain: give the key of update-private as --vk");
  std::vector<PrivateProofFile> files = {load_proof(session.path_or(arguments.proof, "proof/proof.json"), vk, session)};
  for (const fs::path& path : arguments.then) files.push_back(load_proof(path, vk, session));
  std::optional<VkFile> genesis_vk, open_vk;
  std::optional<PrivateProofFile> genesis_file, open_file;
  std::optional<circuits::OpeningProof> genesis, open;
  const auto load_opening = [&](const fs::path& proof, const fs::path& key, const char* statement,
                                std::optional<VkFile>& sister, std::optional<PrivateProofFile>& file,
                                std::optional<circuits::OpeningProof>& opening) {
    if (proof.empty()) return;
    sister = load_sister_key(session.path_or(key, fmt::format("keys-{}/vk.json", statement)), statement, vk, session);
    file = load_proof(proof, *sister, session);
    opening.emplace(sister->key, artefacts::instances_of(*file), file->proof);
  };
  load_opening(arguments.genesis, arguments.genesis_vk, circuits::kGenesis, genesis_vk, genesis_file, genesis);
  load_opening(arguments.open, arguments.open_vk, circuits::kOpen, open_vk, open_file, open);

  const Stopwatch watch;
  halo2::VerifyResult answer;
  if (chain) {
    const std::vector<ByteSpan> proofs = [&] {
      std::vector<ByteSpan> spans;
      for (const PrivateProofFile& file : files) spans.emplace_back(file.proof);
      return spans;
    }();
    answer = circuits::verify_private_chain(vk.params(), genesis ? &*genesis : nullptr, vk.key, proofs,
                                            open ? &*open : nullptr);
  } else {
    const std::vector<halo2::Instances> instances = {artefacts::instances_of(files.front())};
    answer = halo2::verify_proof(vk.params(), vk.key, instances, files.front().proof);
  }
  const double verify_ms = watch.ms();

  Json states = Json::array();
  std::string text = answer.accepted
                         ? fmt::format("ACCEPTED          {} proofs, checked in {}\n",
                                       files.size() + (genesis ? 1 : 0) + (open ? 1 : 0), duration_text(verify_ms))
                         : fmt::format("REJECTED          {}\n", answer.reason);
  if (answer.accepted) {
    if (chain) states.push_back(hex_of(circuits::states_of_update(files.front().proof).value_or_throw().before));
    for (const PrivateProofFile& file : files) {
      states.push_back(hex_of(chain ? circuits::states_of_update(file.proof).value_or_throw().after
                                    : circuits::state_of_opening(file.proof).value_or_throw()));
    }
    for (const Json& state : states) text += fmt::format("state             {}\n", state.get<std::string>());
  }
  text += private_statement_text(vk);
  if (chain) {
    text += genesis
                ? "chain             from a genesis with public balances in range: so all states are\n"
                : "chain             NOT anchored: without --genesis nothing says where the first state comes from\n";
  }
  text += fmt::format("key               {}\nSRS               {}\n", vk.key.digest(), srs_text(vk.srs_origin));
  if (vk.srs_origin.standing != Standing::ceremony) session.warn("the SRS of this key is " + srs_text(vk.srs_origin));
  return {.result = {{"accepted", answer.accepted},
                     {"reason", answer.accepted ? Json() : Json(answer.reason)},
                     {"statement", vk.statement},
                     {"proofs", files.size()},
                     {"anchored", genesis.has_value()},
                     {"states", std::move(states)},
                     {"transfers", vk.shape.transfers},
                     {"hides", chain ? Json("balances, amounts, parties, net flows, number of transfers") : Json()},
                     {"reveals", chain ? Json() : Json("all balances of this state, to whoever has V^")},
                     {"proof_bytes", files.front().proof.size()},
                     {"vk_digest", vk.key.digest()},
                     {"verify_ms", verify_ms}},
          .text = std::move(text),
          .exit = answer.accepted ? ExitCode::done : ExitCode::rejected};
}

}  // namespace ll::cli
