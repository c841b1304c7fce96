// The statement `onnx` in the verbs `setup`, `estimate`, `mock`, `prove`, `verify`.
#include <memory>

#include "artefacts/model_keys.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "cli/application.hpp"
#include "cli/estimate_command.hpp"
#include "cli/model_commands.hpp"
#include "cli/proof_commands.hpp"
#include "cli/srs_file.hpp"
#include "halo2/mock_prover.hpp"
#include "halo2/prover.hpp"
#include "halo2/report_json.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;
using artefacts::CompiledFile, artefacts::ModelProofFile, artefacts::ModelVkFile, artefacts::WitnessFile;
using artefacts::kCompressSelectors, artefacts::kOnnx;
using circuits::AffineCircuit, circuits::AffineTrace;

/// What an option of a verb was given, empty without it.
fs::path given(const CLI::App& verb, const char* option) {
  const CLI::Option* found = verb.get_option(option);
  return found->empty() ? fs::path() : fs::path(found->as<std::string>());
}

/// Options that say something about other statements only.
void expect_none(const CLI::App& verb, std::initializer_list<const char*> options) {
  for (const char* option : options)
    LL_CHECK(verb.get_option(option)->empty(), "{}: a compiled circuit (--circuit, --witness) does not take it",
             option);
}

Json srs_json(const ModelVkFile& vk) {
  return {{"k", vk.key.k},
          {"sha256", vk.srs_sha256},
          {"name", vk.srs_origin.name},
          {"standing", to_string(vk.srs_origin.standing)}};
}

Outcome setup_model(const CLI::App& verb, const fs::path& circuit_path, Session& session) {
  expect_none(verb, {"--statement", "--encoder", "--data", "--transfers", "--exact", "--standalone", "--columns"});
  const CompiledFile file = load_compiled(session, circuit_path);
  AffineCircuit circuit(file.compiled.statement);
  const bool allow_unknown = !verb.get_option("--allow-unknown-srs")->empty();
  const LoadedSrs srs = choose_srs(given(verb, "--srs"), allow_unknown, circuit.k(), session);
  session.check_stop();
  const Stopwatch watch;
  ModelVkFile vk;
  vk.description = file.compiled.description;
  vk.shape = circuit.shape();
  vk.circuit_digest = file.digest;
  vk.key = halo2::keygen(srs.srs, circuit, circuit.k(), kCompressSelectors).vk;
  const double keygen_ms = watch.ms();
  session.check_stop();
  const Bytes srs_bytes = srs.srs.write(halo2::SerdeFormat::raw);
  vk.s_g2 = srs.srs.s_g2;
  vk.srs_sha256 = to_hex(sha256(srs_bytes));
  vk.srs_origin = srs.info.origin;

  const fs::path folder = session.path_or(given(verb, "--output"), "keys-onnx");
  const FolderLock lock(folder);
  write_file(folder / "srs.bin", srs_bytes);
  write_text(folder / "compiled.json", artefacts::encode_compiled(file));
  write_file(folder / "vk.bin", vk.key.write(artefacts::kVkFormat));
  write_text(folder / "vk.json", artefacts::encode_model_vk(vk));  // last: a folder with it is complete
  for (const char* name : {"vk.json", "vk.bin", "compiled.json", "srs.bin"}) session.output(name, folder / name);
  Json result = {{"statement", kOnnx}, {"k", vk.key.k}};
  result.update(artefacts::circuit_json(vk.key.cs));
  result["circuit_digest"] = file.digest;
  result["vk_digest"] = vk.key.digest();
  result["srs"] = srs_json(vk);
  result["keygen_ms"] = keygen_ms;
  return {
      .result = std::move(result),
      .text = fmt::format("statement         onnx: circuit {}\n"
                          "circuit           k = {}, {} advice and {} fixed columns, degree {}, proofs of {} bytes\n"
                          "key               {}\nSRS               {}\nwritten to        {} (keygen {})\n",
                          file.digest, vk.key.k, vk.key.cs.advice_columns(), vk.key.cs.fixed_columns(),
                          vk.key.cs.degree(), vk.key.cs.proof_bytes(), vk.key.digest(), srs_text(vk.srs_origin),
                          folder.string(), duration_text(keygen_ms))};
}

/// The prover's numbers of a witness file, whatever it claims.
AffineTrace trace_of(const CompiledFile& circuit, const WitnessFile& witness) {
  const circuits::ModelDescription& description = circuit.compiled.description;
  AffineTrace trace;
  for (std::size_t i = 0; i < description.inputs.size(); ++i)
    for (const i128 value : witness.values.inputs[i])
      trace.values.push_back(circuits::fr_from(value - description.inputs[i].setting.low()));
  try {
    trace.words = artefacts::model_instances(description, witness.values).front();
  } catch (const Error& error) {
    throw Error(ErrorCode::unsatisfied, "an output is no value that the model can have: " + error.message());
  }
  return trace;
}

WitnessFile load_witness(const CompiledFile& circuit, const fs::path& path, Session& session) {
  session.input(path, "make it with `gen-witness`");
  return artefacts::decode_model_witness(read_text(path), path.string(), circuit).value_or_throw();
}

struct ModelMock {
  halo2::MockReport report;
  std::vector<std::string> rows;
};
ModelMock run_mock(const CompiledFile& file, const AffineTrace& trace) {
  AffineCircuit circuit(file.compiled.statement, trace);
  ModelMock mock{halo2::MockProver::examine(circuit.k(), circuit, trace.instances()), {}};
  for (const auto& failure : mock.report.failures) mock.rows.push_back(circuit.describe_row(failure.row));
  return mock;
}

Outcome mock_model(const CLI::App& verb, const fs::path& witness_path, Session& session) {
  expect_none(verb, {"--statement", "--encoder", "--data", "--transfers", "--from", "--count", "--batch", "--sender",
                     "--receiver", "--amount"});
  const CompiledFile file = load_compiled(session, session.path_or(given(verb, "--circuit"), "onnx/compiled.json"));
  const ModelMock mock = run_mock(file, trace_of(file, load_witness(file, witness_path, session)));
  Json failures = Json::array(), warnings = Json::array();
  std::string text;
  for (std::size_t i = 0; i < mock.rows.size(); ++i) {
    Json object = halo2::to_json(mock.report.failures[i]);
    object["meaning"] = mock.rows[i];
    failures.push_back(std::move(object));
    text += fmt::format("  {}  [{}]\n", mock.report.failures[i].to_string(), mock.rows[i]);
  }
  for (const halo2::MockWarning& warning : mock.report.warnings) {
    warnings.push_back(halo2::to_json(warning));
    text += fmt::format("  warning: {}\n", warning.to_string());
  }
  const bool satisfied = mock.rows.empty();
  return {.result = {{"satisfied", satisfied},
                     {"statement", kOnnx},
                     {"transfers", 0},
                     {"failures", std::move(failures)},
                     {"warnings", std::move(warnings)}},
          .text = (satisfied ? std::string("satisfied: every gate on every row holds\n")
                             : fmt::format("NOT satisfied: {} constraints fail\n", mock.rows.size())) +
                  text,
          .exit = satisfied ? ExitCode::done : ExitCode::unsatisfied};
}

ModelVkFile load_vk(Session& session, const fs::path& path) {
  session.input(path, "make it with `setup --circuit`");
  return artefacts::decode_model_vk(read_text(path), path.string()).value_or_throw();
}

halo2::Srs load_key_srs(const ModelVkFile& vk, const fs::path& path, Session& session) {
  session.input(path, "make it with `setup`", ErrorCode::srs);
  const Bytes bytes = read_file(path);
  const std::string hash = to_hex(sha256(bytes));
  if (hash != vk.srs_sha256)
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: SHA-256 is {}, the key was made with {}", path.string(), hash, vk.srs_sha256),
                path.string(), "the files of a keys folder belong together: run `setup` again");
  // Equal bytes to those that `setup` checked point by point: no pairing again.
  auto srs = halo2::Srs::read(bytes, halo2::SerdeFormat::raw, /*check_powers=*/false);
  if (!srs) throw srs.error().at(path.string());
  if (srs.value().k != vk.key.k || srs.value().s_g2 != vk.s_g2)
    throw Error(ErrorCode::mismatch, fmt::format("{}: is not the SRS of the key", path.string()), path.string());
  return std::move(srs).value();
}

Outcome prove_model(const CLI::App& verb, const fs::path& witness_path, Session& session) {
  expect_none(verb, {"--data", "--state", "--from", "--count", "--batch", "--sender", "--receiver", "--amount"});
  const fs::path keys = session.path_or(given(verb, "--keys"), "keys-onnx");
  const ModelVkFile vk = load_vk(session, keys / "vk.json");
  const fs::path other = given(verb, "--circuit");
  const CompiledFile file = load_compiled(session, other.empty() ? keys / "compiled.json" : other);
  if (file.digest != vk.circuit_digest)
    throw Error(ErrorCode::mismatch,
                fmt::format("the key is of the circuit {}, the circuit given is {}", vk.circuit_digest, file.digest));
  const halo2::Srs srs = load_key_srs(vk, keys / "srs.bin", session);
  const WitnessFile witness = load_witness(file, witness_path, session);
  const AffineTrace trace = trace_of(file, witness);
  const auto refuse_unless_satisfied = [&] {
    const ModelMock mock = run_mock(file, trace);
    if (!mock.rows.empty())
      throw Error(ErrorCode::unsatisfied,
                  fmt::format("the witness does not satisfy the circuit: {} [{}]",
                              mock.report.failures.front().to_string(), mock.rows.front()),
                  {}, "`mock --witness` lists every constraint that fails");
  };
  // Ranges and outputs by integers: a tenth of what the mock prover takes, which says what is wrong.
  bool honest = true;
  try {
    honest = circuits::run_compiled(file.compiled, witness.values.inputs) == witness.values;
  } catch (const Error&) {
    honest = false;
  }
  if (!honest) refuse_unless_satisfied();
  session.check_stop();

  AffineCircuit circuit(file.compiled.statement, trace);
  const Stopwatch key_watch;
  const halo2::ProvingKey pk = halo2::proving_key(vk.key, circuit);
  const double key_ms = key_watch.ms();
  std::optional<std::uint64_t> seed;
  if (!verb.get_option("--unsafe-seed")->empty()) seed = verb.get_option("--unsafe-seed")->as<std::uint64_t>();
  if (seed) session.warn("--unsafe-seed: blinding from a seed HIDES NOTHING; for tests only");
  SeededRng seeded(seed.value_or(0));
  OsRng system;
  const Stopwatch watch;
  halo2::Circuit* const circuits[] = {&circuit};
  const halo2::Instances instances = trace.instances();
  ModelProofFile proof{vk.key.digest(), witness.values, {}};
  proof.proof = halo2::create_proof(srs, pk, circuits, {&instances, 1}, seed ? static_cast<Rng&>(seeded) : system);
  const double prove_ms = watch.ms();
  const auto own = artefacts::verify(vk, proof);
  if (!own.accepted) {
    refuse_unless_satisfied();
    throw std::logic_error("the prover's own proof is refused: " + own.reason);
  }
  const fs::path folder = session.path_or(given(verb, "--output"), "proof-onnx");
  const FolderLock lock(folder);
  write_text(folder / "proof.json", artefacts::encode_model_proof(proof, vk.description));
  session.output("proof", folder / "proof.json");
  return {.result = {{"statement", kOnnx},
                     {"transfers", 0},
                     {"k", vk.key.k},
                     {"proof_bytes", proof.proof.size()},
                     {"key_ms", key_ms},
                     {"prove_ms", prove_ms},
                     {"circuit_digest", file.digest},
                     {"vk_digest", proof.vk_digest}},
          .text = fmt::format("proved            one run of the model in {} bytes, {} (and {} for the proving key)\n"
                              "key               {}\nwritten to        {}\n",
                              proof.proof.size(), duration_text(prove_ms), duration_text(key_ms), proof.vk_digest,
                              (folder / "proof.json").string())};
}

Outcome verify_model(const CLI::App& verb, const ModelVkFile& vk, Session& session) {
  expect_none(verb, {"--then", "--genesis", "--genesis-vk", "--open", "--open-vk", "--chain", "--vhat"});
  const fs::path path = session.path_or(given(verb, "--proof"), "proof-onnx/proof.json");
  session.input(path, "make it with `prove`");
  const ModelProofFile file = artefacts::decode_model_proof(read_text(path), path.string(), vk).value_or_throw();
  const Stopwatch watch;
  const halo2::VerifyResult answer = artefacts::verify(vk, file);
  const double verify_ms = watch.ms();

  const circuits::ModelDescription& description = vk.description;
  std::string text = answer.accepted ? fmt::format("ACCEPTED          {} bytes, checked in {}\n", file.proof.size(),
                                                   duration_text(verify_ms))
                                     : fmt::format("REJECTED          {}\n", answer.reason);
  text +=
      fmt::format("statement         onnx: the model {} computes, exactly, in integers,\n", description.model_sha256);
  Json hidden = Json::array(), shown = Json::array();
  for (const auto& output : description.outputs) {
    text += fmt::format("                  {}\n", output_text(output));
    shown.push_back(output.name);
  }
  std::string from, hides;
  for (const auto& input : description.inputs) {
    text += fmt::format("                  from {}{}\n", input_text(input), input.setting.is_public ? "" : " (hidden)");
    (input.setting.is_public ? shown : hidden).push_back(input.setting.name);
    if (!input.setting.is_public) hides += (hides.empty() ? "" : ", ") + input.setting.name;
  }
  text += fmt::format("hidden            {}\n", hides.empty() ? "nothing" : hides);
  if (!hides.empty())
    text +=
        "REVEALED          the map is linear: whoever has the model learns what the outputs determine of hidden "
        "inputs\n";
  text += fmt::format("circuit           {}\nkey               {}\nSRS               {}\n", vk.circuit_digest,
                      vk.key.digest(), srs_text(vk.srs_origin));
  if (vk.srs_origin.standing != Standing::ceremony) session.warn("the SRS of this key is " + srs_text(vk.srs_origin));
  return {.result = {{"accepted", answer.accepted},
                     {"reason", answer.accepted ? Json() : Json(answer.reason)},
                     {"statement", kOnnx},
                     {"transfers", 0},
                     {"model_sha256", description.model_sha256},
                     {"circuit_digest", vk.circuit_digest},
                     {"hidden", std::move(hidden)},
                     {"public", std::move(shown)},
                     {"reveals", "what the outputs determine of hidden inputs, to whoever has the model"},
                     {"proof_bytes", file.proof.size()},
                     {"vk_digest", vk.key.digest()},
                     {"srs", srs_json(vk)},
                     {"verify_ms", verify_ms}},
          .text = std::move(text),
          .exit = answer.accepted ? ExitCode::done : ExitCode::rejected};
}

/// The circuit with the largest values that its ranges hold.
Outcome estimate_model(const CLI::App& verb, const fs::path& circuit_path, Session& session) {
  expect_none(verb, {"--statement", "--transfers", "--accounts", "--dims"});
  const CompiledFile file = load_compiled(session, circuit_path);
  std::vector<i128> values;
  for (const auto& value : file.compiled.statement.values) values.push_back((i128{1} << value.bits) - 1);
  const AffineTrace trace = circuits::trace_affine(file.compiled.statement, values);
  auto circuit = std::make_unique<AffineCircuit>(file.compiled.statement, trace);
  circuits::SampleStatement sample;
  sample.k = circuit->k();
  sample.rows = circuit->layout().used_rows;
  sample.instances = trace.instances();
  sample.circuit = std::move(circuit);
  return estimate(sample, kOnnx, !verb.get_option("--reference-costs")->empty());
}

}  // namespace

void extend_proof_commands_by_models(Application& application) {
  const auto verb = [&](const char* name) { return application.root().get_subcommand(name); };
  struct Paths {
    fs::path circuit, witness;
  };
  const auto add = [&](const char* name, bool with_witness, auto run) {
    CLI::App* app = verb(name);
    auto paths = std::make_shared<Paths>();
    app->add_option("--circuit", paths->circuit, "A compiled ONNX model (compile-circuit) in place of a statement");
    if (with_witness) app->add_option("--witness", paths->witness, "Its inputs and outputs (gen-witness)");
    application.extend(*app, [app, paths, with_witness, run](Session& session) -> std::optional<Outcome> {
      if (paths->circuit.empty() && paths->witness.empty()) return std::nullopt;
      const fs::path& circuit = paths->circuit;
      return run(*app, with_witness ? session.path_or(paths->witness, "onnx/witness.json") : circuit, session);
    });
  };
  add("setup", false, setup_model);
  add("estimate", false, estimate_model);
  add("mock", true, mock_model);
  add("prove", true, prove_model);
  CLI::App* verify_verb = verb("verify");
  application.extend(*verify_verb, [verify_verb](Session& session) -> std::optional<Outcome> {
    const fs::path path = session.path_or(given(*verify_verb, "--vk"), "keys/vk.json");
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored) || !artefacts::is_about_a_model(read_text(path))) return std::nullopt;
    return verify_model(*verify_verb, load_vk(session, path), session);
  });
}

}  // namespace ll::cli
