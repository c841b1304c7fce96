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
#include "cli/encoder_commands.hpp"
#include "cli/encoder_folder.hpp"
#include "cli/keys_folder.hpp"
#include "cli/ledger_folder.hpp"
#include "cli/proof_commands.hpp"
#include "demo/report_page.hpp"
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

/// Runs the stages one after the other, tells each with its time and memory, and collects the report.
class Story {
 public:
  Story(const DemoArguments& arguments, Session& session) : arguments_(arguments), session_(session) {}

  Outcome tell() {
    session_.say(
        fmt::format("LatentLedger {}: a ledger whose state is one vector, and proofs of its updates\n", LL_VERSION));
    stage("data", [&] { return data(); });
    stage("train", [&] { return train(); });
    stage("evaluate", [&] { return evaluate(); });
    stage("setup", [&] { return setup(); });
    stage("prove", [&] { return prove(); });
    stage("verify", [&] { return verify(); });
    stage("lies", [&] { return lies(); });
    return finish();
  }

 private:
  fs::path ledger() const { return arguments_.output / "ledger"; }
  fs::path encoder() const { return arguments_.output / "encoder"; }
  fs::path keys() const { return arguments_.output / "keys"; }
  fs::path proof() const { return arguments_.output / "proof"; }
  fs::path lies_folder() const { return arguments_.output / "lies"; }

  /// `body` gives what there is to tell, in one or more lines.
  void stage(const std::string& name, const std::function<std::string()>& body) {
    session_.check_stop();
    session_.take_stage_peak();
    const Stopwatch watch;
    const std::string told = body();
    const double ms = watch.ms();
    const std::uint64_t peak = session_.take_stage_peak();
    stages_.push_back({{"name", name}, {"ms", ms}, {"peak_rss_bytes", peak}});
    session_.say(
        fmt::format("{}. {:<9} [{}, {}]", stages_.size(), name, cli::duration_text(ms), cli::bytes_text(peak)));
    session_.say(told);
  }

  std::string data() {
    const fs::path file = arguments_.data.empty() ? cli::bundled_transactions() : arguments_.data;
    session_.input(file);
    const auto set = ledger::import_files(std::span(&file, 1), {}, &session_.progress()).value_or_throw();
    cli::save_ledger(session_, set, ledger());
    const ledger::DatasetSummary summary = set.summary();
    available_ = summary.unit_transfers;
    result_["data"] = cli::summary_json(summary);
    return fmt::format(
        "   {}: {} rows, {} plain transfers, {} of them among the {} accounts of the densest part\n"
        "   one unit is {} wei; supply {} units + {} wei of dust, conserved exactly\n",
        file.filename().string(), summary.provenance.rows, summary.provenance.kept, summary.transfers, summary.accounts,
        ll::to_string(summary.unit), summary.supply_units, ll::to_string(summary.dust_total));
  }

  std::string train() {
    cli::TrainArguments arguments{training::TrainOptions::brief(), ledger(), encoder()};
    if (arguments_.steps > 0) arguments.options.steps = arguments_.steps;
    const Json r = result_["train"] = cli::train(arguments, session_).result;
    return fmt::format(
        "   {} parameters, {} steps: held-out loss {:.2e} -> {:.2e}\n"
        "   on account sets never seen: condition of V {:.4f} (random Gaussian directions: {:.2f}),\n"
        "   largest cosine {:.1e} ({:.2f}); {} of {} states read back exactly from their embedding\n",
        r["parameters"].get<std::uint64_t>(), r["steps"].get<std::int64_t>(), r["loss_first"].get<double>(),
        r["loss_last"].get<double>(), r["heldout"]["condition"].get<double>(), r["gaussian"]["condition"].get<double>(),
        r["heldout"]["max_cosine"].get<double>(), r["gaussian"]["max_cosine"].get<double>(),
        r["heldout"]["states_recovered"].get<std::uint64_t>(), r["heldout"]["states_sampled"].get<std::uint64_t>());
  }

  std::string evaluate() {
    const Json r = result_["evaluate"] = cli::evaluate({.encoder = encoder(),
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
    return told;
  }

  std::string setup() {
    const cli::SetupArguments arguments{.encoder = encoder(),
                                        .data = ledger(),
                                        .srs = arguments_.srs,
                                        .output = keys(),
                                        .allow_unknown_srs = arguments_.allow_unknown_srs};
    const Json r = result_["setup"] = cli::setup(arguments, session_).result;
    return fmt::format("   statement update: k = {}, {} advice and {} fixed columns, degree {}; SRS {}\n   key {}\n",
                       r["k"].get<unsigned>(), r["advice_columns"].get<unsigned>(), r["fixed_columns"].get<unsigned>(),
                       r["degree"].get<unsigned>(), r["srs"]["standing"].get<std::string>(),
                       r["vk_digest"].get<std::string>());
  }

  std::string prove() {
    cli::ProveArguments arguments{.keys = keys(), .data = ledger(), .output = proof(), .batch = {}, .unsafe_seed = {}};
    arguments.batch.count = std::min<std::size_t>(arguments_.count, available_);
    const Json r = result_["prove"] = cli::prove(arguments, session_).result;
    return fmt::format("   {} transfers in one proof of {} bytes; proving alone took {}\n",
                       r["transfers"].get<std::uint64_t>(), r["proof_bytes"].get<std::uint64_t>(),
                       cli::duration_text(r["prove_ms"].get<double>()));
  }

  std::string verify() {
    const Outcome outcome = cli::verify({keys() / "vk.json", proof() / "proof.json"}, session_);
    if (outcome.exit != ExitCode::done) throw std::logic_error("the proof of the demonstration is refused");
    const Json r = result_["verify"] = outcome.result;
    return fmt::format(
        "   accepted in {}: `new` = `prev` + `delta`, and `delta` is the sum of at most {} valid transfers\n"
        "   which transfers is hidden; balances and net flows are NOT (public mode)\n",
        cli::duration_text(r["verify_ms"].get<double>()), r["transfers"].get<std::uint64_t>());
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

  std::string lies() {
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
    result_["refused"] = refused;
    result_["overdraft_message"] = overdraft;
    return fmt::format(
        "   refused: a proof with one bit changed; public vectors with one unit more;\n"
        "   and a batch that overdraws: {}\n",
        overdraft);
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
    const std::size_t count = std::min(arguments_.count, available_);
    charts["state"] = {{"before", data.units_before(0)}, {"after", data.units_before(count)}};
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::pair<std::uint64_t, std::uint64_t>> pairs;
    std::vector<ledger::SlotTransfer> transfers = data.unit_transfers();
    transfers.resize(count);
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

  Outcome finish() {
    result_["stages"] = stages_;
    Json report = {{"schema_version", 1},
                   {"software_version", LL_VERSION},
                   {"cores", std::thread::hardware_concurrency()},
                   {"inputs", session_.inputs()}};
    report.update(result_);
    Json& charts = report["charts"] = {{"training", training_curve()}, {"errors", error_histograms()}};
    add_batch(charts);
    const fs::path path = arguments_.output / "report.json", page = arguments_.output / "report.html";
    write_text(path, report.dump(2) + "\n");
    write_text(page, report_page(report));
    session_.output("report", path);
    session_.output("page", page);
    const bool shown =
        arguments_.open && !session_.options().json && ::isatty(STDOUT_FILENO) != 0 && open_in_browser(page);
    return {
        .result = result_,
        .text = fmt::format("every figure and the SHA-256 of each input: {}\nthe same as a page with charts: {}{}\n",
                            path.string(), page.string(), shown ? " (opened in your browser)" : "")};
  }

  const DemoArguments& arguments_;
  Session& session_;
  std::size_t available_ = 0;
  Json result_ = Json::object(), stages_ = Json::array();
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
  verb.add_option("--data", arguments->data, "CSV of transfers (.csv, .csv.gz) [the bundled one]");
  verb.add_option("-o,--output", arguments->output, "Folder to write")->capture_default_str();
  verb.add_option("--srs", arguments->srs, ".ptau or halo2 file [the bundled one: TEST-ONLY]");
  verb.add_flag("--allow-unknown-srs", arguments->allow_unknown_srs, "Take an SRS that nobody vouches for");
  verb.add_option("--transfers", arguments->transfers, "Transfers to evaluate")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}))
      ->capture_default_str();
  verb.add_option("--count", arguments->count, "Transfers to prove at once")
      ->check(CLI::Range(std::size_t{1}, std::size_t{256}))
      ->capture_default_str();
  verb.add_flag("!--no-open", arguments->open, "Do not show report.html in a browser");
  verb.add_option("--steps", arguments->steps, "Training steps, 0: the brief preset")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000}))
      ->capture_default_str();
}

}  // namespace ll::demo
