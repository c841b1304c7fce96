// The statement `delta` in the verbs `mock`, `prove`, `verify`.
#include "cli/delta_commands.hpp"

#include "artefacts/proof_file.hpp"
#include "base/files.hpp"
#include "circuits/delta.hpp"
#include "cli/application.hpp"
#include "cli/encoder_folder.hpp"
#include "halo2/report_json.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;

/// The transfer named by account ids, or the ledger's number `from`.
circuits::DeltaWitness delta_witness(const TransferArguments& transfer, std::size_t from, const ledger::Dataset& data,
                                     const model::QuantizedEncoder& encoder) {
  const std::vector<std::uint32_t> ids = slot_ids(data, encoder.shape().accounts);
  if (!std::equal(ids.begin(), ids.end(), encoder.account_ids().begin(), encoder.account_ids().end())) {
    throw Error(ErrorCode::mismatch, "the key was made for the accounts of another ledger", {},
                "give the ledger that `setup` had as --data, or run `setup` for this one");
  }
  if (!transfer.any()) {
    const std::vector<ledger::SlotTransfer> all = data.unit_transfers();
    LL_CHECK(from < all.size(), "--from {}: the ledger has {} transfers of units", from, all.size());
    return all[from];
  }
  LL_CHECK(transfer.sender && transfer.receiver && transfer.amount,
           "--sender, --receiver and --amount belong together: give all three or none");
  const auto slot = [&](const char* option, std::uint32_t id) {
    const auto found = encoder.slot_of(id);
    LL_CHECK(found, "{} {}: no account of the ledger has this id", option, id);
    return static_cast<std::uint32_t>(*found);
  };
  return {slot("--sender", *transfer.sender), slot("--receiver", *transfer.receiver), *transfer.amount};
}

/// What the circuit itself says about a transfer, valid or not.
struct DeltaReport {
  std::optional<ledger::InvalidReason> invalid;
  halo2::MockReport mocked;
  std::vector<std::string> rows;
  bool satisfied() const { return !invalid && mocked.failures.empty(); }
};

DeltaReport examine(const model::QuantizedEncoder& encoder, const circuits::DeltaWitness& witness) {
  const circuits::DeltaTrace trace = circuits::trace_delta(encoder, witness);
  circuits::DeltaCircuit circuit(encoder, trace);
  DeltaReport report{circuits::why_invalid(encoder.shape(), witness),
                     halo2::MockProver::examine(circuit.k(), circuit, trace.instances()),
                     {}};
  for (const auto& failure : report.mocked.failures) report.rows.push_back(circuit.describe_row(failure.row));
  return report;
}

std::string transfer_text(const circuits::DeltaWitness& witness) {
  return fmt::format("slot {} to slot {}, {} units", witness.sender, witness.receiver, ll::to_string(witness.amount));
}

}  // namespace

void TransferArguments::expect_none(const std::string& statement) const {
  LL_CHECK(!any(), "--sender, --receiver, --amount: the statement {} takes a batch (--from, --count, --batch)",
           statement);
}

void add_transfer_options(CLI::App& verb, TransferArguments& arguments) {
  verb.add_option("--sender", arguments.sender, "Statement delta: account id; without it the transfer --from");
  verb.add_option("--receiver", arguments.receiver, "Statement delta: account id");
  verb.add_option("--amount", arguments.amount, "Statement delta: units");
}

Outcome mock_delta(const MockArguments& arguments, const ledger::Dataset& data,
                   const model::QuantizedEncoder& encoder) {
  const circuits::DeltaWitness witness = delta_witness(arguments.transfer, arguments.batch.from, data, encoder);
  const DeltaReport report = examine(encoder, witness);
  Json failures = Json::array(), warnings = Json::array();
  std::string text;
  for (std::size_t i = 0; i < report.mocked.failures.size(); ++i) {
    Json object = halo2::to_json(report.mocked.failures[i]);
    object["meaning"] = report.rows[i];
    failures.push_back(std::move(object));
    text += fmt::format("  {}  [{}]\n", report.mocked.failures[i].to_string(), report.rows[i]);
  }
  for (const halo2::MockWarning& warning : report.mocked.warnings) {
    warnings.push_back(halo2::to_json(warning));
    text += fmt::format("  warning: {}\n", warning.to_string());
  }
  const std::string invalid =
      report.invalid ? fmt::format("{}: {}", transfer_text(witness), ledger::to_string(*report.invalid)) : "";
  const std::string head = report.satisfied()
                               ? fmt::format("satisfied: {}, every gate on every row holds\n", transfer_text(witness))
                               : fmt::format("NOT satisfied: {} constraints fail\n{}\n", failures.size(), invalid);
  return {.result = {{"satisfied", report.satisfied()},
                     {"statement", kDelta},
                     {"transfers", 1},
                     {"invalid_transfer", report.invalid ? Json(invalid) : Json()},
                     {"failures", std::move(failures)},
                     {"warnings", std::move(warnings)}},
          .text = head + text,
          .exit = report.satisfied() ? ExitCode::done : ExitCode::unsatisfied};
}

Outcome prove_delta(const ProveArguments& arguments, const KeyFolder& keys, const ledger::Dataset& data,
                    Session& session) {
  const circuits::DeltaWitness witness = delta_witness(arguments.transfer, arguments.batch.from, data, keys.encoder);
  const DeltaReport report = examine(keys.encoder, witness);
  if (!report.satisfied()) {
    std::string message = transfer_text(witness);
    if (report.invalid) message += fmt::format(": {}", ledger::to_string(*report.invalid));
    if (!report.rows.empty()) {
      message += fmt::format("; the circuit refuses it: {} ({})", report.mocked.failures.front().to_string(),
                             report.rows.front());
    }
    throw Error(ErrorCode::unsatisfied, std::move(message), {}, "`mock` lists every constraint that fails");
  }
  session.check_stop();

  artefacts::ProofFile file;
  file.name = kDelta;
  file.vk_digest = keys.vk.key.digest();
  file.statement.delta = circuits::delta_vector(keys.encoder, witness);
  circuits::DeltaCircuit circuit(keys.encoder, circuits::trace_delta(keys.encoder, witness));
  MadeProof made = make_proof(keys, circuit, file.instances(keys.vk.shape), arguments.unsafe_seed, session);
  if (!made.refused.empty()) throw std::logic_error("the prover's own proof is refused: " + made.refused);
  file.proof = std::move(made.proof);

  const fs::path folder = session.path_or(arguments.output, "proof");
  const FolderLock lock(folder);
  write_text(folder / "proof.json", artefacts::encode_proof_file(file));
  session.output("proof", folder / "proof.json");
  return {
      .result = {{"statement", kDelta},
                 {"transfers", 1},
                 {"from", arguments.transfer.any() ? Json() : Json(arguments.batch.from)},
                 {"k", keys.vk.key.k},
                 {"proof_bytes", file.proof.size()},
                 {"key_ms", made.key_ms},
                 {"prove_ms", made.prove_ms},
                 {"vk_digest", file.vk_digest}},
      .text = fmt::format("proved            the delta of one transfer in {} bytes, {} (and {} for the proving key)\n"
                          "key               {}\nwritten to        {}\n",
                          file.proof.size(), duration_text(made.prove_ms), duration_text(made.key_ms), file.vk_digest,
                          (folder / "proof.json").string())};
}

std::string delta_text(const VkFile& vk) {
  return fmt::format(
      "statement         delta: there are two different accounts, sender and receiver, of {}, and an amount of {} "
      "bits,\n"
      "                  and `delta` is what a transfer of it between them adds to an embedding, exactly\n"
      "REVEALED          whoever has V^ (digest {}...) solves the vector for sender, receiver and amount\n",
      vk.shape.encoder.accounts, vk.shape.encoder.balance_bits, vk.vhat_digest.substr(0, 16));
}

}  // namespace ll::cli
