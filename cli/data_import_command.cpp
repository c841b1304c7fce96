// Verb `data import`.
#include <memory>

#include "cli/application.hpp"
#include "cli/data_commands.hpp"
#include "cli/ledger_folder.hpp"
#include "ledger/import.hpp"

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

}  // namespace

void add_data_import(Application& application, CLI::App& data) {
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
}

}  // namespace ll::cli
