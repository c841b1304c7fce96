// Verbs `ceremony new/contribute/beacon/simulate`.
#include "cli/ceremony_support.hpp"

#include <cstdlib>
#include <fstream>
#include <memory>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/json_fields.hpp"
#include "cli/srs_file.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;
using ceremony::BeaconSource;
using ceremony::CeremonyFile;
using ceremony::PowersKind;
using ceremony::Transcript;

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

void add_ceremony_steps(Application& application, CLI::App& group) {
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
