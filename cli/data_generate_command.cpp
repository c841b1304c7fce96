// Verb `data generate`.
#include <memory>

#include "base/resources.hpp"
#include "cli/application.hpp"
#include "cli/data_commands.hpp"
#include "cli/ledger_folder.hpp"
#include "cli/sequence_folder.hpp"
#include "ledger/generator.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;

struct GenerateArguments {
  std::string profile = "ethereum";
  ledger::GeneratorConfig config;
  std::uint64_t sequences = 1;
  fs::path output;
  bool resume = false;
  ShardArguments shards;
  bool ledger_options = false;  ///< --sequence, --sequences or --transfers were given
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
  if (arguments.shards.asked()) {
    LL_CHECK(
        !arguments.ledger_options,
        "--plan, --train and --validation make shards: --length and --shards go with them, --sequence, --sequences "
        "and --transfers do not");
    const ledger::SequenceConfig shape = {.profile = config.profile, .seed = config.seed, .accounts = config.accounts};
    return generate_shards(arguments.shards, shape, session.path_or(arguments.output, "sequences"), arguments.resume,
                           session);
  }
  LL_CHECK(arguments.shards.shards.empty(), "--shards goes with --plan, --train or --validation");
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

}  // namespace

void add_data_generate(Application& application, CLI::App& data) {
  auto generate = std::make_shared<GenerateArguments>();
  CLI::App& generate_verb = application.verb(
      data, "generate", "Synthetic ledgers, or a training set of sequences in shards: the same on every machine",
      "data generate --profile ethereum --seed 1 --transfers 10000",
      [generate](Session& session) { return generate_data(*generate, session); });
  generate_verb
      .add_option("--profile", generate->profile,
                  "uniform; ethereum (power-law activity, bursts); ethereum-funded (the same, start balances pay for a "
                  "long ledger)")
      ->capture_default_str();
  generate_verb.add_option("--seed", generate->config.seed, "Seed")->capture_default_str();
  const auto of_ledger = [generate](const std::string&) { generate->ledger_options = true; };
  generate_verb.add_option("--sequence", generate->config.sequence, "First sequence number")
      ->capture_default_str()
      ->each(of_ledger);
  generate_verb.add_option("--sequences", generate->sequences, "How many ledgers; more than one: a folder each")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}))
      ->capture_default_str()
      ->each(of_ledger);
  generate_verb.add_option("--transfers", generate->config.transfers, "Transfers of each ledger")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}))
      ->capture_default_str()
      ->each(of_ledger);
  generate_verb.add_option("--accounts", generate->config.accounts, "Accounts")
      ->check(CLI::Range(ledger::kMinAccounts, ledger::kMaxAccounts))
      ->capture_default_str();
  generate_verb.add_option("-o,--output", generate->output,
                           "Folder to write [WORKDIR/ledger, shards: WORKDIR/sequences]");
  generate_verb.add_flag("--resume", generate->resume, "Keep what is already there and whole");

  ShardArguments& shards = generate->shards;
  const std::string group = "Training sets: Parquet shards of many short sequences";
  generate_verb.add_flag("--plan", shards.plan, "Shards of 400000 training and 100000 validation sequences")
      ->group(group);
  generate_verb.add_option("--train", shards.train, "Shards of this many training sequences")->group(group);
  generate_verb.add_option("--validation", shards.validation, "Shards of this many validation sequences")->group(group);
  generate_verb.add_option("--length", shards.length, "Transfers of each sequence, uniform in LEAST..MOST")
      ->capture_default_str()
      ->group(group);
  generate_verb.add_option("--per-shard", shards.per_shard, "Sequences in a shard")
      ->capture_default_str()
      ->group(group);
  generate_verb.add_option("--shards,--shard", shards.shards, "Only shard N, or A..B (training first) [all]")
      ->group(group);
}

}  // namespace ll::cli
