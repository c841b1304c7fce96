// Verbs `ceremony verify/finalize/export/import/transcript/attest`.
#include "cli/ceremony_support.hpp"

#include <memory>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/json_fields.hpp"
#include "ceremony/ppot_files.hpp"
#include "cli/srs_file.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;
using ceremony::BeaconSource;
using ceremony::CeremonyFile;
using ceremony::PowersKind;
using ceremony::Transcript;

// ---- verify --------------------------------------------------------------------------------------------------------

struct VerifyArguments {
  fs::path input, srs, transcript, from_initial, attestation;
  bool skip_beacon_replay = false;
};

constexpr const char* kAttestationFormat = "latentledger-ceremony-attestation";

Bytes attestation_message(const Json& json) {
  Json unsigned_part = json;
  unsigned_part.erase("signature");
  const std::string text = nlohmann::json(unsigned_part).dump();
  return Bytes(text.begin(), text.end());
}

void check_attestation(const fs::path& path, const Transcript& transcript) {
  JsonFields fields = JsonFields::parse(read_text(path), path.string());
  if (fields.text("format") != kAttestationFormat) throw fields.wrong("format", "an attestation is expected");
  const std::string id = to_hex(fields.hex("ceremony", 64));
  const std::uint64_t index = fields.number("index", 1, 1u << 20);
  const std::string hash = to_hex(fields.hex("record_hash", 64));
  const Bytes contributor = fields.hex("contributor", 32), signature = fields.hex("signature", 64);
  for (const char* text : {"name", "time", "text", "challenge_blake2b", "response_blake2b"}) fields.text(text);
  fields.expect_all_read();
  if (id != to_hex(transcript.id()) || index > transcript.records.size() ||
      hash != to_hex(transcript.records[index - 1].hash(index)) ||
      contributor != transcript.records[index - 1].contributor) {
    throw Error(ErrorCode::mismatch, fmt::format("{}: is about another contribution", path.string()), path.string());
  }
  if (!ceremony::signature_is_valid(attestation_message(Json(fields.value())), signature, contributor))
    throw Error(ErrorCode::mismatch, fmt::format("{}: its signature is not by its contributor", path.string()),
                path.string());
}

/// What `finalize` left, as the state that it was made from; `points` owns its points.
CeremonyFile finished_ceremony(Session& session, const VerifyArguments& arguments, Bytes& points) {
  session.input(arguments.transcript, "give the transcript.json of the ceremony");
  Transcript transcript =
      Transcript::parse(read_text(arguments.transcript), arguments.transcript.string()).value_or_throw();
  const halo2::Srs srs = load_srs(session, arguments.srs).srs;
  if (transcript.shape.kind != PowersKind::kzg || transcript.shape.power != srs.k) {
    throw Error(
        ErrorCode::mismatch,
        fmt::format("{}: the transcript is of a {} ceremony of power {}, the SRS has k = {}",
                    arguments.transcript.string(), to_string(transcript.shape.kind), transcript.shape.power, srs.k),
        arguments.transcript.string());
  }
  points = ceremony::encode_points<algebra::G1Affine>(srs.g, ceremony::PointForm::raw);
  append(points, ceremony::encode_point(srs.g2, ceremony::PointForm::raw));
  append(points, ceremony::encode_point(srs.s_g2, ceremony::PointForm::raw));
  const auto view = ceremony::PowersView::contiguous(transcript.shape, ceremony::PointForm::raw, points, 4);
  return {MappedFile(arguments.srs), {std::move(transcript), view, points}};
}

Outcome verify(const VerifyArguments& arguments, Session& session) {
  const Stopwatch watch;
  if (arguments.input.empty() == arguments.srs.empty() || arguments.srs.empty() != arguments.transcript.empty()) {
    throw Error(ErrorCode::invalid_argument,
                "give a state (-i FILE), or a finished SRS and its transcript (--srs FILE "
                "--transcript FILE)",
                "command line");
  }
  const fs::path named = arguments.input.empty() ? arguments.srs : arguments.input;
  Bytes finished_points;
  const CeremonyFile file = arguments.input.empty() ? finished_ceremony(session, arguments, finished_points)
                                                    : open_state(session, arguments.input);
  const Transcript& transcript = file.state.transcript;
  const auto report = verified(session, file, named, !arguments.skip_beacon_replay);
  std::vector<std::string> notes;
  if (report.beacon_skipped) notes.emplace_back("the beacon was NOT computed again (--skip-beacon-replay)");
  if (report.beacon && !report.beacon_announced)
    notes.emplace_back("the beacon was not announced: nobody can tell that its value was not chosen");
  if (report.external > 0)
    notes.push_back(fmt::format("{} steps by other programs: proved by their .ptau keys, not signed", report.external));
  if (transcript.simulated) notes.emplace_back("SIMULATED on one machine: nothing under it convinces anybody else");
  bool initial_checked = transcript.initial_name.empty();
  if (!arguments.from_initial.empty()) {
    session.input(arguments.from_initial, "give the file that the ceremony went on from");
    const std::string sha = session.inputs()[arguments.from_initial.string()].get<std::string>();
    if (sha != transcript.initial_sha256) {
      throw Error(ErrorCode::mismatch,
                  fmt::format("{}: SHA-256 is {}, the ceremony went on from {}", arguments.from_initial.string(), sha,
                              transcript.initial_sha256.empty() ? "tau = 1" : transcript.initial_sha256),
                  arguments.from_initial.string());
    }
    const LoadedSrs initial = load_srs(session, arguments.from_initial);
    if (initial.srs.s_g2 != transcript.initial.tau_g2 || initial.srs.g[1] != transcript.initial.tau_g1) {
      throw Error(ErrorCode::mismatch, "ceremony: its initial points are not those of the file", {},
                  arguments.from_initial.string());
    }
    initial_checked = true;
  }
  if (!initial_checked)
    notes.push_back(
        fmt::format("it goes on from {}, which was not looked at: give --from-initial FILE", transcript.initial_name));
  if (!arguments.attestation.empty()) {
    session.input(arguments.attestation);
    check_attestation(arguments.attestation, transcript);
  }
  const double ms = watch.ms();
  Json result = status_json(transcript);
  result["verified"] = true;
  result["beacon_replayed"] = report.beacon && !report.beacon_skipped;
  result["beacon_announced"] = report.beacon_announced;
  result["initial_checked"] = initial_checked;
  result["external"] = report.external;
  result["next_challenge_rederived"] = report.next_challenge_rederived;
  result["notes"] = notes;
  result["verify_ms"] = ms;
  std::string text = fmt::format("VERIFIED      in {}: every record, every point\n", duration_text(ms));
  text += status_text(transcript);
  for (const auto& note : notes) text += "note          " + note + "\n";
  return {.result = std::move(result), .text = std::move(text)};
}

// ---- finalize ------------------------------------------------------------------------------------------------------

struct FinalizeArguments {
  fs::path input, output;
};

std::string simulated_name(const Transcript& transcript) {
  return fmt::format("ceremony {} of {} contributors SIMULATED on one machine", to_hex(transcript.id()).substr(0, 16),
                     transcript.contributors());
}

}  // namespace

Outcome finalize_state(const CeremonyFile& file, const fs::path& folder, Session& session) {
  const Transcript& transcript = file.state.transcript;
  if (transcript.records.empty()) throw Error(ErrorCode::srs, "nobody has contributed: tau is one");
  if (!transcript.has_beacon()) session.warn("finalized without a beacon: the last contributor chose the result");
  const FolderLock lock(folder);
  const halo2::Srs srs = ceremony::srs_of_powers(file.state.powers, std::nullopt, /*check=*/false).value_or_throw();
  session.check_stop();
  const unsigned k = srs.k;
  SrsOrigin origin;
  if (transcript.simulated) origin = {simulated_name(transcript), Standing::simulated};
  const fs::path srs_file = folder / "srs.bin";
  save_srs(session, srs_file, srs, origin);
  std::string sums,
      catalog = fmt::format(
          "# SRS catalogue of ceremony {}\n\n{}\n\n| k | bytes | SHA-256 of the halo2 raw file |\n|---|---|---|\n",
          to_hex(transcript.id()),
          transcript.simulated ? "SIMULATED on one machine: TEST-ONLY."
                               : "`latentledger srs truncate srs.bin --k K` gives each file.");
  std::string digest;
  for (unsigned power = 1; power <= k; ++power) {
    const Bytes bytes = srs.truncated(power).write(halo2::SerdeFormat::raw);
    digest = to_hex(sha256(bytes));
    catalog += fmt::format("| {} | {} | {} |\n", power, bytes.size(), digest);
    sums += fmt::format("{}  k={}\n", digest, power);
    session.check_stop();
  }
  catalog += "\n| record | type | name | contributor |\n|---|---|---|---|\n";
  for (std::size_t i = 0; i < transcript.records.size(); ++i) {
    const ceremony::Record& record = transcript.records[i];
    catalog += fmt::format("| {} | {} | {} | {} |\n", i + 1, record.is_beacon() ? "beacon" : "contribution",
                           shown_name(record.name), to_hex(record.contributor));
  }
  write_text(folder / "transcript.json", transcript.to_json());
  write_text(folder / "SHA256SUMS", sums);
  write_text(folder / "SRS_CATALOG.md", catalog);
  session.output("transcript", folder / "transcript.json");
  session.output("sums", folder / "SHA256SUMS");
  session.output("catalog", folder / "SRS_CATALOG.md");
  Json result = status_json(transcript);
  result["k"] = k;
  result["sha256"] = digest;
  result["standing"] = to_string(origin.standing);
  return {.result = std::move(result),
          .text = status_text(transcript) +
                  fmt::format("SRS           {} (k = {})\nsha256        {}\n", srs_file.string(), k, digest)};
}

namespace {

Outcome finalize(const FinalizeArguments& arguments, Session& session) {
  const CeremonyFile file = open_state(session, arguments.input);
  verified(session, file, arguments.input);
  return finalize_state(file, session.path_or(arguments.output, "srs"), session);
}

// ---- export, import ------------------------------------------------------------------------------------------------

struct TransferArguments {
  std::string what;
  fs::path input, response, output;
  std::string name = "external";
};

Outcome export_file(const TransferArguments& arguments, Session& session) {
  const CeremonyFile file = open_state(session, arguments.input);
  const Transcript& transcript = file.state.transcript;
  if (transcript.shape.kind != PowersKind::powers_of_tau) {
    throw Error(ErrorCode::mismatch, "only a powers-of-tau ceremony has .ptau and PPoT files", arguments.input.string(),
                "begin it with `ceremony new --ptau`");
  }
  verified(session, file, arguments.input);
  const std::vector<ceremony::Contribution> chain = transcript.chain();
  if (arguments.what == "ptau") {
    ceremony::write_ptau(arguments.output, file.state.powers, chain);
  } else if (arguments.what == "challenge") {
    ceremony::write_challenge(
        arguments.output, chain.empty() ? ceremony::blake2b_512({}) : chain.back().response_hash(), file.state.powers);
  } else {
    if (chain.empty()) throw Error(ErrorCode::mismatch, "nobody has contributed: there is no response yet");
    ceremony::write_response(
        arguments.output,
        chain.size() == 1 ? ceremony::first_challenge(transcript.shape.power) : chain[chain.size() - 2].next_challenge,
        file.state.powers, chain.back().key);
  }
  session.output(arguments.what, arguments.output);
  const std::string hash = blake2b_of(arguments.output);
  return {.result = {{"what", arguments.what}, {"blake2b", hash}, {"contributions", chain.size()}},
          .text = fmt::format("{:<13} {}\nblake2b       {}\n", arguments.what, arguments.output.string(), hash)};
}

Outcome import_file(const TransferArguments& arguments, Session& session) {
  refuse_overwriting_input(arguments.input, arguments.output);
  const CeremonyFile head = open_state(session, arguments.input);
  session.input(arguments.response, "give what came back from the contributor");
  OsRng rng;
  const MappedFile response(arguments.response);
  auto taken =
      ceremony::import_step(head.state, response.bytes(), step_options(session, arguments.name), rng, arguments.output);
  if (!taken) throw taken.error().at(arguments.response.string());
  session.output("ceremony", arguments.output);
  const CeremonyFile now = CeremonyFile::open(arguments.output);
  Json result = status_json(now.state.transcript);
  result["imported"] = taken.value();
  return {.result = std::move(result),
          .text = fmt::format("taken over    {} steps, verified\n", taken.value()) + status_text(now.state.transcript)};
}

// ---- transcript, attest --------------------------------------------------------------------------------------------

Outcome show_transcript(const fs::path& input, Session& session) {
  const CeremonyFile file = open_state(session, input);
  const Transcript& transcript = file.state.transcript;
  std::string text = status_text(transcript);
  for (std::size_t i = 0; i < transcript.records.size(); ++i) {
    const ceremony::Record& record = transcript.records[i];
    text += fmt::format("{:>4}  {:<24} {:<21} {}\n", i + 1, shown_name(record.name), shown_name(record.time),
                        record.contributor.empty() ? std::string("-") : to_hex(record.contributor).substr(0, 16));
  }
  text += "not verified here: `ceremony verify` does\n";
  return {.result = Json::parse(transcript.to_json()), .text = std::move(text)};
}

struct AttestArguments {
  fs::path before, after, key, output;
  std::string text;
};

Outcome attest(const AttestArguments& arguments, Session& session) {
  check_text(arguments.text, "--text");
  const CeremonyFile before = open_state(session, arguments.before), after = open_state(session, arguments.after);
  session.input(arguments.key, "give the --key that you contributed with");
  const ceremony::SigningKey key = ceremony::SigningKey::load(arguments.key);
  const std::size_t index = before.state.transcript.records.size() + 1;
  const Transcript& transcript = after.state.transcript;
  if (transcript.records.size() < index || transcript.records[index - 1].contributor != key.public_key() ||
      transcript.records[index - 1].previous != before.state.transcript.head_hash()) {
    throw Error(ErrorCode::mismatch, fmt::format("record {} is not by this key", index), arguments.after.string());
  }
  const ceremony::Record& record = transcript.records[index - 1];
  Json json = {{"format", kAttestationFormat},
               {"ceremony", to_hex(transcript.id())},
               {"index", index},
               {"name", record.name},
               {"contributor", to_hex(record.contributor)},
               {"record_hash", to_hex(record.hash(index))},
               {"challenge_blake2b", blake2b_of(arguments.before)},
               {"response_blake2b", blake2b_of(arguments.after)},
               {"time", now_utc()},
               {"text", arguments.text}};
  json["signature"] = to_hex(key.sign(attestation_message(json)));
  const fs::path out = session.path_or(arguments.output, "attestation.json");
  write_text(out, json.dump(2) + "\n");
  session.output("attestation", out);
  return {.result = json, .text = fmt::format("attestation   {}: publish it where people know you\n", out.string())};
}

}  // namespace

void add_ceremony_results(Application& application, CLI::App& group) {
  const std::string state = "State of the ceremony";

  auto checked = std::make_shared<VerifyArguments>();
  CLI::App& verify_verb =
      application.verb(group, "verify", "Every record, every proof, every point", "ceremony verify -i c/2.ceremony",
                       [checked](Session& session) { return verify(*checked, session); });
  verify_verb.add_option("-i,--input", checked->input, state);
  verify_verb.add_option("--srs", checked->srs, "A finished SRS, with --transcript");
  verify_verb.add_option("--transcript", checked->transcript, "Its transcript.json");
  verify_verb.add_option("--from-initial", checked->from_initial, "The file that the ceremony went on from");
  verify_verb.add_option("--attestation", checked->attestation, "A contributor's attestation to check too");
  verify_verb.add_flag("--skip-beacon-replay", checked->skip_beacon_replay,
                       "Do not iterate the beacon's hash again; the result says so");

  auto finished = std::make_shared<FinalizeArguments>();
  CLI::App& finalize_verb =
      application.verb(group, "finalize", "Verifies, then writes the SRS, the transcript, and SHA-256 of every k",
                       "ceremony finalize -i c/2.ceremony -o c/srs",
                       [finished](Session& session) { return finalize(*finished, session); });
  finalize_verb.add_option("-i,--input", finished->input, state)->required();
  finalize_verb.add_option("-o,--output", finished->output, "Folder to write [WORKDIR/srs]");

  auto exported = std::make_shared<TransferArguments>();
  CLI::App& export_verb = application.verb(group, "export", "A state (of `new --ptau`) for snarkjs and PPoT programs",
                                           "ceremony export ptau -i c/2.ceremony -o c/2.ptau",
                                           [exported](Session& session) { return export_file(*exported, session); });
  export_verb.add_option("what", exported->what, "ptau, challenge (what the next contributor answers) or response")
      ->check(CLI::IsMember({"ptau", "challenge", "response"}))
      ->required();
  export_verb.add_option("-i,--input", exported->input, state)->required();
  export_verb.add_option("-o,--output", exported->output, "File to write")->required();

  auto imported = std::make_shared<TransferArguments>();
  CLI::App& import_verb =
      application.verb(group, "import", "Takes over what a contributor sent back: our file, a .ptau, a PPoT response",
                       "ceremony import c/1.ceremony -i c/0.ceremony -o c/head.ceremony",
                       [imported](Session& session) { return import_file(*imported, session); });
  import_verb.add_option("response", imported->response, "What came back")->required();
  import_verb.add_option("-i,--input", imported->input, "Newest state of the ceremony")->required();
  import_verb.add_option("--name", imported->name, "Contributor's name, when the file has none")->capture_default_str();
  import_verb.add_option("-o,--output", imported->output, "File to write")->required();

  auto shown = std::make_shared<fs::path>();
  CLI::App& transcript_verb =
      application.verb(group, "transcript", "Who took part (--json: everything)", "ceremony transcript c/2.ceremony",
                       [shown](Session& session) { return show_transcript(*shown, session); });
  transcript_verb.add_option("file", *shown, state)->required();

  auto attested = std::make_shared<AttestArguments>();
  CLI::App& attest_verb =
      application.verb(group, "attest", "A signed statement about your contribution, for people who know you",
                       "ceremony attest --key c/key --before c/2.ceremony --after c/3.ceremony --text \"on my laptop\" "
                       "-o c/attestation.json",
                       [attested](Session& session) { return attest(*attested, session); });
  attest_verb.add_option("--before", attested->before, "State that you began from")->required();
  attest_verb.add_option("--after", attested->after, "State that you made, or a later one")->required();
  attest_verb.add_option("--key", attested->key, "Your signing key")->required();
  attest_verb.add_option("--text", attested->text, "What you say about it");
  attest_verb.add_option("-o,--output", attested->output, "File to write [WORKDIR/attestation.json]");
}

}  // namespace ll::cli
