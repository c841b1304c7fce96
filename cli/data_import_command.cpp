// Verb `data import`.
#include <map>
#include <memory>
#include <set>

#include "cli/application.hpp"
#include "cli/data_commands.hpp"
#include "cli/ledger_folder.hpp"
#include "ledger/import.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;

struct ImportArguments {
  std::vector<fs::path> files;
  fs::path output, list, start_balances;
  std::string choose = "dense", format, map, value_unit, floats = "refuse";
  std::size_t accounts = ledger::kMaxAccounts;
  std::uint64_t pair_cap = 0;
  std::vector<std::string> units, assets;
};

/// --unit 1000, or --unit USDT=1.
std::map<std::string, u128> parse_units(const std::vector<std::string>& given) {
  std::map<std::string, u128> units;
  for (const std::string& text : given) {
    const std::size_t equals = text.find('=');
    const std::string symbol = equals == std::string::npos ? "" : text.substr(0, equals);
    const auto unit = parse_u128(equals == std::string::npos ? text : text.substr(equals + 1));
    LL_CHECK(unit && *unit > 0, "--unit {}: a decimal number of wei from 1 is expected, or SYMBOL=NUMBER for a token",
             text);
    LL_CHECK(units.emplace(symbol, *unit).second, "--unit {}: given twice", text);
  }
  return units;
}

ledger::ImportOptions import_options(const ImportArguments& arguments, Session& session) {
  ledger::ImportOptions options;
  options.choice.method = ledger::parse_choice_method(arguments.choose).value_or_throw();
  options.choice.count = arguments.accounts;
  if (arguments.pair_cap > 0) {
    options.choice.method = ledger::ChoiceMethod::capped;
    options.choice.pair_cap = arguments.pair_cap;
  }
  if (!arguments.list.empty()) options.choice.method = ledger::ChoiceMethod::list;
  if (options.choice.method == ledger::ChoiceMethod::list) {
    LL_CHECK(!arguments.list.empty(), "--choose list: the file with the addresses is missing: --list FILE");
    session.input(arguments.list);
    options.choice.list = ledger::read_address_list(arguments.list).value_or_throw();
  }
  options.units = parse_units(arguments.units);
  if (!arguments.start_balances.empty()) {
    session.input(arguments.start_balances);
    options.start_balances = ledger::read_start_balances(arguments.start_balances).value_or_throw();
  }
  options.read.assets = arguments.assets;
  if (!arguments.format.empty()) options.read.format = ledger::find_layout(arguments.format).value_or_throw();
  options.read.map = ledger::parse_column_map(arguments.map).value_or_throw();
  if (!arguments.value_unit.empty()) {
    LL_CHECK(!options.read.map.empty(), "--value-unit: only with --map; known layouts say themselves what amounts are");
    options.read.map_unit = arguments.value_unit == "ether" ? ledger::ValueUnit::ether : ledger::ValueUnit::base;
  }
  options.read.floats = arguments.floats == "exact"        ? ledger::FloatPolicy::exact
                        : arguments.floats == "exact-only" ? ledger::FloatPolicy::exact_only
                                                           : ledger::FloatPolicy::refuse;
  return options;
}

/// All plain transfers, before accounts are chosen, by asset.
Json plain_json(const ledger::PlainTransfers& plain) {
  struct Figures {
    std::uint64_t transfers = 0, accounts = 0;
    std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
    u128 sum = 0;
  };
  std::vector<Figures> figures(plain.assets.size());
  for (const ledger::Holder& holder : plain.holders) ++figures[holder.asset].accounts;
  for (const ledger::PlainTransfer& t : plain.transfers) {
    Figures& own = figures[plain.holders[t.sender].asset];
    ++own.transfers;
    own.pairs.emplace(t.sender, t.receiver);
    own.sum += t.amount;  // of each asset below 10^38
  }
  Json assets = Json::array();
  for (std::size_t i = 0; i < figures.size(); ++i) {
    if (figures[i].transfers == 0) continue;
    const auto& contract = plain.assets[i].contract;
    assets.push_back({{"symbol", plain.assets[i].symbol},
                      {"contract", contract ? Json(to_string(*contract)) : Json(nullptr)},
                      {"transfers", figures[i].transfers},
                      {"accounts", figures[i].accounts},
                      {"pairs", figures[i].pairs.size()},
                      {"sum", to_string(figures[i].sum)}});
  }
  return assets;
}

Outcome import_data(const ImportArguments& arguments, Session& session) {
  std::vector<fs::path> files = arguments.files;
  if (files.empty()) {
    files.push_back(bundled_transactions());
    session.note(fmt::format("no file given: the bundled {}", files.front().string()));
  }
  for (const fs::path& file : files) session.input(file);
  const ledger::ImportOptions options = import_options(arguments, session);
  const auto placed = [&](const Error& error) {  // what is about all files together names none
    std::string names;
    for (const fs::path& file : files) names += (names.empty() ? "" : ", ") + file.string();
    return error.where().empty() ? error.at(names) : error;
  };
  const auto plain = ledger::read_plain_transfers(files, options.read, &session.progress());
  if (!plain) throw placed(plain.error());
  session.check_stop();
  auto chosen = ledger::build_dataset(plain.value(), options);
  if (!chosen) throw placed(chosen.error());
  const ledger::Dataset data = std::move(chosen).value();
  session.check_stop();
  const fs::path folder = session.path_or(arguments.output, "ledger");
  save_ledger(session, data, folder);
  const ledger::DatasetSummary summary = data.summary();
  Json result = summary_json(summary);
  result["plain"] = plain_json(plain.value());
  result["sums"] = Json::object();  // of the transfers between the chosen accounts, by asset
  for (std::uint32_t i = 0; i < data.assets.size(); ++i) {
    u128 sum = 0;
    for (const ledger::DatasetTransfer& t : data.transfers)
      sum += data.accounts[t.sender].asset == i ? t.amount_wei : 0;
    result["sums"][data.assets[i].asset.symbol] = to_string(sum);
  }
  return {.result = std::move(result), .text = summary_text(summary) + "written to        " + folder.string() + "\n"};
}

}  // namespace

void add_data_import(Application& application, CLI::App& data) {
  auto import = std::make_shared<ImportArguments>();
  CLI::App& verb = application.verb(
      data, "import",
      "Transfers of Ethereum tables (CSV, .gz, .zst, Parquet, JSON-RPC blocks) as a ledger; layouts are recognised",
      "data import", [import](Session& session) { return import_data(*import, session); });
  verb.add_option("files", import->files, "Tables of transfers; without any, the bundled data");
  verb.add_option("-o,--output", import->output, "Folder to write [WORKDIR/ledger]");
  verb.add_option("--choose", import->choose,
                  "Accounts: dense (peeling), capped (each pair counts at most --pair-cap times), component (largest "
                  "connected one), list")
      ->check(CLI::IsMember({"dense", "capped", "component", "list"}))
      ->capture_default_str();
  verb.add_option("--list", import->list, "File of addresses to take: one a line, or a CSV with a column address");
  verb.add_option("--accounts", import->accounts, "Accounts to choose at most")
      ->check(CLI::Range(ledger::kMinAccounts, ledger::kMaxAccounts))
      ->capture_default_str();
  verb.add_option("--pair-cap", import->pair_cap, "Of --choose capped, which it implies; 0: 20")->capture_default_str();
  verb.add_option("--unit", import->units,
                  "Wei in one unit, or SYMBOL=BASE_UNITS of a token [the smallest power of ten that fits 32 bits]")
      ->allow_extra_args(false);
  verb.add_option("--asset", import->assets, "Keep this asset only (symbol or contract); repeat for several")
      ->allow_extra_args(false);
  verb.add_option("--start-balances", import->start_balances,
                  "State before the first block (JSON of a prestate tracer): its balances instead of the smallest");
  verb.add_option("--format", import->format, "Layout of the files: " + ledger::layout_ids());
  verb.add_option("--map", import->map,
                  "Columns of an unknown layout: from=COLUMN,to=COLUMN,value=COLUMN[,block=COLUMN,hash=COLUMN,...]");
  verb.add_option("--value-unit", import->value_unit, "Amounts of --map: wei, or ether (with decimals) [wei]")
      ->check(CLI::IsMember({"wei", "ether"}));
  verb.add_option("--floats", import->floats,
                  "Amounts that went through floating point: refuse, exact (those that float64 cannot have changed), "
                  "exact-only (the same, others are dropped)")
      ->check(CLI::IsMember({"refuse", "exact", "exact-only"}))
      ->capture_default_str();
}

}  // namespace ll::cli
