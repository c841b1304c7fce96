#include "demo/story.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <thread>

#include <unistd.h>

#include "artefacts/proof_file.hpp"
#include "base/files.hpp"
#include "cli/chain_commands.hpp"
#include "cli/encoder_commands.hpp"
#include "cli/encoder_folder.hpp"
#include "cli/keys_folder.hpp"
#include "cli/ledger_folder.hpp"
#include "cli/proof_commands.hpp"
#include "demo/report_page.hpp"
#include "demo/story_record.hpp"
#include "ledger/import.hpp"
#include "training/evaluate.hpp"
#include "training/run_files.hpp"

namespace ll::demo {
namespace {

namespace fs = std::filesystem;
using cli::ExitCode;
using cli::Json;
using cli::Outcome;
using cli::Session;

/// What a stage has to tell: lines for the reader, a few words for the closing table, figures for the report.
struct Told {
  std::string text, brief;
  Json result = Json::object();
};

/// Runs the stages one after the other, tells each with its time and memory, and collects the report.
class Story {
 public:
  Story(const DemoArguments& arguments, Session& session)
      : arguments_(arguments), session_(session), record_(arguments.output, said_arguments()) {
    stages_ = {{"data", {}, [this] { return data(); }},
               {"train", {"data"}, [this] { return train(); }},
               {"evaluate", {"data", "train"}, [this] { return evaluate(); }},
               {"setup", {"data", "train"}, [this] { return setup(); }},
               {"prove", {"setup"}, [this] { return prove(); }},
               {"verify", {"prove"}, [this] { return verify(); }},
               {"history", {"setup"}, [this] { return history(); }},
               {"lies", {"prove"}, [this] { return lies(); }}};
    if (!arguments_.full) std::erase_if(stages_, [](const Stage& stage) { return stage.name == "history"; });
  }

  Outcome tell() {
    const bool found = record_.load();
    const bool whole = arguments_.only.empty();
    for (const std::string& name : arguments_.only) expect_stage(name);
    if (whole && (arguments_.fresh || !found || !record_.fits() || is_complete())) record_.clear();
    session_.say(
        fmt::format("LatentLedger {}: a ledger whose state is one vector, and proofs of its updates\n", LL_VERSION));
    const bool resumed = whole && std::ranges::any_of(stages_, [&](const Stage& s) { return record_.has(s.name); });
    if (resumed)
      session_.say(
          fmt::format("(goes on with {}, where it was stopped; --fresh begins anew)\n", arguments_.output.string()));
    for (const Stage& stage : stages_) {
      const bool asked =
          whole ? !record_.has(stage.name) : std::ranges::find(arguments_.only, stage.name) != arguments_.only.end();
      if (asked) {
        expect_needs(stage);
        run(stage);
      }
      if (asked || resumed) tell_stage(stage.name, !asked);
    }
    return finish();
  }

 private:
  struct Stage {
    std::string name;
    std::vector<std::string> needs;  ///< stages whose files it reads
    std::function<Told()> run;
  };

  /// What the stages' results depend on.
  Json said_arguments() const {
    return {{"data", arguments_.data.empty() ? "" : fs::absolute(arguments_.data).lexically_normal().string()},
            {"srs", arguments_.srs.empty() ? "" : fs::absolute(arguments_.srs).lexically_normal().string()},
            {"transfers", arguments_.transfers},
            {"count", arguments_.count},
            {"steps", arguments_.steps},
            {"allow_unknown_srs", arguments_.allow_unknown_srs},
            {"full", arguments_.full}};
  }

  fs::path ledger() const { return arguments_.output / "ledger"; }
  fs::path encoder() const { return arguments_.output / "encoder"; }
  fs::path keys() const { return arguments_.output / "keys"; }
  fs::path proof() const { return arguments_.output / "proof"; }
  fs::path chain() const { return arguments_.output / "chain"; }
  fs::path lies_folder() const { return arguments_.output / "lies"; }

  std::string stage_names() const {
    std::string names;
    for (const Stage& stage : stages_) names += (names.empty() ? "" : ", ") + stage.name;
    return names;
  }

  void expect_stage(const std::string& name) const {
    if (std::ranges::any_of(stages_, [&](const Stage& stage) { return stage.name == name; })) return;
    throw Error(ErrorCode::invalid_argument, fmt::format("there is no stage `{}`: {}", name, stage_names()),
                "command line", name == "history" ? "history belongs to --full" : "");
  }

  void expect_needs(const Stage& stage) const {
    for (const std::string& need : stage.needs) {
      if (record_.has(need)) continue;
      throw Error(
          ErrorCode::invalid_argument,
          fmt::format("stage `{}` needs `{}`, which has not been told in {}", stage.name, need,
                      arguments_.output.string()),
          "command line",
          fmt::format("the story without --stage goes on where it stood; --stage {} -o {} tells that part alone", need,
                      arguments_.output.string()));
    }
  }

  bool is_complete() const {
    return std::ranges::all_of(stages_, [&](const Stage& stage) { return record_.has(stage.name); });
  }

  /// The stages that read what this one writes, at any distance: they are out of date once it ran.
  std::vector<std::string> dependants(const std::string& name) const {
    std::vector<std::string> found;
    for (const Stage& stage : stages_) {  // needs stand before
      if (std::ranges::any_of(stage.needs, [&](const std::string& need) {
            return need == name || std::ranges::find(found, need) != found.end();
          }))
        found.push_back(stage.name);
    }
    return found;
  }

  std::size_t number_of(const std::string& name) const {
    const auto at = std::ranges::find_if(stages_, [&](const Stage& stage) { return stage.name == name; });
    return static_cast<std::size_t>(at - stages_.begin()) + 1;
  }

  void run(const Stage& stage) {
    session_.check_stop();
    session_.take_stage_peak();
    session_.progress().set_prefix(fmt::format("{}/{} ", number_of(stage.name), stages_.size()));
    const Stopwatch watch;
    Told told = run_or_say_how_to_go_on(stage);
    const double ms = watch.ms();
    session_.progress().set_prefix({});
    record_.add({{"name", stage.name},
                 {"ms", ms},
                 {"peak_rss_bytes", session_.take_stage_peak()},
                 {"told", told.text},
                 {"short", told.brief},
                 {"result", std::move(told.result)}},
                dependants(stage.name), session_.inputs());
  }

  static Told run_or_say_how_to_go_on(const Stage& stage) {
    try {
      return stage.run();
    } catch (const Error& error) {
      if (error.code() != ErrorCode::interrupted) throw;
      throw Error(error.code(), error.message(), error.where(), "the same command goes on from here");
    }
  }

  void tell_stage(const std::string& name, bool before) {
    const Json& stage = record_.stage(name);
    session_.say(fmt::format("{}. {:<9} [{}, {}{}]", number_of(name), name,
                             cli::duration_text(stage["ms"].get<double>()),
                             cli::bytes_text(stage["peak_rss_bytes"].get<std::uint64_t>()), before ? ", before" : ""));
    session_.say(stage["told"].get<std::string>());
  }

  const Json& result_of(const std::string& stage) const { return record_.stage(stage)["result"]; }
  std::size_t available() const { return result_of("data")["available"].get<std::size_t>(); }
  std::size_t count() const { return std::min<std::size_t>(arguments_.count, available()); }

  Told data() {
    const fs::path file = arguments_.data.empty() ? cli::bundled_transactions() : arguments_.data;
    session_.input(file);
    const auto set = ledger::import_files(std::span(&file, 1), {}, &session_.progress()).value_or_throw();
    cli::save_ledger(session_, set, ledger());
    const ledger::DatasetSummary summary = set.summary();
    return {.text = fmt::format(
                "   {}: {} rows, {} plain transfers, {} of them among the {} accounts of the densest part\n"
                "   one unit is {} wei; supply {} units + {} wei of dust, conserved exactly\n",
                file.filename().string(), summary.provenance.rows, summary.provenance.kept, summary.transfers,
                summary.accounts, ll::to_string(summary.unit), summary.supply_units, ll::to_string(summary.dust_total)),
            .brief = fmt::format("{} transfers among {} accounts", summary.transfers, summary.accounts),
            .result = {{"data", cli::summary_json(summary)}, {"available", summary.unit_transfers}}};
  }

  Told train() {
    cli::TrainArguments arguments{
        arguments_.full ? training::TrainOptions::standard() : training::TrainOptions::brief(), ledger(), encoder()};
    if (arguments_.steps > 0) arguments.options.steps = arguments_.steps;
    // Weights that lie there are of this story only when it was stopped in the middle of this stage.
    const fs::path weights = encoder() / "encoder.safetensors", begun = encoder() / "begun";
    std::error_code ignored;
    arguments.options.resume =
        fs::exists(begun, ignored) && read_text(begun) == said_arguments().dump() && fs::exists(weights, ignored);
    if (!arguments.options.resume) fs::remove(weights, ignored);
    write_text(begun, said_arguments().dump());
    Json r = cli::train(arguments, session_).result;
    fs::remove(begun, ignored);
    const Json curve = training_curve();
    r["loss_first"] = curve.at(0)["heldout"];  // of the whole training, not of the part since it was stopped
    r["resumed"] = arguments.options.resume;
    return {.text = fmt::format(
                "   {} parameters, {} steps{}: held-out loss {:.2e} -> {:.2e}\n"
                "   on account sets never seen: condition of V {:.4f} (random Gaussian directions: {:.2f}),\n"
                "   largest cosine {:.1e} ({:.2f}); {} of {} states read back exactly from their embedding\n",
                r["parameters"].get<std::uint64_t>(), r["steps"].get<std::int64_t>(),
                arguments.options.resume ? " (stopped and gone on with: the time is of the rest)" : "",
                r["loss_first"].get<double>(), r["loss_last"].get<double>(), r["heldout"]["condition"].get<double>(),
                r["gaussian"]["condition"].get<double>(), r["heldout"]["max_cosine"].get<double>(),
                r["gaussian"]["max_cosine"].get<double>(), r["heldout"]["states_recovered"].get<std::uint64_t>(),
                r["heldout"]["states_sampled"].get<std::uint64_t>()),
            .brief = fmt::format("held-out loss {:.2e} -> {:.2e}", r["loss_first"].get<double>(),
                                 r["loss_last"].get<double>()),
            .result = {{"train", r}}};
  }

  Told evaluate() {
    const Json r = cli::evaluate({.encoder = encoder(),
                                  .data = ledger(),
                                  .output = arguments_.output / "evaluation",
                                  .transfers = arguments_.transfers},
                                 session_)
                       .result;
    std::string told = fmt::format(
        "   E(S after) against E(S) + delta on {} transfers ({} of the file, {} generated behind them)\n",
        r["transfers"].get<std::uint64_t>(), r["real"].get<std::uint64_t>(), r["generated"].get<std::uint64_t>());
    for (const auto& [name, pass] : r["passes"].items()) {
      told += fmt::format("   {:<10} largest error {:<10.3g} mean {:<10.3g} p99 {:.3g}\n", name,
                          pass["max_abs"].get<double>(), pass["mean_abs"].get<double>(), pass["p99"].get<double>());
    }
    return {.text = told,
            .brief = fmt::format("largest error {:.2g} in float32, {:.2g} in integers",
                                 r["passes"]["float32"]["max_abs"].get<double>(),
                                 r["passes"]["quantised"]["max_abs"].get<double>()),
            .result = {{"evaluate", r}}};
  }

  Told setup() {
    const cli::SetupArguments arguments{.encoder = encoder(),
                                        .data = ledger(),
                                        .srs = arguments_.srs,
                                        .output = keys(),
                                        .allow_unknown_srs = arguments_.allow_unknown_srs};
    const Json r = cli::setup(arguments, session_).result;
    return {
        .text = fmt::format(
            "   statement update: k = {}, {} advice and {} fixed columns, degree {}; SRS {}\n   key {}\n",
            r["k"].get<unsigned>(), r["advice_columns"].get<unsigned>(), r["fixed_columns"].get<unsigned>(),
            r["degree"].get<unsigned>(), r["srs"]["standing"].get<std::string>(), r["vk_digest"].get<std::string>()),
        .brief =
            fmt::format("update, 2^{} rows, SRS {}", r["k"].get<unsigned>(), r["srs"]["standing"].get<std::string>()),
        .result = {{"setup", r}}};
  }

  Told prove() {
    cli::ProveArguments arguments{.keys = keys(), .data = ledger(), .output = proof(), .batch = {}, .unsafe_seed = {}};
    arguments.batch.count = count();
    const Json r = cli::prove(arguments, session_).result;
    return {
        .text = fmt::format("   {} transfers in one proof of {} bytes; proving alone took {}\n",
                            r["transfers"].get<std::uint64_t>(), r["proof_bytes"].get<std::uint64_t>(),
                            cli::duration_text(r["prove_ms"].get<double>())),
        .brief = fmt::format("{} transfers in {} bytes, {}", r["transfers"].get<std::uint64_t>(),
                             r["proof_bytes"].get<std::uint64_t>(), cli::duration_text(r["prove_ms"].get<double>())),
        .result = {{"prove", r}}};
  }

  Told verify() {
    const Outcome outcome = cli::verify({keys() / "vk.json", proof() / "proof.json"}, session_);
    if (outcome.exit != ExitCode::done) throw std::logic_error("the proof of the demonstration is refused");
    const Json& r = outcome.result;
    return {.text = fmt::format(
                "   accepted in {}: `new` = `prev` + `delta`, and `delta` is the sum of at most {} valid transfers\n"
                "   which transfers is hidden; balances and net flows are NOT (public mode)\n",
                cli::duration_text(r["verify_ms"].get<double>()), r["transfers"].get<std::uint64_t>()),
            .brief = fmt::format("accepted in {}", cli::duration_text(r["verify_ms"].get<double>())),
            .result = {{"verify", r}}};
  }

  /// Every transfer of the ledger, as a chain of proofs.
  Told history() {
    cli::ProveBatchArguments arguments{.keys = keys(),
                                       .genesis_keys = {},
                                       .data = ledger(),
                                       .output = chain(),
                                       .from = {},
                                       .count = {},
                                       .batch_size = {},
                                       .options = {}};
    // A chain that lies there is this story's only when its key is.
    const fs::path begun = chain() / "begun";
    const std::string key = result_of("setup")["setup"]["vk_digest"].get<std::string>();
    std::error_code ignored;
    arguments.options.resume = fs::exists(begun, ignored) && read_text(begun) == key;
    if (!arguments.options.resume) fs::remove_all(chain(), ignored);
    write_text(begun, key);
    const Json r = cli::prove_batch(arguments, session_).result;
    fs::remove(begun, ignored);
    const Outcome checked = cli::verify({.vk = keys() / "vk.json", .proof = {}, .chain = chain()}, session_);
    if (checked.exit != ExitCode::done) throw std::logic_error("the chain of the demonstration is refused");
    const double verify_ms = checked.result["verify_ms"].get<double>();
    return {.text = fmt::format(
                "   all {} transfers in {} chained proofs of {} bytes: {}; the whole chain is checked in {}\n",
                r["transfers"].get<std::uint64_t>(), r["proofs"].get<std::uint64_t>(),
                r["proof_bytes"].get<std::uint64_t>(), cli::duration_text(r["prove_ms"].get<double>()),
                cli::duration_text(verify_ms)),
            .brief = fmt::format("{} transfers in {} chained proofs", r["transfers"].get<std::uint64_t>(),
                                 r["proofs"].get<std::uint64_t>()),
            .result = {{"history", {{"prove", r}, {"verify", checked.result}}}}};
  }

  /// Writes a changed proof and verifies it like any other file.
  bool proof_is_refused(const std::string& name, const std::function<void(artefacts::ProofFile&)>& change) {
    const cli::VkFile vk = cli::load_vk_file(session_, keys() / "vk.json");
    artefacts::ProofFile file = artefacts::decode_proof_file(read_text(proof() / "proof.json"), "proof.json", vk.shape,
                                                             vk.key.digest(), vk.key.cs.proof_bytes())
                                    .value_or_throw();
    change(file);
    const fs::path path = lies_folder() / (name + ".json");
    write_text(path, artefacts::encode_proof_file(file));
    return cli::verify({keys() / "vk.json", path}, session_).exit == ExitCode::rejected;
  }

  /// A batch in which the poorest account sends one unit more than it has.
  std::string refused_overdraft() {
    const auto data = ledger::Dataset::load(ledger()).value_or_throw();
    const std::vector<std::uint32_t> units = data.genesis_units();
    const auto sender = static_cast<std::size_t>(std::min_element(units.begin(), units.end()) - units.begin());
    const std::size_t receiver = sender == 0 ? 1 : 0;
    const fs::path batch = lies_folder() / "overdraft.csv";
    write_text(batch, fmt::format("sender,receiver,amount\n{},{},{}\n", data.accounts[sender].id,
                                  data.accounts[receiver].id, units[sender] + 1));
    cli::ProveArguments arguments{
        .keys = keys(), .data = ledger(), .output = lies_folder(), .batch = {}, .unsafe_seed = {}};
    arguments.batch.batch = batch;
    try {
      cli::prove(arguments, session_);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::unsatisfied) throw;
      return error.message();
    }
    return {};
  }

  Told lies() {
    Json refused = Json::object();
    refused["tampered_proof"] =
        proof_is_refused("tampered-proof", [](artefacts::ProofFile& file) { file.proof[file.proof.size() / 2] ^= 1; });
    refused["tampered_public_input"] = proof_is_refused("tampered-public-input", [](artefacts::ProofFile& file) {
      ++file.statement.delta[0];  // the sum still holds, the transfers do not give it
      ++file.statement.next[0];
    });
    const std::string overdraft = refused_overdraft();
    refused["overdrawing_batch"] = !overdraft.empty();
    for (const auto& [lie, answer] : refused.items()) {
      if (!answer.get<bool>()) throw std::logic_error("a lie was accepted: " + lie);
    }
    return {.text = fmt::format("   refused: a proof with one bit changed; public vectors with one unit more;\n"
                                "   and a batch that overdraws: {}\n",
                                overdraft),
            .brief = fmt::format("{} refused", refused.size()),
            .result = {{"refused", refused}, {"overdraft_message", overdraft}}};
  }

  /// The losses of every step that was measured; 0 where a step did not measure one.
  Json training_curve() const {
    const std::string csv = read_text(encoder() / "metrics.csv");
    const auto lines = static_cast<std::size_t>(std::ranges::count(csv, '\n'));
    Json rows = Json::array();
    for (const training::TrainMetrics& row : training::parse_metrics(csv, lines == 0 ? 0 : lines - 1).value_or_throw())
      rows.push_back({{"step", row.step}, {"loss", row.loss}, {"heldout", row.heldout}});
    return rows;
  }

  /// histogram.csv (docs/formats/encoder-files.md): for each pass the number of errors that are exactly 0, then by
  /// decade.
  Json error_histograms() const {
    Json passes = Json::object();
    std::istringstream lines(read_text(arguments_.output / "evaluation" / "histogram.csv"));
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
      const std::string pass = line.substr(0, line.find(','));
      passes[pass].push_back(std::stoull(line.substr(line.rfind(',') + 1)));
    }
    return {{"first_decade", training::PassReport::kFirstDecade}, {"passes", passes}};
  }

  /// Balances before and after the transfers that were proved, and these transfers by pair of accounts.
  void add_batch(Json& charts) const {
    const auto data = ledger::Dataset::load(ledger()).value_or_throw();
    charts["state"] = {{"before", data.units_before(0)}, {"after", data.units_before(count())}};
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::pair<std::uint64_t, std::uint64_t>> pairs;
    std::vector<ledger::SlotTransfer> transfers = data.unit_transfers();
    transfers.resize(count());
    for (const ledger::SlotTransfer& transfer : transfers) {
      auto& [units, times] = pairs[{transfer.sender, transfer.receiver}];
      units += static_cast<std::uint64_t>(transfer.amount);
      ++times;
    }
    charts["batch"] = Json::array();
    for (const auto& [pair, total] : pairs)
      charts["batch"].push_back(
          {{"sender", pair.first}, {"receiver", pair.second}, {"units", total.first}, {"transfers", total.second}});
  }

  /// On a terminal: the stages at a glance.
  std::string closing_table() const {
    std::string table = fmt::format("{:<10} {:>10} {:>12}   {}\n", "stage", "time", "peak memory", "what came out");
    double total = 0;
    for (const Stage& stage : stages_) {
      const Json& r = record_.stage(stage.name);
      total += r["ms"].get<double>();
      table += fmt::format("{:<10} {:>10} {:>12}   {}\n", stage.name, cli::duration_text(r["ms"].get<double>()),
                           cli::bytes_text(r["peak_rss_bytes"].get<std::uint64_t>()), r["short"].get<std::string>());
    }
    return table + fmt::format("{:<10} {:>10}\n", "all", cli::duration_text(total));
  }

  Outcome finish() {
    if (!is_complete()) {
      std::string missing;
      for (const Stage& stage : stages_) {
        if (!record_.has(stage.name)) missing += (missing.empty() ? "" : ", ") + stage.name;
      }
      for (const char* name : {"report.json", "report.html"}) {  // of the story before
        std::error_code ignored;
        fs::remove(arguments_.output / name, ignored);
      }
      return {.result = {{"stages", stage_times()}, {"missing", missing}},
              .text = fmt::format(
                  "not told yet, or no longer true: {}; so there is no report (latentledger demo goes on)\n", missing)};
    }
    Json result = Json::object();
    for (const Stage& stage : stages_) result.update(result_of(stage.name));
    result.erase("available");
    result["stages"] = stage_times();
    Json report = {{"schema_version", 1},
                   {"software_version", LL_VERSION},
                   {"cores", std::thread::hardware_concurrency()},
                   {"inputs", record_.inputs()}};
    report.update(result);
    Json& charts = report["charts"] = {{"training", training_curve()}, {"errors", error_histograms()}};
    add_batch(charts);
    const fs::path path = arguments_.output / "report.json", page = arguments_.output / "report.html";
    write_text(path, report.dump(2) + "\n");
    write_text(page, report_page(report));
    session_.output("report", path);
    session_.output("page", page);
    const bool terminal = !session_.options().json && ::isatty(STDOUT_FILENO) != 0;
    const bool shown = arguments_.open && terminal && open_in_browser(page);
    return {
        .result = result,
        .text = fmt::format("{}every figure and the SHA-256 of each input: {}\nthe same as a page with charts: {}{}\n",
                            terminal ? closing_table() + "\n" : "", path.string(), page.string(),
                            shown ? " (opened in your browser)" : "")};
  }

  Json stage_times() const {
    Json times = Json::array();
    for (const Stage& stage : stages_) {
      if (!record_.has(stage.name)) continue;
      const Json& r = record_.stage(stage.name);
      times.push_back({{"name", stage.name}, {"ms", r["ms"]}, {"peak_rss_bytes", r["peak_rss_bytes"]}});
    }
    return times;
  }

  const DemoArguments& arguments_;
  Session& session_;
  StoryRecord record_;
  std::vector<Stage> stages_;
};

}  // namespace

Outcome tell(const DemoArguments& arguments, Session& session) {
  const FolderLock lock(arguments.output);
  session.use_workdir(arguments.output);
  return Story(arguments, session).tell();
}

void add_demo_command(cli::Application& application) {
  auto arguments = std::make_shared<DemoArguments>();
  CLI::App& verb = application.verb(application.root(), "demo",
                                    "The whole story: data, training, evaluation, proof, verification, lies", "demo",
                                    [arguments](Session& session) { return tell(*arguments, session); });
  verb.add_option("--data", arguments->data, "Table of transfers, as of `data import` [the bundled one]");
  verb.add_option("-o,--output", arguments->output, "Folder to write")->capture_default_str();
  verb.add_option("--srs", arguments->srs, ".ptau or halo2 file [the bundled one, of a simulated ceremony]");
  verb.add_flag("--allow-unknown-srs", arguments->allow_unknown_srs, "Take an SRS that nobody vouches for");
  verb.add_option("--transfers", arguments->transfers, "Transfers to evaluate")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}))
      ->capture_default_str();
  verb.add_option("--count", arguments->count, "Transfers to prove at once")
      ->check(CLI::Range(std::size_t{1}, std::size_t{256}))
      ->capture_default_str();
  verb.add_flag("--full", arguments->full,
                "Train by the plan (minutes) and prove the ledger's whole history as a chain");
  verb.add_option("--stage", arguments->only,
                  "Only this stage, with what the others left in the folder; may be given several times")
      ->type_name("NAME")
      ->check(CLI::IsMember({"data", "train", "evaluate", "setup", "prove", "verify", "history", "lies"}));
  verb.add_flag("--fresh", arguments->fresh, "Begin anew instead of going on with a story that was stopped");
  verb.add_flag("!--no-open", arguments->open, "Do not show report.html in a browser");
  verb.add_option("--steps", arguments->steps, "Training steps, 0: of the recipe")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000}))
      ->capture_default_str();
}

namespace {

Outcome make_page(const fs::path& given, fs::path page, bool open, Session& session) {
  const fs::path path = given.empty() ? fs::path("out/demo/report.json") : given;
  session.input(path, "`latentledger demo` writes it");
  const Json report = Json::parse(read_text(path), nullptr, /*allow_exceptions=*/false);
  if (!report.is_object() || report.value("schema_version", 0) != 1 || !report.contains("charts") ||
      !report.contains("stages"))
    throw Error(ErrorCode::malformed, fmt::format("{}: no report of `latentledger demo`", path.string()), path.string(),
                "its report.json has schema_version 1, stages, charts");
  if (page.empty()) page = fs::path(path).replace_extension(".html");
  write_text(page, report_page(report));
  session.output("page", page);
  const bool shown = open && !session.options().json && ::isatty(STDOUT_FILENO) != 0 && open_in_browser(page);
  return {.result = {{"page", page.string()}},
          .text = fmt::format("written to        {}{}\n", page.string(), shown ? " (opened in your browser)" : "")};
}

}  // namespace

void add_report_command(cli::Application& application) {
  struct ReportArguments {
    fs::path report, output;
    bool open = true;
  };
  auto arguments = std::make_shared<ReportArguments>();
  CLI::App& verb = application.verb(application.root(), "report", "The page of a report.json, made again and shown",
                                    "report out/demo/report.json", [arguments](Session& session) {
                                      return make_page(arguments->report, arguments->output, arguments->open, session);
                                    });
  verb.add_option("report", arguments->report, "report.json of a demo [out/demo/report.json]");
  verb.add_option("-o,--output", arguments->output, "Page to write [report.html beside it]");
  verb.add_flag("!--no-open", arguments->open, "Do not show it in a browser");
}

}  // namespace ll::demo
