#include "ledger/csv_import.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "ledger/csv_reader.hpp"

namespace ll::ledger {
namespace {

/// Addresses and transaction hashes are digests already: their first bytes will do. Only membership is asked, never
/// order.
struct FirstBytes {
  template <std::size_t N>
  std::size_t operator()(const std::array<std::uint8_t, N>& bytes) const noexcept {
    std::uint64_t first, last;
    std::memcpy(&first, bytes.data(), 8);
    std::memcpy(&last, bytes.data() + N - 8, 8);
    return static_cast<std::size_t>((first ^ (last << 1)) * 0x9e3779b97f4a7c15u);
  }
};

/// Where a layout keeps each thing; kNone for a column that it does not have.
struct Columns {
  static constexpr std::size_t kNone = SIZE_MAX;
  std::size_t sender = kNone, receiver = kNone, value = kNone, block = kNone;
  std::size_t tx_index = kNone, hash = kNone, input = kNone, status = kNone;
};

/// A known layout: names of its columns, empty where it has none.
struct Layout {
  std::string_view name, sender, receiver, value, block, tx_index, hash, input, status;
  bool exact;  // no other columns allowed: the header alone must tell that the values are wei

  std::vector<std::string_view> required() const {
    std::vector<std::string_view> names = {sender, receiver, value, block, tx_index, hash, input};
    std::erase(names, std::string_view());
    return names;
  }
};

constexpr Layout kLayouts[] = {
    {"ethereum-etl transactions", "from_address", "to_address", "value", "block_number", "transaction_index", "hash",
     "input", "receipt_status", false},
    {"from,to,value,block_number", "from", "to", "value", "block_number", "", "", "", "", true},
};

std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 60;
  std::string out = "\"";
  for (const char c : text.substr(0, kMost)) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + (text.size() > kMost ? fmt::format("...\" ({} characters)", text.size()) : "\"");
}

std::string joined(const std::vector<std::string_view>& names) { return fmt::format("{}", fmt::join(names, ",")); }

class FileImport {
 public:
  FileImport(const std::filesystem::path& path, CsvReader reader) : path_(path.string()), reader_(std::move(reader)) {}

  CsvReader& reader() { return reader_; }
  const Layout& layout() const { return *layout_; }
  const Columns& columns() const { return columns_; }

  std::optional<Error> read_header() {
    const auto more = reader_.next();
    if (!more) return more.error();
    if (!more.value()) {
      return Error(ErrorCode::malformed, fmt::format("{}: the file is empty, expected a header line", path_), path_,
                   known_headers());
    }
    header_.assign(reader_.cells().begin(), reader_.cells().end());
    for (const Layout& layout : kLayouts) {
      const auto required = layout.required();
      if (layout.exact && required.size() != header_.size()) continue;
      if (!std::ranges::all_of(required, [&](std::string_view name) { return count(name) >= 1; })) continue;
      for (const std::string& name : header_) {
        if (!name.empty() && count(name) > 1) return bad_header(fmt::format("column {} comes twice", shown(name)));
      }
      layout_ = &layout;
      columns_ = {find(layout.sender),   find(layout.receiver), find(layout.value), find(layout.block),
                  find(layout.tx_index), find(layout.hash),     find(layout.input), find(layout.status)};
      return std::nullopt;
    }
    std::vector<std::string_view> names(header_.begin(), header_.end());
    return bad_header(fmt::format("unknown header {}", shown(joined(names))));
  }

  /// Error{malformed} unless the row has as many cells as the header.
  std::optional<Error> check_length() const {
    const std::size_t came = reader_.cells().size();
    if (came == header_.size()) return std::nullopt;
    const std::string where = fmt::format("{}, line {}", path_, reader_.line());
    if (came > header_.size()) {
      return Error(ErrorCode::malformed,
                   fmt::format("{}: line {}: {} cells, the header has {}", path_, reader_.line(), came, header_.size()),
                   where);
    }
    return Error(ErrorCode::malformed,
                 fmt::format("{}: line {}: cut line: {} cells, the header has {}; column \"{}\" is missing", path_,
                             reader_.line(), came, header_.size(), header_[came]),
                 where);
  }

  std::string_view cell(std::size_t column) const { return reader_.cells()[column]; }

  Error bad_cell(std::size_t column, std::string_view expected, std::string hint = {}) const {
    return Error(ErrorCode::malformed,
                 fmt::format("{}: line {}, column \"{}\": expected {}, found {}", path_, reader_.line(),
                             header_[column], expected, shown(cell(column))),
                 fmt::format("{}, line {}, column {}", path_, reader_.line(), header_[column]), std::move(hint));
  }

  Result<u128> integer(std::size_t column, u128 most, std::string_view expected) const {
    const std::string_view text = cell(column);
    const auto value = parse_u128(text);
    if (value && *value <= most) return *value;
    if (value || (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos)) {
      return bad_cell(column, fmt::format("{} of at most {}", expected, ll::to_string(most)));
    }
    if (text.starts_with('-')) return bad_cell(column, fmt::format("{}, not negative", expected));
    if (!text.empty() && text.find_first_not_of("0123456789.eE+-") == std::string_view::npos) {
      return bad_cell(column, fmt::format("{}, not a floating-point number", expected),
                      "a value that went through floating point may have been rounded: export the column as an integer "
                      "or text");
    }
    return bad_cell(column, expected);
  }

  Result<Address> address(std::size_t column) const {
    if (const auto parsed = parse_address(cell(column))) return *parsed;
    return bad_cell(column, "an address (0x and 40 hex digits)");
  }

  Result<Digest32> hash(std::size_t column) const {
    const std::string_view text = cell(column);
    if (text.size() == 66 && text.starts_with("0x")) {
      if (const auto bytes = from_hex(text.substr(2))) {
        Digest32 digest;
        std::ranges::copy(*bytes, digest.begin());
        return digest;
      }
    }
    return bad_cell(column, "a transaction hash (0x and 64 hex digits)");
  }

  /// True when the cell holds call data: anything but nothing or "0x".
  Result<bool> has_input(std::size_t column) const {
    const std::string_view text = cell(column);
    if (text.empty() || text == "0x") return false;
    const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
    if (text.starts_with("0x") && std::ranges::all_of(text.substr(2), hex)) return true;
    return bad_cell(column, "input data (0x and hex digits)");
  }

  Result<bool> failed(std::size_t column) const {
    const std::string_view text = cell(column);
    if (text.empty() || text == "1") return false;
    if (text == "0") return true;
    return bad_cell(column, "a status (0, 1 or nothing)");
  }

 private:
  std::size_t count(std::string_view name) const { return static_cast<std::size_t>(std::ranges::count(header_, name)); }
  std::size_t find(std::string_view name) const {
    const auto found = std::ranges::find(header_, name);
    return name.empty() || found == header_.end() ? Columns::kNone : static_cast<std::size_t>(found - header_.begin());
  }
  static std::string known_headers() {
    std::string text = "known layouts:";
    for (const Layout& layout : kLayouts) {
      text += fmt::format("{} {} ({} the columns {})", &layout == kLayouts ? "" : ";", layout.name,
                          layout.exact ? "exactly" : "at least", joined(layout.required()));
    }
    return text;
  }
  Error bad_header(const std::string& what) const {
    return Error(ErrorCode::malformed, fmt::format("{}: line {}: {}; {}", path_, reader_.line(), what, known_headers()),
                 fmt::format("{}, line {}", path_, reader_.line()));
  }

  std::string path_;
  CsvReader reader_;
  std::vector<std::string> header_;
  const Layout* layout_ = nullptr;
  Columns columns_;
};

class Importer {
 public:
  Result<std::uint64_t> read(FileImport& file, Progress* progress) {
    std::uint64_t rows = 0;
    while (true) {
      const auto more = file.reader().next();
      if (!more) return more.error();
      if (!more.value()) return rows;
      ++rows;
      if (auto error = row(file)) return *error;
      if (progress != nullptr && rows % 4096 == 0) {
        progress->update(file.reader().bytes_read());
        if (progress->stop_requested()) return Error(ErrorCode::interrupted, "import stopped");
      }
    }
  }

  PlainTransfers finish() {
    // Addresses in ascending order, positions to match; then chain order.
    std::vector<std::uint32_t> order(addresses_.size()), position(addresses_.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, {}, [&](std::uint32_t i) -> const Address& { return addresses_[i]; });
    for (std::uint32_t i = 0; i < order.size(); ++i) {
      position[order[i]] = i;
      result_.addresses.push_back(addresses_[order[i]]);
    }
    for (PlainTransfer& transfer : result_.transfers) {
      transfer.sender = position[transfer.sender];
      transfer.receiver = position[transfer.receiver];
    }
    std::ranges::stable_sort(result_.transfers, {},
                             [](const PlainTransfer& t) { return std::pair(t.block, t.tx_index); });
    result_.provenance.kept = result_.transfers.size();
    return std::move(result_);
  }

  Provenance& provenance() { return result_.provenance; }

 private:
  std::optional<Error> row(FileImport& file) {
    const Columns& columns = file.columns();
    if (auto error = file.check_length()) return error;
    const auto block = file.integer(columns.block, UINT64_MAX, "a block number (decimal digits)");
    if (!block) return block.error();
    const auto sender = file.address(columns.sender);
    if (!sender) return sender.error();
    const bool has_receiver = !file.cell(columns.receiver).empty() || columns.input == Columns::kNone;
    Address receiver;
    if (has_receiver) {
      const auto parsed = file.address(columns.receiver);
      if (!parsed) return parsed.error();
      receiver = parsed.value();
    }
    const auto value = file.integer(columns.value, kMaxWei, "wei as a decimal integer");
    if (!value) return value.error();

    PlainTransfer transfer;
    transfer.block = static_cast<std::uint64_t>(block.value());
    transfer.amount = value.value();
    bool duplicate = false, failed = false, has_input = false;
    if (columns.tx_index != Columns::kNone) {
      const auto tx_index = file.integer(columns.tx_index, UINT32_MAX, "a transaction index (decimal digits)");
      if (!tx_index) return tx_index.error();
      transfer.tx_index = static_cast<std::uint32_t>(tx_index.value());
    } else {
      transfer.tx_index = rows_of_block_[transfer.block]++;
    }
    if (columns.hash != Columns::kNone) {
      const auto hash = file.hash(columns.hash);
      if (!hash) return hash.error();
      duplicate = !hashes_.insert(hash.value()).second;
    }
    if (columns.status != Columns::kNone) {
      const auto status = file.failed(columns.status);
      if (!status) return status.error();
      failed = status.value();
    }
    if (columns.input != Columns::kNone) {
      const auto input = file.has_input(columns.input);
      if (!input) return input.error();
      has_input = input.value();
    }

    const char* reason = duplicate                    ? "duplicate_hash"
                         : failed                     ? "failed"
                         : has_input                  ? "has_input"
                         : !has_receiver              ? "contract_creation"
                         : receiver == sender.value() ? "to_self"
                         : transfer.amount == 0       ? "zero_value"
                                                      : nullptr;
    if (reason != nullptr) {
      ++result_.provenance.dropped[reason];
      return std::nullopt;
    }
    if (transfer.amount > kMaxWei - sum_) {
      return file.bad_cell(columns.value, "values that add up to less than 10^38 wei");
    }
    sum_ += transfer.amount;
    transfer.sender = position_of(sender.value());
    transfer.receiver = position_of(receiver);
    result_.transfers.push_back(transfer);
    return std::nullopt;
  }

  std::uint32_t position_of(const Address& address) {
    const auto [found, added] = positions_.try_emplace(address.bytes, static_cast<std::uint32_t>(addresses_.size()));
    if (added) addresses_.push_back(address);
    return found->second;
  }

  PlainTransfers result_;
  u128 sum_ = 0;
  std::vector<Address> addresses_;  // in order of appearance
  std::unordered_map<std::array<std::uint8_t, 20>, std::uint32_t, FirstBytes> positions_;
  std::unordered_set<Digest32, FirstBytes> hashes_;
  std::unordered_map<std::uint64_t, std::uint32_t> rows_of_block_;
};

}  // namespace

Result<PlainTransfers> read_plain_transfers(std::span<const std::filesystem::path> files, Progress* progress) {
  Importer importer;
  importer.provenance().source = "import";
  for (const std::filesystem::path& path : files) {
    auto reader = CsvReader::open(path);
    if (!reader) return reader.error();
    if (progress != nullptr) {
      std::error_code ignored;
      const auto size = std::filesystem::file_size(path, ignored);
      progress->begin("import " + path.filename().string(), ignored ? 0 : size);
    }
    FileImport file(path, std::move(reader).value());
    if (auto error = file.read_header()) return *error;
    const auto rows = importer.read(file, progress);
    if (!rows) return rows.error();
    const std::string digest = file.reader().finish_sha256();
    for (const InputFile& earlier : importer.provenance().inputs) {
      if (earlier.sha256 != digest) continue;
      return Error(ErrorCode::malformed, fmt::format("{}: has the same bytes as {}", path.string(), earlier.name),
                   path.string(), "give each file once");
    }
    importer.provenance().rows += rows.value();
    importer.provenance().inputs.push_back(
        {path.filename().string(), digest, std::string(file.layout().name), rows.value()});
    if (progress != nullptr) progress->end();
  }
  return importer.finish();
}

}  // namespace ll::ledger
