// The four files of a data set (docs/formats/ledger-files.md).
#include <algorithm>
#include <functional>

#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "ledger/csv_reader.hpp"
#include "ledger/dataset.hpp"
#include "ledger/transfers_parquet.hpp"

namespace ll::ledger {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kTransfersFile = "transfers.parquet";
constexpr const char* kGenesisFile = "genesis.csv";
constexpr const char* kAccountsFile = "accounts.csv";
constexpr const char* kReportFile = "import.json";
constexpr const char* kFormat = "latentledger-dataset";
/// Ether alone; with tokens, accounts.csv has the column "asset" and import.json the key "assets".
constexpr int kSchemaVersion = 1, kTokensSchemaVersion = 2;

int schema_version(const Dataset& data) { return data.is_ether_only() ? kSchemaVersion : kTokensSchemaVersion; }

std::vector<std::string_view> account_header(const Dataset& data) {
  std::vector<std::string_view> header = {"slot", "account_id", "address"};
  if (!data.is_ether_only()) header.emplace_back("asset");
  return header;
}

std::string hex_sha256(std::string_view text) {
  return to_hex(sha256(ByteSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())));
}

/// The report without "content_sha256", whose value is the SHA-256 of this compact dump.
Json report_of(const Dataset& data, const Json& files) {
  Json report = {{"format", kFormat}, {"schema_version", schema_version(data)}, {"software_version", LL_VERSION}};
  report.update(Json::parse(to_json(data.summary())));
  report["files"] = files;
  return report;
}

/// Reads a small CSV with a fixed header; row(cells) returns what is wrong, "" when nothing is.
std::optional<Error> read_table(
    const fs::path& path, const std::vector<std::string_view>& header,
    const std::function<std::string(std::size_t, const std::vector<std::string_view>&)>& row) {
  auto reader = CsvReader::open(path);
  if (!reader) return reader.error();
  const auto broken = [&](const std::string& what) {
    return Error(ErrorCode::malformed, fmt::format("{}: line {}: {}", path.string(), reader.value().line(), what),
                 fmt::format("{}, line {}", path.string(), reader.value().line()));
  };
  for (std::size_t count = 0;; ++count) {
    const auto more = reader.value().next();
    if (!more) return more.error();
    if (!more.value()) return count > 0 ? std::nullopt : std::optional(broken("the file is empty"));
    const auto& cells = reader.value().cells();
    if (count == 0) {
      if (cells != header) return broken(fmt::format("expected the header {}", fmt::join(header, ",")));
      continue;
    }
    if (count > kMaxAccounts) return broken(fmt::format("more than {} accounts", kMaxAccounts));
    if (cells.size() != header.size()) {
      return broken(fmt::format("{} cells, expected {}", cells.size(), header.size()));
    }
    if (cells[0] != std::to_string(count - 1)) {
      return broken(fmt::format("column \"slot\": expected {}, found \"{}\"", count - 1, cells[0]));
    }
    if (const std::string wrong = row(count - 1, cells); !wrong.empty()) return broken(wrong);
  }
}

std::optional<std::uint32_t> parse_u32(std::string_view text) {
  const auto value = parse_u128(text);
  if (!value || *value > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

std::optional<Error> read_accounts(const fs::path& folder, Dataset& data) {
  auto error = read_table(folder / kAccountsFile, account_header(data), [&](std::size_t, const auto& cells) {
    const auto id = parse_u32(cells[1]);
    if (!id) return fmt::format("column \"account_id\": expected a 32-bit number, found \"{}\"", cells[1]);
    const auto address = parse_address(cells[2]);
    if (!address) return fmt::format("column \"address\": expected 0x and 40 hex digits, found \"{}\"", cells[2]);
    data.accounts.push_back({*id, *address, 0, 0, 0});
    if (cells.size() == 3) return std::string();
    const auto asset = parse_u32(cells[3]);
    if (!asset || *asset >= data.assets.size()) {
      return fmt::format("column \"asset\": expected 0 to {}, found \"{}\"", data.assets.size() - 1, cells[3]);
    }
    data.accounts.back().asset = *asset;
    return std::string();
  });
  if (error) return error;
  std::size_t rows = 0;
  error =
      read_table(folder / kGenesisFile, {"slot", "account_id", "balance_wei", "balance_units"},
                 [&](std::size_t slot, const auto& cells) {
                   if (slot >= data.accounts.size()) return fmt::format("no slot {} in {}", slot, kAccountsFile);
                   if (cells[1] != std::to_string(data.accounts[slot].id)) {
                     return fmt::format("column \"account_id\": expected {} as in {}, found \"{}\"",
                                        data.accounts[slot].id, kAccountsFile, cells[1]);
                   }
                   const auto wei = parse_u128(cells[2]);
                   if (!wei) return fmt::format("column \"balance_wei\": expected wei, found \"{}\"", cells[2]);
                   const auto units = parse_u32(cells[3]);
                   if (!units) {
                     return fmt::format("column \"balance_units\": expected a 32-bit number, found \"{}\"", cells[3]);
                   }
                   data.accounts[slot].genesis_wei = *wei;
                   data.accounts[slot].genesis_units = *units;
                   ++rows;
                   return std::string();
                 });
  if (error) return error;
  if (rows != data.accounts.size()) {
    return malformed("{}: {} accounts, {} has {}", (folder / kGenesisFile).string(), rows, kAccountsFile,
                     data.accounts.size());
  }
  return std::nullopt;
}

/// What cannot be derived from the other files. Throws nlohmann's exceptions for a missing key or another type.
void read_report_fields(const Json& report, Dataset& data) {
  const auto read_unit = [](const Json& from) {
    const auto unit = parse_u128(from.at("unit").get<std::string>());
    if (!unit) throw std::runtime_error("\"unit\" is not a decimal number of wei");
    return *unit;
  };
  if (report.at("schema_version") == kSchemaVersion) {
    data.assets.front().unit = read_unit(report);
  } else {
    data.assets.clear();
    for (const Json& asset : report.at("assets")) {
      DatasetAsset own{.asset = {.symbol = asset.at("symbol").get<std::string>(),
                                 .contract = {},
                                 .decimals = asset.at("decimals").get<unsigned>()},
                       .unit = read_unit(asset)};
      if (!asset.at("contract").is_null()) {
        own.asset.contract = parse_address(asset.at("contract").get<std::string>());
        if (!own.asset.contract) throw std::runtime_error("\"contract\" of an asset is no address");
      }
      data.assets.push_back(std::move(own));
    }
    if (data.assets.empty() || data.assets.size() > kMaxAccounts || data.is_ether_only()) {
      throw std::runtime_error("\"assets\" are not those of a ledger with tokens");
    }
  }
  Provenance& p = data.provenance;
  p.source = report.at("source").get<std::string>();
  p.rows = report.at("rows").get<std::uint64_t>();
  p.kept = report.at("kept").get<std::uint64_t>();
  for (const auto& [reason, rows] : report.at("dropped").items()) p.dropped[reason] = rows.get<std::uint64_t>();
  for (const Json& input : report.at("inputs")) {
    p.inputs.push_back({input.at("name").get<std::string>(), input.at("sha256").get<std::string>(),
                        input.at("format").get<std::string>(), input.at("rows").get<std::uint64_t>()});
  }
}

Result<Dataset> load_checked(const fs::path& folder) {
  const fs::path report_path = folder / kReportFile;
  const std::string where = report_path.string();
  Json report = Json::parse(read_text(report_path), nullptr, /*allow_exceptions=*/false);
  if (!report.is_object()) return malformed("{}: not a JSON object", where);
  Dataset data;
  Json files;
  try {
    if (report.at("format") != kFormat) return malformed("{}: \"format\" is not \"{}\"", where, kFormat);
    if (report.at("schema_version") != kSchemaVersion && report.at("schema_version") != kTokensSchemaVersion) {
      return malformed("{}: schema_version is {}, this software reads {} and {}", where,
                       report.at("schema_version").dump(), kSchemaVersion, kTokensSchemaVersion);
    }
    static_cast<void>(report.at("software_version").get<std::string>());  // a string, whichever
    const std::string recorded = report.at("content_sha256").get<std::string>();
    report.erase("content_sha256");
    if (hex_sha256(report.dump()) != recorded) {
      return Error(ErrorCode::mismatch, fmt::format("{}: was edited: its content_sha256 does not fit", where), where);
    }
    files = report.at("files");
    read_report_fields(report, data);
    for (const char* name : {kTransfersFile, kGenesisFile, kAccountsFile}) {
      const std::string found = sha256_file(folder / name), expected = files.at(name).get<std::string>();
      if (found == expected) continue;
      return Error(ErrorCode::mismatch,
                   fmt::format("{}: SHA-256 is {}, {} was written with {}", (folder / name).string(), found,
                               kReportFile, expected),
                   (folder / name).string(), "the files of one folder belong together: import again");
    }
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    return malformed("{}: {}", where, error.what());
  }
  auto transfers = read_transfers(read_file(folder / kTransfersFile), (folder / kTransfersFile).string());
  if (!transfers) return transfers.error();
  data.transfers = std::move(transfers).value();
  if (auto error = read_accounts(folder, data)) return *error;
  if (const auto error = data.check()) return error->at(folder.string());
  // Every other field is derived: it must be what this data set gives. The version is that of the writer.
  Json expected = report_of(data, files);
  expected["software_version"] = report["software_version"];
  if (expected != report) {
    for (const auto& [key, value] : expected.items()) {
      if (report.contains(key) && report[key] == value) continue;
      return Error(ErrorCode::mismatch,
                   fmt::format("{}: \"{}\" does not fit the other files: expected {}", where, key, value.dump()),
                   where);
    }
    return Error(ErrorCode::mismatch, fmt::format("{}: has unknown keys, or its keys in another order", where), where);
  }
  return data;
}

}  // namespace

void Dataset::save(const fs::path& folder) const {
  if (const auto error = check()) {
    throw Error(ErrorCode::invalid_argument, "save: " + error->message(), error->where());
  }
  std::string account_text = fmt::format("{}\n", fmt::join(account_header(*this), ","));
  std::string genesis_text = "slot,account_id,balance_wei,balance_units\n";
  for (std::size_t slot = 0; slot < accounts.size(); ++slot) {
    const DatasetAccount& account = accounts[slot];
    account_text += fmt::format("{},{},{}", slot, account.id, to_string(account.address));
    account_text += is_ether_only() ? "\n" : fmt::format(",{}\n", account.asset);
    genesis_text +=
        fmt::format("{},{},{},{}\n", slot, account.id, ll::to_string(account.genesis_wei), account.genesis_units);
  }
  write_transfers(folder / kTransfersFile, transfers);
  write_text(folder / kGenesisFile, genesis_text);
  write_text(folder / kAccountsFile, account_text);
  Json report = report_of(*this, {{kTransfersFile, sha256_file(folder / kTransfersFile)},
                                  {kGenesisFile, hex_sha256(genesis_text)},
                                  {kAccountsFile, hex_sha256(account_text)}});
  report["content_sha256"] = hex_sha256(report.dump());
  write_text(folder / kReportFile, report.dump(2) + "\n");
}

Result<Dataset> Dataset::load(const fs::path& folder) {
  try {
    return load_checked(folder);
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return Error(ErrorCode::io, fmt::format("{}: {}", folder.string(), error.what()), folder.string());
  }
}

}  // namespace ll::ledger
