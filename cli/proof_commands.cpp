// Verbs `setup`, `mock`, `prove`, `verify`.
#include "cli/proof_commands.hpp"

#include <memory>

#include "artefacts/private_files.hpp"
#include "artefacts/verify.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "cli/application.hpp"
#include "cli/chain_commands.hpp"
#include "cli/delta_commands.hpp"
#include "cli/encoder_folder.hpp"
#include "cli/keys_folder.hpp"
#include "cli/ledger_folder.hpp"
#include "cli/memory_limit.hpp"
#include "cli/private_commands.hpp"
#include "cli/srs_file.hpp"
#include "halo2/prover.hpp"
#include "halo2/report_json.hpp"
#include "model/encoder_file.hpp"

namespace ll::cli {

namespace fs = std::filesystem;
std::string srs_text(const SrsOrigin& origin) {
  switch (origin.standing) {
    case Standing::ceremony:
      return "ceremony: " + origin.name;
    case Standing::simulated:
      return "SIMULATED ceremony (" + origin.name + "): as good as TEST-ONLY";
    case Standing::test_only:
      return "TEST-ONLY (" + origin.name + "): whoever made it may be able to forge this proof";
    case Standing::unknown:
      break;
  }
  return "of UNKNOWN origin: whoever made it may be able to forge this proof";
}

LoadedSrs choose_srs(const fs::path& given, bool allow_unknown, unsigned k, Session& session) {
  const fs::path standard = session.path_or({}, "srs.bin");
  std::error_code ignored;
  fs::path file = given;
  if (file.empty() && fs::exists(standard, ignored)) file = standard;
  if (file.empty()) {
    if (k > kBundledSrsPower) {
      throw Error(ErrorCode::srs, fmt::format("k = {} is needed, the bundled SRS holds k = {}", k, kBundledSrsPower),
                  {}, fmt::format("give a ceremony's file: --srs FILE.ptau; for tests: srs gen --k {}", k));
    }
    file = bundled_srs();
    session.warn("no SRS given: the bundled one is of a ceremony SIMULATED on one machine, as good as TEST-ONLY.");
    session.warn("For anything real give a ceremony's file: --srs FILE.ptau");
  }
  LoadedSrs loaded = load_srs(session, file, k);
  if (loaded.info.origin.standing == Standing::unknown && !allow_unknown) {
    throw Error(ErrorCode::srs,
                fmt::format("{}: nobody vouches for this SRS (SHA-256 {}): it is of no ceremony known here",
                            file.string(), loaded.info.sha256),
                file.string(), "give --allow-unknown-srs if you trust whoever made it");
  }
  if (loaded.info.origin.standing != Standing::ceremony)
    session.warn(fmt::format("{} is {}", file.string(), srs_text(loaded.info.origin)));
  return loaded;
}

namespace {

Json setup_json(const VkFile& vk) {
  Json result = {{"statement", vk.statement}, {"k", vk.key.k}};
  result.update(circuit_json(vk.key.cs));
  result["transfers"] = vk.shape.transfers;
  result["balance_bits"] = vk.shape.balance_bits();
  result["columns"] = vk.shape.columns;
  result["standalone"] = vk.shape.standalone;
  result["vk_digest"] = vk.key.digest();
  result["vhat_digest"] = vk.vhat_digest;
  result["srs"] = {{"k", vk.key.k},
                   {"sha256", vk.srs_sha256},
                   {"name", vk.srs_origin.name},
                   {"standing", to_string(vk.srs_origin.standing)}};
  return result;
}

}  // namespace

Outcome setup(const SetupArguments& arguments, Session& session) {
  const ledger::Dataset data = load_ether_ledger(session, session.path_or(arguments.data, "ledger"));
  const LoadedEncoder loaded = load_encoder(session, session.path_or(arguments.encoder, "encoder"));
  const model::QuantizedEncoder encoder = quantized_for(loaded, data);
  const bool one_delta = arguments.statement == kDelta;
  circuits::UpdateShape shape = arguments.shape.of(encoder.shape());
  if (one_delta) shape.transfers = 1;
  const circuits::StatementCircuit statement = circuits::statement_circuit(arguments.statement, shape, encoder);
  session.check_stop();
  const LoadedSrs srs = choose_srs(arguments.srs, arguments.allow_unknown_srs, statement.k, session);
  session.check_stop();

  const Stopwatch watch;
  VkFile vk;
  vk.statement = arguments.statement;
  vk.shape = shape;
  vk.key = halo2::keygen(srs.srs, *statement.circuit, statement.k, kCompressSelectors).vk;
  const double keygen_ms = watch.ms();
  session.check_stop();
  const Bytes srs_bytes = srs.srs.write(halo2::SerdeFormat::raw);
  vk.s_g2 = srs.srs.s_g2;
  vk.srs_sha256 = to_hex(sha256(srs_bytes));
  vk.srs_origin = srs.info.origin;
  vk.vhat_digest = to_hex(encoder.digest());

  const fs::path folder = session.path_or(arguments.output, vk.statement == kUpdate ? "keys" : "keys-" + vk.statement);
  const FolderLock lock(folder);
  const Json settings = {
      {"schema_version", kVkFileVersion}, {"software_version", LL_VERSION},
      {"setup", setup_json(vk)},          {"srs_source", srs_json(srs.info)},
      {"weights_sha256", loaded.sha256},  {"ledger_final_state_hash", data.summary().final_state_hash},
      {"inputs", session.inputs()}};
  write_file(folder / "srs.bin", srs_bytes);
  model::write_quantized_encoder(folder / "vhat.safetensors", encoder);
  write_file(folder / "vk.bin", vk.key.write(artefacts::kVkFormat));
  write_text(folder / "settings.json", settings.dump(2) + "\n");
  write_text(folder / "vk.json", encode_vk_file(vk));  // last: a folder with it is complete
  for (const char* name : {"vk.json", "vk.bin", "vhat.safetensors", "srs.bin", "settings.json"})
    session.output(name, folder / name);

  Json result = setup_json(vk);
  result["keygen_ms"] = keygen_ms;
  const auto& cs = vk.key.cs;
  return {.result = std::move(result),
          .text = fmt::format(
              "statement         {}: {}{} transfer{}, {} accounts, {} dimensions, balances of {} bits{}\n"
              "circuit           k = {}, {} advice and {} fixed columns, {} lookups, degree {}, proofs of {} bytes\n"
              "key               {}\nSRS               {}\nwritten to        {} (keygen {})\n",
              vk.statement, one_delta ? "" : "up to ", shape.transfers, one_delta ? "" : "s", shape.encoder.accounts,
              shape.encoder.dims, shape.balance_bits(), shape.standalone ? ", standalone" : "", vk.key.k,
              cs.advice_columns(), cs.fixed_columns(), cs.lookups().size(), cs.degree(), cs.proof_bytes(),
              vk.key.digest(), srs_text(vk.srs_origin), folder.string(), duration_text(keygen_ms))};
}

Outcome mock(const MockArguments& arguments, Session& session) {
  const ledger::Dataset data = load_ether_ledger(session, session.path_or(arguments.data, "ledger"));
  const LoadedEncoder loaded = load_encoder(session, session.path_or(arguments.encoder, "encoder"));
  const model::QuantizedEncoder encoder = quantized_for(loaded, data);
  if (arguments.statement == kDelta) return mock_delta(arguments, data, encoder);
  const circuits::UpdateShape shape = arguments.shape.of(encoder.shape());
  const circuits::UpdateWitness witness = make_witness(session, arguments.batch, data, encoder, shape);
  session.check_stop();
  const MockReport report = run_mock(shape, encoder, witness);

  Json failures = Json::array();
  std::string text;
  for (std::size_t i = 0; i < report.failures.size(); ++i) {
    const halo2::MockFailure& failure = report.failures[i];
    Json object = halo2::to_json(failure);
    object["meaning"] = report.rows[i];
    failures.push_back(std::move(object));
    text += fmt::format("  {}  [{}]\n", failure.to_string(), report.rows[i]);
  }
  Json warnings = Json::array();
  for (const halo2::MockWarning& warning : report.warnings) {
    warnings.push_back(halo2::to_json(warning));
    text += fmt::format("  warning: {}\n", warning.to_string());
  }
  if (report.invalid) text = report.invalid->to_string() + "\n" + text;
  text = (report.satisfied()
              ? fmt::format("satisfied: {} transfers, every gate on every row holds\n", witness.transfers.size())
              : fmt::format("NOT satisfied: {} constraints fail\n", report.failures.size())) +
         text;
  return {.result = {{"satisfied", report.satisfied()},
                     {"statement", kUpdate},
                     {"transfers", witness.transfers.size()},
                     {"invalid_transfer", report.invalid ? Json(report.invalid->to_string()) : Json()},
                     {"failures", std::move(failures)},
                     {"warnings", std::move(warnings)}},
          .text = std::move(text),
          .exit = report.satisfied() ? ExitCode::done : ExitCode::unsatisfied};
}

MadeProof make_proof(const KeyFolder& keys, halo2::Circuit& circuit, const halo2::Instances& instances,
                     std::optional<std::uint64_t> unsafe_seed, Session& session) {
  const Stopwatch key_watch;
  const halo2::ProvingKey pk = halo2::proving_key(keys.vk.key, circuit);
  MadeProof made;
  made.key_ms = key_watch.ms();
  session.check_stop();
  if (unsafe_seed) session.warn("--unsafe-seed: blinding from a seed HIDES NOTHING; for tests only");
  SeededRng seeded(unsafe_seed.value_or(0));
  OsRng system;
  Rng& rng = unsafe_seed ? static_cast<Rng&>(seeded) : system;
  const Stopwatch watch;
  halo2::Circuit* const circuits[] = {&circuit};
  made.proof = halo2::create_proof(keys.srs, pk, circuits, {&instances, 1}, rng);
  made.prove_ms = watch.ms();
  session.check_stop();
  const auto own = halo2::verify_proof(keys.vk.params(), keys.vk.key, {&instances, 1}, made.proof);
  if (!own.accepted) made.refused = own.reason;
  return made;
}

Outcome prove(const ProveArguments& arguments, Session& session) {
  const KeyFolder keys = load_key_folder(session, session.path_or(arguments.keys, "keys"));
  expect_memory(keys, arguments.max_memory);
  if (artefacts::about_private_states(keys.vk.statement)) return prove_private(arguments, keys, session);
  const circuits::UpdateShape& shape = keys.vk.shape;
  const ledger::Dataset data = load_ether_ledger(session, session.path_or(arguments.data, "ledger"));
  if (keys.vk.statement == kDelta) return prove_delta(arguments, keys, data, session);
  arguments.transfer.expect_none(keys.vk.statement);
  const circuits::UpdateWitness witness = make_witness(session, arguments.batch, data, keys.encoder, shape);
  if (circuits::first_invalid(shape, witness)) throw unsatisfied_error(run_mock(shape, keys.encoder, witness));
  session.check_stop();

  circuits::UpdateCircuit circuit(shape, keys.encoder, circuits::trace_update(shape, keys.encoder, witness));
  const circuits::UpdateStatement statement = circuits::update_statement(shape, keys.encoder, witness);
  const MadeProof made = make_proof(keys, circuit, statement.to_instances(shape), arguments.unsafe_seed, session);
  if (!made.refused.empty()) {
    const MockReport report = run_mock(shape, keys.encoder, witness);
    if (!report.satisfied()) throw unsatisfied_error(report);
    throw std::logic_error("the prover's own proof is refused: " + made.refused);
  }

  const artefacts::ProofFile file{keys.vk.key.digest(), statement, made.proof};
  const fs::path folder = session.path_or(arguments.output, "proof");
  const FolderLock lock(folder);
  write_text(folder / "proof.json", artefacts::encode_proof_file(file));
  session.output("proof", folder / "proof.json");
  return {.result = {{"statement", kUpdate},
                     {"transfers", witness.transfers.size()},
                     {"from", arguments.batch.from},
                     {"k", keys.vk.key.k},
                     {"proof_bytes", made.proof.size()},
                     {"key_ms", made.key_ms},
                     {"prove_ms", made.prove_ms},
                     {"vk_digest", file.vk_digest}},
          .text = fmt::format("proved            {} transfers in {} bytes, {} (and {} for the proving key)\n"
                              "key               {}\nwritten to        {}\n",
                              witness.transfers.size(), made.proof.size(), duration_text(made.prove_ms),
                              duration_text(made.key_ms), file.vk_digest, (folder / "proof.json").string())};
}

Outcome verify(const VerifyArguments& arguments, Session& session) {
  const VkFile vk = load_vk_file(session, session.path_or(arguments.vk, "keys/vk.json"));
  if (!arguments.chain.empty()) return verify_chain_folder(arguments, vk, session);
  if (artefacts::about_private_states(vk.statement)) return verify_private(arguments, vk, session);
  const fs::path proof_path = session.path_or(arguments.proof, "proof/proof.json");
  session.input(proof_path, "make it with `prove`");
  const std::string digest = vk.key.digest();
  const artefacts::ProofFile file = artefacts::decode_proof_file(read_text(proof_path), proof_path.string(), vk.shape,
                                                                 digest, vk.key.cs.proof_bytes(), vk.statement)
                                        .value_or_throw();
  const Stopwatch watch;
  const halo2::VerifyResult answer = artefacts::verify(vk, file);
  const double verify_ms = watch.ms();

  const circuits::UpdateShape& shape = vk.shape;
  std::string text = answer.accepted ? fmt::format("ACCEPTED          {} bytes, checked in {}\n", file.proof.size(),
                                                   duration_text(verify_ms))
                                     : fmt::format("REJECTED          {}\n", answer.reason);
  const bool one_delta = vk.statement == kDelta;
  text += one_delta ? delta_text(vk)
                    : fmt::format(
                          "statement         update: there are balances of {} accounts with embedding `prev`, and at "
                          "most {} transfers,\n"
                          "                  each valid in its turn (no overdraft, sender and receiver differ, {}-bit "
                          "amounts), whose\n"
                          "                  deltas sum to `delta`; new = prev + delta is the embedding of the "
                          "balances after, exactly\n"
                          "start balances    {}\n",
                          shape.encoder.accounts, shape.transfers, shape.balance_bits(),
                          shape.start_is_ranged()
                              ? "in range: the batch stands alone"
                              : "in range if `prev` is a known genesis or the `new` of an accepted proof");
  if (!one_delta)
    text += fmt::format(
        "hidden            which transfers, and how many (0 to {})\n"
        "REVEALED          public mode: whoever has V^ (digest {}...)\n"
        "                  solves the vectors for all balances and for the net flow of each account\n",
        shape.transfers, vk.vhat_digest.substr(0, 16));
  text += fmt::format("key               {}\nSRS               {}\n", digest, srs_text(vk.srs_origin));
  if (vk.srs_origin.standing != Standing::ceremony) session.warn("the SRS of this key is " + srs_text(vk.srs_origin));
  return {.result = {{"accepted", answer.accepted},
                     {"reason", answer.accepted ? Json() : Json(answer.reason)},
                     {"statement", vk.statement},
                     {"transfers", shape.transfers},
                     {"transfers_hidden", !one_delta},
                     {"balance_bits", shape.balance_bits()},
                     {"start_in_range", !one_delta && shape.start_is_ranged()},
                     {"reveals", one_delta ? "sender, receiver and amount, to whoever has V^"
                                           : "balances and net flows, to whoever has V^ (public mode)"},
                     {"proof_bytes", file.proof.size()},
                     {"vk_digest", digest},
                     {"vhat_digest", vk.vhat_digest},
                     {"srs",
                      {{"k", vk.key.k},
                       {"sha256", vk.srs_sha256},
                       {"name", vk.srs_origin.name},
                       {"standing", to_string(vk.srs_origin.standing)}}},
                     {"verify_ms", verify_ms}},
          .text = std::move(text),
          .exit = answer.accepted ? ExitCode::done : ExitCode::rejected};
}

namespace {

void add_batch_options(CLI::App& verb, BatchArguments& batch) {
  verb.add_option("--from", batch.from, "First transfer of the ledger's, from 0")->capture_default_str();
  verb.add_option("--count", batch.count, "How many")->capture_default_str();
  verb.add_option("--batch", batch.batch,
                  "Other transfers than the ledger's, from the state before --from: CSV sender,receiver,amount "
                  "(account ids, units)");
}

}  // namespace

void add_proof_commands(Application& application) {
  CLI::App& root = application.root();

  auto keys = std::make_shared<SetupArguments>();
  CLI::App& setup_verb =
      application.verb(root, "setup", "Keys of a statement for the accounts of a ledger", "setup --statement update",
                       [keys](Session& session) { return setup(*keys, session); });
  setup_verb
      .add_option("--statement", keys->statement,
                  "update: a batch, public vectors; update-private: the same between two hidden states; "
                  "genesis, open: what a hidden state holds; delta: one transfer's delta")
      ->check(CLI::IsMember(circuits::statement_names()))
      ->capture_default_str();
  setup_verb.add_option("--encoder", keys->encoder, "Encoder folder [WORKDIR/encoder]");
  setup_verb.add_option("--data", keys->data, "Ledger folder [WORKDIR/ledger]");
  setup_verb.add_option("--srs", keys->srs, ".ptau or halo2 file [WORKDIR/srs.bin, else the bundled one: TEST-ONLY]");
  setup_verb.add_flag("--allow-unknown-srs", keys->allow_unknown_srs, "Take an SRS that nobody vouches for");
  add_shape_options(setup_verb, keys->shape);
  setup_verb.add_option("-o,--output", keys->output, "Folder to write [WORKDIR/keys, or keys-STATEMENT]");

  auto mocked = std::make_shared<MockArguments>();
  CLI::App& mock_verb = application.verb(
      root, "mock", "Runs the circuit without cryptography: names gate, region, row and values of what fails",
      "mock --from 0 --count 256", [mocked](Session& session) { return mock(*mocked, session); });
  mock_verb.add_option("--encoder", mocked->encoder, "Encoder folder [WORKDIR/encoder]");
  mock_verb.add_option("--data", mocked->data, "Ledger folder [WORKDIR/ledger]");
  add_shape_options(mock_verb, mocked->shape);
  mock_verb.add_option("--statement", mocked->statement, "update or delta")
      ->check(CLI::IsMember({kUpdate, kDelta}))
      ->capture_default_str();
  add_batch_options(mock_verb, mocked->batch);
  add_transfer_options(mock_verb, mocked->transfer);

  auto proved = std::make_shared<ProveArguments>();
  CLI::App& prove_verb = application.verb(
      root, "prove", "One proof that a batch of transfers is valid and moves the embedding as it should",
      "prove --from 0 --count 256", [proved](Session& session) { return prove(*proved, session); });
  prove_verb.add_option("--keys", proved->keys, "Keys folder [WORKDIR/keys]");
  prove_verb.add_option("--data", proved->data, "Ledger folder [WORKDIR/ledger]");
  prove_verb.add_option("--state", proved->state,
                        "update-private, open: the secret state to start from [WORKDIR/proof/state.json]");
  add_batch_options(prove_verb, proved->batch);
  add_transfer_options(prove_verb, proved->transfer);
  prove_verb
      .add_option("--max-memory", proved->max_memory, "Refuse before work what would take more, as in 2GB [no limit]")
      ->transform(CLI::AsSizeValue(false));
  prove_verb.add_option("--unsafe-seed", proved->unsafe_seed, "Tests only: blinding from a seed hides nothing");
  prove_verb.add_option("-o,--output", proved->output, "Folder to write [WORKDIR/proof]");

  auto verified = std::make_shared<VerifyArguments>();
  CLI::App& verify_verb = application.verb(root, "verify", "Checks a proof and says in words what it proves",
                                           "verify --vk latentledger-work/keys/vk.json --proof "
                                           "latentledger-work/proof/proof.json",
                                           [verified](Session& session) { return verify(*verified, session); });
  verify_verb.add_option("--vk", verified->vk, "Verifying key [WORKDIR/keys/vk.json]");
  verify_verb.add_option("--proof", verified->proof, "Proof [WORKDIR/proof/proof.json]");
  verify_verb.add_option("--then", verified->then, "update-private: the next proofs of the chain, in order");
  verify_verb.add_option("--genesis", verified->genesis,
                         "update-private: proof of `genesis` that the chain starts from");
  verify_verb.add_option("--genesis-vk", verified->genesis_vk, "Its key [WORKDIR/keys-genesis/vk.json]");
  verify_verb.add_option("--open", verified->open, "update-private: proof of `open` about the last state");
  verify_verb.add_option("--open-vk", verified->open_vk, "Its key [WORKDIR/keys-open/vk.json]");
  verify_verb.add_option("--chain", verified->chain, "A whole chain of prove-batch: its folder, instead of --proof");
  verify_verb.add_option("--vhat", verified->vhat,
                         "--chain of `update`: V^, to check the start balances [vhat.safetensors beside --vk]");
}

}  // namespace ll::cli
