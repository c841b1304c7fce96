// Verbs `ceremony new/contribute/beacon/verify/finalize/export/import/transcript/attest/simulate`.
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/json_fields.hpp"
#include "ceremony/ppot_files.hpp"
#include "ceremony/state.hpp"
#include "cli/application.hpp"
#include "cli/srs_file.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;
using ceremony::BeaconSource;
using ceremony::CeremonyFile;
using ceremony::PowersKind;
using ceremony::Transcript;

constexpr const char* kTool = "latentledger " LL_VERSION;

std::string now_utc() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::string blake2b_of(const fs::path& file) { return to_hex(ceremony::blake2b_512(MappedFile(file).bytes())); }

/// Names and texts go into JSON that is signed: well-formed UTF-8 only.
void check_text(const std::string& text, const char* option) {
  try {
    (void)Json(text).dump();
  } catch (const Json::exception&) {
    throw Error(ErrorCode::invalid_argument, fmt::format("{}: UTF-8 text is expected", option), option);
  }
}

ceremony::StepOptions step_options(Session& session, const std::string& name) {
  check_text(name, "--name");
  return {.name = name, .attestation = {}, .tool = kTool, .time = now_utc(), .progress = &session.progress()};
}

Json status_json(const Transcript& transcript) {
  return {{"id", to_hex(transcript.id())},
          {"kind", to_string(transcript.shape.kind)},
          {"power", transcript.shape.power},
          {"records", transcript.records.size()},
          {"contributors", transcript.contributors()},
          {"beacon", transcript.has_beacon()},
          {"simulated", transcript.simulated},
          {"head", to_hex(transcript.head_hash())}};
}

std::string status_text(const Transcript& transcript) {
  std::string text =
      fmt::format("ceremony      {}...\nkind          {}, power {}\nrecords       {} ({} contributors{})\n",
                  to_hex(transcript.id()).substr(0, 32), to_string(transcript.shape.kind), transcript.shape.power,
                  transcript.records.size(), transcript.contributors(),
                  transcript.has_beacon() ? " and a beacon" : ", no beacon yet");
  if (!transcript.initial_name.empty())
    text += fmt::format("goes on from  {} (SHA-256 {})\n", transcript.initial_name, transcript.initial_sha256);
  if (transcript.simulated)
    text += "SIMULATED     one machine knew every secret: nothing under it convinces anybody else\n";
  return text;
}

CeremonyFile open_state(Session& session, const fs::path& file) {
  session.input(file, "begin one with `ceremony new`");
  return CeremonyFile::open(file);
}

ceremony::VerifyReport verified(Session& session, const CeremonyFile& file, const fs::path& path,
                                bool replay_beacon = true) {
  OsRng rng;
  auto report = ceremony::verify_ceremony(file.state, rng, {replay_beacon, true, &session.progress()});
  if (!report) throw report.error().at(path.string());
  return report.value();
}

void refuse_overwriting_input(const fs::path& in, const fs::path& out) {
  std::error_code ignored;
  if (fs::equivalent(in, out, ignored)) {
    throw Error(ErrorCode::invalid_argument, fmt::format("{} is both input and output", out.string()), out.string(),
                "write the new state beside the old one: it is the challenge that the response belongs to");
  }
}

// ---- new -----------------------------------------------------------------------------------------------------------

struct BeaconOptions {
  std::string source;
  std::uint64_t round = 0;
  unsigned iterations_exp = 20;
};

struct NewArguments {
  unsigned power = 14;
  bool ptau = false;
  fs::path from, output;
  BeaconOptions beacon;
};

Outcome new_ceremony(const NewArguments& arguments, Session& session) {
  const fs::path out = session.path_or(arguments.output, "ceremony/0000.ceremony");
  ceremony::NewCeremony options;
  options.shape = {arguments.ptau ? PowersKind::powers_of_tau : PowersKind::kzg, arguments.power};
  check_text(arguments.beacon.source, "--beacon-source");
  if (!arguments.beacon.source.empty())
    options.announced = {arguments.beacon.source, arguments.beacon.round, arguments.beacon.iterations_exp};
  OsRng rng;
  Transcript transcript;
  if (arguments.from.empty()) {
    transcript = ceremony::new_ceremony(options, out, rng);
  } else {
    session.input(arguments.from, "give a .ptau or halo2 file", ErrorCode::srs);
    const MappedFile mapped(arguments.from);
    const std::string name = arguments.from.filename().string();
    const std::string sha = session.inputs()[arguments.from.string()].get<std::string>();
    const SrsFormat format = srs_format_of(mapped.bytes(), name).value_or_throw();
    auto made = [&]() -> Result<Transcript> {
      if (format == SrsFormat::ptau) {
        auto file = ceremony::read_ptau(mapped.bytes());
        if (!file) return file.error();
        if (!file.value().powers) return malformed("ptau: it holds no points");
        if (arguments.ptau && file.value().truncated())
          return Error(ErrorCode::srs, "ptau: it was cut to a smaller power: its chain cannot go on. Leave out --ptau");
        auto chain = ceremony::verify_ptau(file.value(), rng, {true, &session.progress()});
        if (!chain) return chain.error();
        return ceremony::new_ceremony_from(options, *file.value().powers, file.value().contributions, name, sha, out,
                                           rng, &session.progress());
      }
      if (arguments.ptau) return Error(ErrorCode::srs, fmt::format("{}: --ptau goes on from a .ptau only", name));
      const halo2::Srs srs = load_srs(session, arguments.from, arguments.power).srs;
      const Bytes g1 = ceremony::encode_points<algebra::G1Affine>(srs.g, ceremony::PointForm::raw);
      Bytes g2 = ceremony::encode_point(srs.g2, ceremony::PointForm::raw);
      append(g2, ceremony::encode_point(srs.s_g2, ceremony::PointForm::raw));
      ceremony::PowersView view{{PowersKind::kzg, srs.k}, ceremony::PointForm::raw, g1, g2, {}, {}, {}, {}};
      return ceremony::new_ceremony_from(options, view, {}, name, sha, out, rng, &session.progress());
    }();
    if (!made) throw made.error().at(arguments.from.string());
    transcript = std::move(made).value();
  }
  session.output("ceremony", out);
  return {.result = status_json(transcript), .text = status_text(transcript) + "written to    " + out.string() + "\n"};
}

// ---- contribute ----------------------------------------------------------------------------------------------------

struct ContributeArguments {
  std::string name, entropy, attestation;
  std::vector<fs::path> entropy_files;
  fs::path input, output, key;
  bool resume = false;
};

ceremony::SigningKey signing_key(Session& session, const fs::path& file) {
  if (file.empty()) return ceremony::SigningKey::generate();
  std::error_code ignored;
  if (fs::exists(file, ignored)) return ceremony::SigningKey::load(file);
  ceremony::SigningKey key = ceremony::SigningKey::generate();
  key.save(file);
  session.note(fmt::format("a new signing key stands in {}: keep it, it is how you are known", file.string()));
  return key;
}

/// 64 bytes that the secrets are drawn from: fresh, or those of a contribution that was stopped.
ceremony::LockedBytes entropy_seed(const fs::path& file, const std::string& in_sha256) {
  if (file.empty()) return ceremony::EntropyPool::fresh_seed();
  std::error_code ignored;
  const Bytes tag = *from_hex(in_sha256);
  if (fs::exists(file, ignored)) {
    const MappedFile mapped(file);
    if (mapped.bytes().size() == 96 && std::ranges::equal(mapped.bytes().first(32), tag)) {
      ceremony::LockedBytes seed(64);
      std::ranges::copy(mapped.bytes().last(64), seed.span().begin());
      return seed;
    }
    throw Error(ErrorCode::mismatch, fmt::format("{}: belongs to another state", file.string()), file.string(),
                "remove it to begin anew");
  }
  ceremony::LockedBytes seed = ceremony::EntropyPool::fresh_seed();
  PendingFile pending(file);
  FileWriter writer(pending.path(), FileWriter::Mode::create, /*secret=*/true);
  writer.write(tag);
  writer.write(seed.span());
  writer.finish();
  pending.commit();
  return seed;
}

/// Overwrites in place and removes: as much as a file system lets a program do.
void shred(const fs::path& file) {
  std::error_code ignored;
  if (file.empty() || !fs::exists(file, ignored)) return;
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  const std::array<char, 96> zeros{};
  stream.write(zeros.data(), zeros.size());
  stream.flush();
  fs::remove(file, ignored);
}

Outcome contribute(const ContributeArguments& arguments, Session& session) {
  refuse_overwriting_input(arguments.input, arguments.output);
  check_text(arguments.attestation, "--attestation");
  const CeremonyFile in = open_state(session, arguments.input);
  session.note("verifying the state before adding to it");
  verified(session, in, arguments.input);
  session.check_stop();
  const fs::path seed_file = arguments.resume ? fs::path(arguments.output.string() + ".resume") : fs::path();
  const fs::path points_file = arguments.resume ? fs::path(arguments.output.string() + ".resume-points") : fs::path();
  if (arguments.resume)
    session.warn(
        fmt::format("--resume: half of your entropy stands in {} until the contribution is done; the rest is "
                    "your --entropy text and files, which you must give again",
                    seed_file.string()));
  ceremony::EntropyPool pool(
      entropy_seed(seed_file, session.inputs()[arguments.input.string()].get<std::string>()).span().first<64>());
  if (!arguments.entropy.empty()) pool.add_text(arguments.entropy);
  for (const fs::path& file : arguments.entropy_files) pool.add_file(file);
  const ceremony::SigningKey key = signing_key(session, arguments.key);
  ceremony::StepOptions options = step_options(session, arguments.name);
  options.attestation = arguments.attestation;
  const ceremony::Record record = ceremony::contribute(in.state, pool, key, options, arguments.output, points_file);
  shred(seed_file);
  session.output("ceremony", arguments.output);
  const std::size_t index = in.state.transcript.records.size() + 1;
  Json result = {{"index", index},
                 {"name", record.name},
                 {"contributor", to_hex(record.contributor)},
                 {"record_hash", to_hex(record.hash(index))},
                 {"challenge_blake2b", blake2b_of(arguments.input)},
                 {"response_blake2b", blake2b_of(arguments.output)}};
  if (record.ptau) result["ptau_response"] = to_hex(record.ptau->response_hash());
  const std::string text = fmt::format(
      "contribution  {} by {}\nsigned by     {}\nrecord        {}\nresponse      {} (BLAKE2b of {})\n"
      "              publish these lines where people know you; your secret is gone\n",
      index, record.name, to_hex(record.contributor), result["record_hash"].get<std::string>(),
      result["response_blake2b"].get<std::string>(), arguments.output.string());
  return {.result = std::move(result), .text = text};
}

// ---- beacon --------------------------------------------------------------------------------------------------------

struct BeaconArguments {
  BeaconOptions source;
  std::string value;
  fs::path input, output;
  bool resume = false;
};

/// A file of where the iteration stands: {"value", "iterations_exp", "done", "hash"}. All public.
Digest32 iterate(const BeaconArguments& arguments, const Bytes& value, Session& session) {
  const fs::path file = arguments.output.string() + ".beacon";
  std::uint64_t done = 0;
  Bytes at = value;
  std::error_code ignored;
  if (arguments.resume && fs::exists(file, ignored)) {
    JsonFields fields = JsonFields::parse(read_text(file), file.string());
    const Bytes same = fields.hex("value");
    const std::uint64_t exponent = fields.number("iterations_exp", 10, 63);
    if (same != value || exponent != arguments.source.iterations_exp)
      throw Error(ErrorCode::mismatch, fmt::format("{}: belongs to another beacon", file.string()), file.string());
    done = fields.number("done", 1, std::uint64_t{1} << exponent);
    at = fields.hex("hash", 32);
    fields.expect_all_read();
  }
  Stopwatch since;
  double saved = 0;
  const Digest32 hash =
      ceremony::iterate_sha256(at, arguments.source.iterations_exp, done, &session.progress(),
                               [&](std::uint64_t count, const Digest32& reached) {
                                 const bool stopping = session.progress().stop_requested();
                                 if (!arguments.resume || (!stopping && since.ms() - saved < 10'000)) return;
                                 saved = since.ms();
                                 write_text(file, Json({{"value", to_hex(value)},
                                                        {"iterations_exp", arguments.source.iterations_exp},
                                                        {"done", count},
                                                        {"hash", to_hex(reached)}})
                                                          .dump() +
                                                      "\n");
                               });
  fs::remove(file, ignored);
  return hash;
}

Outcome beacon(const BeaconArguments& arguments, Session& session) {
  refuse_overwriting_input(arguments.input, arguments.output);
  check_text(arguments.source.source, "--source");
  const auto value = from_hex(arguments.value);
  if (!value || value->empty() || value->size() > 255)
    throw Error(ErrorCode::invalid_argument, "--value: 1 to 255 bytes as hex are expected", "--value");
  const CeremonyFile in = open_state(session, arguments.input);
  verified(session, in, arguments.input);
  const BeaconSource source{arguments.source.source, arguments.source.round, arguments.source.iterations_exp};
  const auto& announced = in.state.transcript.announced;
  if (announced && *announced != source) {
    throw Error(ErrorCode::mismatch,
                fmt::format("the ceremony announced {} round {}, 2^{} iterations; given are {} round {}, 2^{}",
                            announced->source, announced->round, announced->iterations_exp, source.source, source.round,
                            source.iterations_exp));
  }
  if (!announced) session.warn("this ceremony announced no beacon: nobody can tell that the value was not chosen");
  const Digest32 iterated = iterate(arguments, *value, session);
  const ceremony::Record record =
      ceremony::apply_beacon(in.state, source, *value, iterated, step_options(session, "beacon"), arguments.output);
  session.output("ceremony", arguments.output);
  const std::size_t index = in.state.transcript.records.size() + 1;
  return {.result = {{"index", index},
                     {"source", source.source},
                     {"round", source.round},
                     {"iterations_exp", source.iterations_exp},
                     {"announced", announced.has_value()},
                     {"record_hash", to_hex(record.hash(index))}},
          .text = fmt::format("beacon        {} round {}, SHA-256 iterated 2^{} times\nwritten to    {}\n",
                              source.source, source.round, source.iterations_exp, arguments.output.string())};
}

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

// ---- simulate ------------------------------------------------------------------------------------------------------

struct SimulateArguments {
  unsigned power = 10, contributors = 16;
  bool ptau = false;
  fs::path output;
};

Outcome simulate(const SimulateArguments& arguments, Session& session) {
  session.warn(
      "SIMULATED ceremony: this machine knows every secret. Whatever is proved under it convinces nobody else.");
  const fs::path folder = session.path_or(arguments.output, "simulated");
  fs::path state = folder / "state.ceremony", next = folder / "next.ceremony";
  OsRng rng;
  const BeaconSource source{"simulation", 0, 10};
  ceremony::new_ceremony(
      {{arguments.ptau ? PowersKind::powers_of_tau : PowersKind::kzg, arguments.power}, true, source}, state, rng);
  for (unsigned i = 1; i <= arguments.contributors; ++i) {
    const CeremonyFile in = CeremonyFile::open(state);
    const ceremony::EntropyPool pool(ceremony::EntropyPool::fresh_seed().span().first<64>());
    ceremony::contribute(in.state, pool, ceremony::SigningKey::generate(),
                         step_options(session, fmt::format("simulated contributor {}", i)), next);
    fs::rename(next, state);
    session.check_stop();
  }
  {
    const CeremonyFile in = CeremonyFile::open(state);
    const Digest64 head = in.state.transcript.head_hash();
    const Bytes value(head.begin(), head.begin() + 32);
    ceremony::apply_beacon(in.state, source, value, ceremony::iterate_sha256(value, source.iterations_exp),
                           step_options(session, "beacon of the simulation"), next);
    fs::rename(next, state);
  }
  session.output("ceremony", state);
  const CeremonyFile file = CeremonyFile::open(state);
  verified(session, file, state);
  return finalize_state(file, folder, session);
}

void add_beacon_options(CLI::App& verb, BeaconOptions& beacon, const std::string& prefix) {
  verb.add_option("--" + prefix + "round", beacon.round, "Round, slot or height")->capture_default_str();
  verb.add_option("--" + prefix + "iterations-exp", beacon.iterations_exp, "SHA-256 is iterated 2^this times")
      ->check(CLI::Range(10u, 63u))
      ->capture_default_str();
}

}  // namespace

void add_ceremony_commands(Application& application) {
  CLI::App& group = application.group("ceremony", "Setups that many people make together, one after the other");
  const auto power = CLI::Range(1u, ceremony::kMaxPower);
  const std::string state = "State of the ceremony";

  auto begun = std::make_shared<NewArguments>();
  CLI::App& new_verb = application.verb(group, "new", "Begins a ceremony", "ceremony new --power 4 -o c/0.ceremony",
                                        [begun](Session& session) { return new_ceremony(*begun, session); });
  new_verb.add_option("--power", begun->power, "2^power rows")->check(power)->capture_default_str();
  new_verb.add_flag("--ptau", begun->ptau,
                    "Powers of tau, alpha and beta, so that snarkjs and PPoT users can take part");
  new_verb.add_option("--from", begun->from, "Go on from a .ptau or another SRS file, all of it verified");
  new_verb.add_option("--beacon-source", begun->beacon.source, "Announce the beacon: drand, RANDAO, ...");
  add_beacon_options(new_verb, begun->beacon, "beacon-");
  new_verb.add_option("-o,--output", begun->output, "File to write [WORKDIR/ceremony/0000.ceremony]");

  auto contributed = std::make_shared<ContributeArguments>();
  CLI::App& contribute_verb =
      application.verb(group, "contribute", "Multiplies the trapdoor by a secret of yours, which is then forgotten",
                       "ceremony contribute --name ada -i c/0.ceremony -o c/1.ceremony",
                       [contributed](Session& session) { return contribute(*contributed, session); });
  contribute_verb.add_option("--name", contributed->name, "Your name in the transcript")->required();
  contribute_verb
      .add_option("--entropy", contributed->entropy, "Text mixed into your secret, beside the system's randomness")
      ->configurable(false);
  contribute_verb.add_option("--entropy-file", contributed->entropy_files, "Files mixed into your secret");
  contribute_verb.add_option("--attestation", contributed->attestation, "Free text in the transcript");
  contribute_verb.add_option("--key", contributed->key,
                             "Your signing key, made when it is not there [a new one, forgotten]");
  contribute_verb.add_flag("--resume", contributed->resume, "Can be stopped, and goes on where it was");
  contribute_verb.add_option("-i,--input", contributed->input, state)->required();
  contribute_verb.add_option("-o,--output", contributed->output, "File to write")->required();

  auto ended = std::make_shared<BeaconArguments>();
  CLI::App& beacon_verb = application.verb(
      group, "beacon", "Multiplies the trapdoor by a public random value",
      "ceremony beacon --source drand --round 7 --value 00ff --iterations-exp 10 -i c/1.ceremony -o c/2.ceremony",
      [ended](Session& session) { return beacon(*ended, session); });
  beacon_verb.add_option("--source", ended->source.source, "Whose value it is: drand, RANDAO, ...")->required();
  add_beacon_options(beacon_verb, ended->source, "");
  beacon_verb.add_option("--value", ended->value, "The value, hex")->required();
  beacon_verb.add_flag("--resume", ended->resume, "Can be stopped, and goes on where it was");
  beacon_verb.add_option("-i,--input", ended->input, state)->required();
  beacon_verb.add_option("-o,--output", ended->output, "File to write")->required();

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

  auto simulated = std::make_shared<SimulateArguments>();
  CLI::App& simulate_verb =
      application.verb(group, "simulate", "TEST-ONLY: a whole ceremony on one machine, and it says so everywhere",
                       "ceremony simulate --power 4 --contributors 16 -o c/simulated",
                       [simulated](Session& session) { return simulate(*simulated, session); });
  simulate_verb.add_option("--power", simulated->power, "2^power rows")->check(power)->capture_default_str();
  simulate_verb.add_option("--contributors", simulated->contributors, "How many")
      ->check(CLI::Range(1u, 1000u))
      ->capture_default_str();
  simulate_verb.add_flag("--ptau", simulated->ptau, "Powers of tau, alpha and beta");
  simulate_verb.add_option("-o,--output", simulated->output, "Folder to write [WORKDIR/simulated]");
}

}  // namespace ll::cli
