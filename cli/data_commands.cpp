// Verbs `data import`, `data generate`, `data info`, `data simulate`.
#include <memory>

#include "base/resources.hpp"
#include "cli/application.hpp"
#include "cli/ledger_folder.hpp"
#include "ledger/generator.hpp"
#include "ledger/import.hpp"
#include "ledger/simulate.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;

struct ImportArguments {
  std::vector<fs::path> files;
  fs::path output;
  std::size_t accounts = ledger::kMaxAccounts;
  std::uint64_t pair_cap = 0;
  std::string unit;
};

Outcome import_data(const ImportArguments& arguments, Session& session) {
  std::vector<fs::path> files = arguments.files;
  if (files.empty()) {
    files.push_back(bundled_transactions());
    session.note(fmt::format("no file given: the bundled {}", files.front().string()));
  }
  for (const fs::path& file : files) session.input(file);
  ledger::ImportOptions options{.accounts = arguments.accounts, .pair_cap = {}, .unit = {}};
  if (arguments.pair_cap > 0) options.pair_cap = arguments.pair_cap;
  if (!arguments.unit.empty()) {
    options.unit = parse_u128(arguments.unit);
    LL_CHECK(options.unit && *options.unit > 0, "--unit {}: a decimal number of wei from 1 is expected",
             arguments.unit);
  }
  auto imported = ledger::import_files(files, options, &session.progress());
  if (!imported) {  // what is about all files together names none
    std::string names;
    for (const fs::path& file : files) names += (names.empty() ? "" : ", ") + file.string();
    throw imported.error().where().empty() ? imported.error().at(names) : imported.error();
  }
  const ledger::Dataset data = std::move(imported).value();
  session.check_stop();
  const fs::path folder = session.path_or(arguments.output, "ledger");
  save_ledger(session, data, folder);
  const ledger::DatasetSummary summary = data.summary();
  return {.result = summary_json(summary),
          .text = summary_text(summary) + "written to        " + folder.string() + "\n"};
}

struct GenerateArguments {
  std::string profile = "ethereum";
  ledger::GeneratorConfig config;
  std::uint64_t sequences = 1;
  fs::path output;
  bool resume = false;
};

/// True when `folder` already holds exactly the sequence that `config` describes.
bool is_generated(const fs::path& folder, const ledger::GeneratorConfig& config) {
  std::error_code ignored;
  if (!fs::exists(folder / "import.json", ignored)) return false;
  const auto found = ledger::Dataset::load(folder);
  const std::string source =
      fmt::format("synthetic {} seed {} sequence {}", ledger::to_string(config.profile), config.seed, config.sequence);
  return found.ok() && found.value().provenance.source == source &&
         found.value().transfers.size() == config.transfers && found.value().accounts.size() == config.accounts;
}

Outcome generate_data(GenerateArguments arguments, Session& session) {
  ledger::GeneratorConfig config = arguments.config;
  config.profile = ledger::parse_profile(arguments.profile).value_or_throw();
  const fs::path folder = session.path_or(arguments.output, "ledger");
  const Stopwatch watch;
  std::uint64_t transfers = 0, kept = 0;
  session.progress().begin("generate", arguments.sequences);
  for (std::uint64_t i = 0; i < arguments.sequences; ++i) {
    session.check_stop();
    // One sequence is the folder itself; of several each has a folder of its own, a whole data set.
    const fs::path target = arguments.sequences == 1 ? folder : folder / fmt::format("sequence-{:06}", config.sequence);
    if (arguments.resume && is_generated(target, config)) {
      ++kept;
    } else {
      const ledger::Dataset data = ledger::generate(config);
      session.check_stop();
      save_ledger(session, data, target);  // refuses a data set with an invalid transfer
    }
    transfers += config.transfers;
    ++config.sequence;
    session.progress().update(i + 1);
  }
  session.progress().end();
  if (arguments.sequences > 1) session.output("folder", folder);
  const double seconds = watch.ms() / 1000, rate = static_cast<double>(transfers) / std::max(seconds, 1e-9);
  Json result = {{"profile", arguments.profile},
                 {"seed", config.seed},
                 {"sequences", arguments.sequences},
                 {"transfers", transfers},
                 {"shards", arguments.sequences},
                 {"resumed", kept},
                 {"invalid", 0},
                 {"transfers_per_second", rate}};
  return {.result = std::move(result),
          .text = fmt::format("{} sequences of {} transfers ({} profile, seed {}) in {}, {:.0f} transfers/s\n",
                              arguments.sequences, config.transfers, arguments.profile, config.seed, folder.string(),
                              rate)};
}

struct SimulateArguments {
  fs::path data, output;
  std::uint64_t every = 100;
};

Outcome simulate_data(const SimulateArguments& arguments, Session& session) {
  const ledger::Dataset data = load_ledger(session, session.path_or(arguments.data, "ledger"));
  const fs::path csv = session.path_or(arguments.output, "snapshots.csv");
  const ledger::Simulation run = ledger::simulate(data, arguments.every, csv, &session.progress());
  session.output("snapshots", csv);
  return {.result = {{"transfers", run.transfers},
                     {"snapshots", run.snapshots},
                     {"final_state_hash", run.final_state_hash}},
          .text = fmt::format("replayed          {} transfers, {} snapshots\nstate hash        {} at the end\n"
                              "written to        {}\n",
                              run.transfers, run.snapshots, run.final_state_hash, csv.string())};
}

}  // namespace

void add_data_commands(Application& application) {
  CLI::App& data = application.group("data", "Transfers: import, generate, look at, replay");

  auto import = std::make_shared<ImportArguments>();
  CLI::App& import_verb = application.verb(
      data, "import",
      "Native transfers of CSV files (ethereum-etl or from,to,value,block_number; .csv, .csv.gz), as a ledger",
      "data import", [import](Session& session) { return import_data(*import, session); });
  import_verb.add_option("files", import->files, "CSV files; without any, the bundled data");
  import_verb.add_option("-o,--output", import->output, "Folder to write [WORKDIR/ledger]");
  import_verb.add_option("--accounts", import->accounts, "Accounts to choose: the densest subgraph")
      ->check(CLI::Range(ledger::kMinAccounts, ledger::kMaxAccounts))
      ->capture_default_str();
  import_verb
      .add_option("--pair-cap", import->pair_cap, "Each directed pair counts at most this often in the choice, 0: all")
      ->capture_default_str();
  import_verb.add_option("--unit", import->unit, "Wei in one unit [the smallest power of ten that fits 32 bits]");

  auto generate = std::make_shared<GenerateArguments>();
  CLI::App& generate_verb =
      application.verb(data, "generate", "Synthetic ledgers: each (seed, sequence) is the same on every machine",
                       "data generate --profile ethereum --seed 1 --transfers 10000",
                       [generate](Session& session) { return generate_data(*generate, session); });
  generate_verb.add_option("--profile", generate->profile, "uniform, or ethereum (power-law activity, bursts)")
      ->capture_default_str();
  generate_verb.add_option("--seed", generate->config.seed, "Seed")->capture_default_str();
  generate_verb.add_option("--sequence", generate->config.sequence, "First sequence number")->capture_default_str();
  generate_verb.add_option("--sequences", generate->sequences, "How many; more than one: a folder each")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}))
      ->capture_default_str();
  generate_verb.add_option("--transfers", generate->config.transfers, "Transfers of each sequence")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}))
      ->capture_default_str();
  generate_verb.add_option("--accounts", generate->config.accounts, "Accounts")
      ->check(CLI::Range(ledger::kMinAccounts, ledger::kMaxAccounts))
      ->capture_default_str();
  generate_verb.add_option("-o,--output", generate->output, "Folder to write [WORKDIR/ledger]");
  generate_verb.add_flag("--resume", generate->resume, "Keep the sequences that are already there");

  auto folder = std::make_shared<fs::path>();
  CLI::App& info_verb = application.verb(
      data, "info", "What a ledger folder holds; every file is checked", "data info", [folder](Session& session) {
        const auto summary = load_ledger(session, session.path_or(*folder, "ledger")).summary();
        return Outcome{.result = summary_json(summary), .text = summary_text(summary)};
      });
  info_verb.add_option("--data,data", *folder, "Ledger folder [WORKDIR/ledger]");

  auto simulation = std::make_shared<SimulateArguments>();
  CLI::App& simulate_verb =
      application.verb(data, "simulate", "Replays a ledger and writes snapshots of it: state hash and balances",
                       "data simulate", [simulation](Session& session) { return simulate_data(*simulation, session); });
  simulate_verb.add_option("--data", simulation->data, "Ledger folder [WORKDIR/ledger]");
  simulate_verb.add_option("--every", simulation->every, "Transfers between snapshots")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
      ->capture_default_str();
  simulate_verb.add_option("-o,--output", simulation->output, "CSV to write [WORKDIR/snapshots.csv]");
}

}  // namespace ll::cli
