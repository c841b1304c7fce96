#include "cli/ledger_folder.hpp"

#include "base/files.hpp"
#include "cli/bundled.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFiles[] = {"import.json", "transfers.parquet", "genesis.csv", "accounts.csv"};

}  // namespace

ledger::Dataset load_ledger(Session& session, const fs::path& folder) {
  for (const char* name : kFiles) {
    session.input(folder / name, "make it with `data import FILE` or `data generate`");
  }
  return ledger::Dataset::load(folder).value_or_throw();
}

ledger::Dataset load_ether_ledger(Session& session, const fs::path& folder) {
  ledger::Dataset data = load_ledger(session, folder);
  if (!data.is_ether_only()) {
    throw Error(
        ErrorCode::mismatch,
        fmt::format("{}: holds tokens ({} assets): the statements do not check that both ends of a transfer are of "
                    "one asset, so they prove ledgers of ether alone",
                    folder.string(), data.assets.size()),
        folder.string(), "import, train, evaluate and simulate take such a ledger");
  }
  return data;
}

void save_ledger(Session& session, const ledger::Dataset& data, const fs::path& folder) {
  const FolderLock lock(folder);
  data.save(folder);
  for (const char* name : kFiles) session.output(fs::path(name).stem().string(), folder / name);
}

fs::path bundled_transactions() {
  const fs::path path = bundled_file("demo/data/synthetic_transactions.csv.gz");
  if (!fs::exists(path)) {
    throw Error(ErrorCode::io, fmt::format("the bundled data {} is not there", path.string()), path.string(),
                "give a file: data import FILE.csv.gz");
  }
  return path;
}

Json summary_json(const ledger::DatasetSummary& summary) { return Json::parse(ledger::to_json(summary)); }

std::string summary_text(const ledger::DatasetSummary& s) {
  std::string text = fmt::format("source            {}\n", s.provenance.source);
  if (s.provenance.rows > 0) {
    text += fmt::format("rows              {} read, {} plain transfers kept\n", s.provenance.rows, s.provenance.kept);
    for (const auto& [reason, rows] : s.provenance.dropped)
      text += fmt::format("  dropped         {} {}\n", rows, reason);
  }
  text += s.assets.size() == 1
              ? fmt::format("accounts          {}\n", s.accounts)
              : fmt::format("slots             {} holdings of {} addresses\n", s.accounts, s.addresses);
  text += fmt::format("transfers         {} between them, over {} pairs\n", s.transfers, s.pairs);
  if (s.assets.size() == 1 && !s.assets.front().asset.asset.contract) {
    text += fmt::format("unit              {} wei; {} transfers move units, {} are absorbed by dust\n",
                        ll::to_string(s.unit), s.unit_transfers, s.absorbed);
    text += fmt::format("supply            {} wei = {} units + {} wei of dust\n", ll::to_string(s.supply),
                        s.supply_units, ll::to_string(s.dust_total));
  } else {
    text += fmt::format("units             {} transfers move units, {} are absorbed by dust\n", s.unit_transfers,
                        s.absorbed);
    text += fmt::format("{:<18}{:>9}{:>10}{:>8}{:>9}  {:<24} {}\n", "asset", "accounts", "transfers", "pairs",
                        "decimals", "unit (base units)", "supply (base units)");
    for (const auto& own : s.assets) {
      text += fmt::format("  {:<16}{:>9}{:>10}{:>8}{:>9}  {:<24} {}\n", own.asset.asset.symbol.substr(0, 15),
                          own.accounts, own.transfers, own.pairs, own.asset.asset.decimals,
                          ll::to_string(own.asset.unit), ll::to_string(own.supply));
    }
  }
  text += fmt::format("state hash        {} at the start\n", s.genesis_state_hash);
  text += fmt::format("                  {} at the end\n", s.final_state_hash);
  return text;
}

}  // namespace ll::cli
