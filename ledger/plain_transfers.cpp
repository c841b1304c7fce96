#include "ledger/plain_transfers.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/hash.hpp"
#include "ledger/table_file.hpp"

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
  std::size_t operator()(const Holder& holder) const noexcept {
    return (*this)(holder.address.bytes) + holder.asset * 0x2545f4914f6cdd1du;
  }
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

/// Words that exporters write for nothing.
bool is_null_word(std::string_view text) {
  if (text.size() < 2 || text.size() > 5) return false;
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower == "null" || lower == "none" || lower == "nan" || lower == "<na>" || lower == "\\n";
}

/// The cells of one file by role, checked as they are asked for.
class RowReader {
 public:
  RowReader(const std::filesystem::path& path, std::unique_ptr<RecordReader> reader)
      : path_(path.string()), reader_(std::move(reader)) {}

  RecordReader& reader() { return *reader_; }
  const Layout& layout() const { return *bound_.layout; }
  bool has(Role role) const { return bound_.has(role); }

  std::optional<Error> read_header(const ReadOptions& options) {
    const auto more = reader_->next();
    if (!more) return more.error();
    if (!more.value()) {
      return Error(ErrorCode::malformed, fmt::format("{}: the file is empty, expected a header line", path_), path_,
                   "formats: " + layout_ids());
    }
    header_.assign(reader_->cells().begin(), reader_->cells().end());
    auto bound = bind_layout(header_, options.format, options.map, options.map_unit);
    if (!bound) {
      return Error(bound.error().code(), fmt::format("{}: {}: {}", path_, reader_->place(), bound.error().message()),
                   fmt::format("{}, {}", path_, reader_->place()), bound.error().hint());
    }
    bound_ = bound.value();
    return std::nullopt;
  }

  /// Error{malformed} unless the row has as many cells as the header.
  std::optional<Error> check_length() const {
    const std::size_t came = reader_->cells().size();
    if (came == header_.size()) return std::nullopt;
    if (layout().extra_cell && came == header_.size() + 1 && reader_->cells().back().empty()) return std::nullopt;
    const std::string where = fmt::format("{}, {}", path_, reader_->place());
    if (came > header_.size()) {
      return Error(ErrorCode::malformed,
                   fmt::format("{}: {}: {} cells, the header has {}", path_, reader_->place(), came, header_.size()),
                   where);
    }
    return Error(ErrorCode::malformed,
                 fmt::format("{}: {}: cut line: {} cells, the header has {}; column \"{}\" is missing", path_,
                             reader_->place(), came, header_.size(), header_[came]),
                 where);
  }

  /// The cell of a column that the layout has; nothing for a word that means so.
  std::string_view cell(Role role) const {
    const std::string_view text = reader_->cells()[bound_.at(role)];
    return is_null_word(text) ? std::string_view() : text;
  }

  Error bad_cell(Role role, std::string_view expected, std::string hint = {}) const {
    const std::string& column = header_[bound_.at(role)];
    return Error(ErrorCode::malformed,
                 fmt::format("{}: {}, column \"{}\": expected {}, found {}", path_, reader_->place(), column, expected,
                             shown(reader_->cells()[bound_.at(role)])),
                 fmt::format("{}, {}, column {}", path_, reader_->place(), column), std::move(hint));
  }

  /// True when every required cell is empty: how some tables list an account without transactions.
  bool is_placeholder() const {
    return layout().placeholders && std::ranges::all_of(layout().columns, [&](const Layout::Column& column) {
             return !column.required || column.role == Role::marker || cell(column.role).empty();
           });
  }

  Result<std::uint64_t> integer(Role role, std::uint64_t most, std::string_view expected) const {
    const CellValue parsed = parse_amount(cell(role), 0, FloatPolicy::refuse, layout().hex_values, false);
    if (parsed.problem == CellValue::Problem::none && parsed.value <= most) return std::uint64_t(parsed.value);
    if (parsed.problem == CellValue::Problem::none || parsed.problem == CellValue::Problem::too_large) {
      return bad_cell(role, fmt::format("{} of at most {}", expected, most));
    }
    return bad_cell(role, expectation(parsed, expected));
  }

  Result<Address> address(Role role) const {
    if (const auto parsed = parse_address(cell(role))) return *parsed;
    return bad_cell(role, "an address (0x and 40 hex digits)");
  }

  Result<Digest32> hash() const {
    std::string_view text = cell(Role::hash);
    if (text.starts_with("0x")) text.remove_prefix(2);
    if (text.size() == 64) {
      if (const auto bytes = from_hex(text)) {
        Digest32 digest;
        std::ranges::copy(*bytes, digest.begin());
        return digest;
      }
    }
    return bad_cell(Role::hash, "a transaction hash (0x and 64 hex digits)");
  }

  /// True when the cell holds call data: anything but nothing or "0x".
  Result<bool> has_input() const {
    const std::string_view text = cell(Role::input);
    if (text.empty() || text == "0x") return false;
    const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
    if (text.starts_with("0x") && std::ranges::all_of(text.substr(2), hex)) return true;
    return bad_cell(Role::input, "input data (0x and hex digits)");
  }

  Result<bool> failed() const {
    for (const auto& [role, failing, fine] :
         {std::tuple{Role::status, "0", "1"}, std::tuple{Role::is_error, "1", "0"}}) {
      if (!has(role)) continue;
      const std::string_view text = cell(role);
      if (text == failing) return true;
      if (!text.empty() && text != fine) return bad_cell(role, "a status (0, 1 or nothing)");
    }
    return has(Role::error) && !cell(Role::error).empty() && cell(Role::error) != "Success";
  }

 private:
  std::string path_;
  std::unique_ptr<RecordReader> reader_;
  std::vector<std::string> header_;
  BoundLayout bound_;
};

class Importer {
 public:
  explicit Importer(const ReadOptions& options) : options_(options) {}

  Result<std::uint64_t> read(RowReader& file, Progress* progress) {
    std::uint64_t rows = 0;
    while (true) {
      const auto more = file.reader().next();
      if (!more) return more.error();
      if (!more.value()) return rows;
      ++rows;
      const auto reason = row(file);
      if (!reason) return reason.error();
      if (reason.value() != nullptr) ++result_.provenance.dropped[reason.value()];
      if (progress != nullptr && rows % 4096 == 0) {
        progress->update(file.reader().bytes_read());
        if (progress->stop_requested()) return Error(ErrorCode::interrupted, "import stopped");
      }
    }
  }

  PlainTransfers finish() {
    // Assets by contract, ether (without one) first; holders ascending; positions to match; then chain order.
    const std::vector<std::uint32_t> asset_at = sort_positions(assets_, result_.assets, &Asset::contract);
    for (Holder& holder : holders_) holder.asset = asset_at[holder.asset];
    const std::vector<std::uint32_t> holder_at = sort_positions(holders_, result_.holders, std::identity());
    for (PlainTransfer& transfer : result_.transfers) {
      transfer.sender = holder_at[transfer.sender];
      transfer.receiver = holder_at[transfer.receiver];
    }
    std::ranges::stable_sort(result_.transfers, {},
                             [](const PlainTransfer& t) { return std::pair(t.block, t.tx_index); });
    result_.provenance.kept = result_.transfers.size();
    return std::move(result_);
  }

  Provenance& provenance() { return result_.provenance; }

 private:
  /// `sorted` becomes `items` in ascending order; returns where each item went.
  template <class T, class Key>
  static std::vector<std::uint32_t> sort_positions(const std::vector<T>& items, std::vector<T>& sorted, Key key) {
    std::vector<std::uint32_t> order(items.size()), position(items.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, {}, [&](std::uint32_t i) -> decltype(auto) { return std::invoke(key, items[i]); });
    for (std::uint32_t i = 0; i < order.size(); ++i) {
      position[order[i]] = i;
      sorted.push_back(items[order[i]]);
    }
    return position;
  }

  /// Takes one row in; returns why it is dropped, nullptr when it is kept.
  Result<const char*> row(RowReader& file) {
    if (auto error = file.check_length()) return *error;
    if (file.is_placeholder()) return "empty_row";
    if (file.layout().placeholders && file.cell(Role::sender) == "GENESIS") return "genesis";
    const bool tokens = file.layout().tokens;
    if (file.has(Role::token_type) && file.cell(Role::token_type) != "ERC20" &&
        file.cell(Role::token_type) != "ERC-20") {
      return "not_erc20";
    }
    PlainTransfer transfer;
    const auto block = file.has(Role::block) ? file.integer(Role::block, UINT64_MAX, "a block number (decimal digits)")
                                             : Result<std::uint64_t>(0);
    if (!block) return block.error();
    transfer.block = block.value();
    const auto sender = file.address(Role::sender);
    if (!sender) return sender.error();
    const bool may_create = !tokens && (file.has(Role::input) || file.has(Role::method) || file.has(Role::hash));
    const bool has_receiver = !may_create || !file.cell(Role::receiver).empty();
    Address receiver;
    if (has_receiver) {
      const auto parsed = file.address(Role::receiver);
      if (!parsed) return parsed.error();
      receiver = parsed.value();
    }
    const auto asset = asset_of(file);
    if (!asset) return asset.error();
    if (auto error = read_index(file, transfer)) return *error;
    const auto amount = amount_of(file, assets_[asset.value()]);
    if (!amount) return amount.error();
    transfer.amount = amount.value().value;

    const auto duplicate = is_duplicate(file, sender.value(), receiver, asset.value(), transfer.amount);
    if (!duplicate) return duplicate.error();
    const auto failed = file.failed();
    if (!failed) return failed.error();
    const auto has_input = file.has(Role::input)    ? file.has_input()
                           : file.has(Role::method) ? Result<bool>(!file.cell(Role::method).starts_with("Transfer"))
                                                    : Result<bool>(false);
    if (!has_input) return has_input.error();

    const char* reason = duplicate.value()            ? (tokens ? "duplicate_transfer" : "duplicate_hash")
                         : failed.value()             ? "failed"
                         : !wanted_[asset.value()]    ? "other_asset"
                         : has_input.value()          ? "has_input"
                         : !has_receiver              ? "contract_creation"
                         : receiver == sender.value() ? "to_self"
                         : amount.value().problem == CellValue::Problem::inexact   ? "inexact_value"
                         : amount.value().problem == CellValue::Problem::too_large ? "too_large"
                         : transfer.amount == 0                                    ? "zero_value"
                                                                                   : nullptr;
    if (reason != nullptr) return reason;
    u128& sum = sums_[asset.value()];
    if (transfer.amount > kMaxWei - sum) {
      return file.bad_cell(
          Role::value,
          tokens ? "amounts of one token that add up to less than 10^38" : "values that add up to less than 10^38 wei",
          tokens ? "leave this token out: --asset names those to keep" : "");
    }
    sum += transfer.amount;
    transfer.sender = position_of({sender.value(), asset.value()});
    transfer.receiver = position_of({receiver, asset.value()});
    result_.transfers.push_back(transfer);
    return nullptr;
  }

  std::optional<Error> read_index(const RowReader& file, PlainTransfer& transfer) {
    const Role role = file.has(Role::log_index) ? Role::log_index : Role::tx_index;
    if (!file.has(role)) {
      transfer.tx_index = rows_of_block_[transfer.block]++;
      return std::nullopt;
    }
    const auto index = file.integer(role, UINT32_MAX, "a transaction index (decimal digits)");
    if (!index) return index.error();
    transfer.tx_index = static_cast<std::uint32_t>(index.value());
    return std::nullopt;
  }

  /// An amount that is dropped by class keeps its problem; others are errors.
  Result<CellValue> amount_of(const RowReader& file, const Asset& asset) const {
    const Layout& layout = file.layout();
    const unsigned decimals = layout.unit == ValueUnit::ether ? asset.decimals : 0;
    const std::string what = layout.unit == ValueUnit::ether
                                 ? fmt::format("an amount with at most {} decimals", decimals)
                             : layout.tokens ? "base units as a decimal integer"
                                             : "wei as a decimal integer";
    CellValue result;
    for (const Role role : {Role::value, Role::value_out}) {
      if (!file.has(role)) continue;
      CellValue value = parse_amount(file.cell(role), decimals, options_.floats, layout.hex_values, layout.thousands);
      if (value.problem == CellValue::Problem::none && value.value > kMaxWei)
        value.problem = CellValue::Problem::too_large;
      if (value.problem == CellValue::Problem::too_large && !layout.tokens) {
        return file.bad_cell(role, fmt::format("{} of at most {}", what, ll::to_string(kMaxWei)));
      }
      const bool by_class =
          value.problem == CellValue::Problem::too_large ||
          (value.problem == CellValue::Problem::inexact && options_.floats == FloatPolicy::exact_only);
      if (value.problem != CellValue::Problem::none && !by_class) {
        const bool from_float =
            value.problem == CellValue::Problem::floating_point || value.problem == CellValue::Problem::inexact;
        return file.bad_cell(
            role, expectation(value, what),
            !from_float ? ""
            : value.problem == CellValue::Problem::floating_point
                ? "a value that went through floating point may have been rounded: export the column as "
                  "an integer or text, or take those that cannot have been with --floats exact"
                : "it has been rounded: export the column as an integer or text, or leave such rows out "
                  "with --floats exact-only");
      }
      if (by_class) value.value = 0;
      if (role == Role::value || result.value == 0) result = value;
    }
    return result;
  }

  /// Position of the row's asset in assets_; adds one that is new.
  Result<std::uint32_t> asset_of(const RowReader& file) {
    std::optional<Address> contract;
    if (file.layout().tokens) {
      const auto parsed = file.address(Role::contract);
      if (!parsed) return parsed.error();
      contract = parsed.value();
    }
    const auto [found, added] = asset_positions_.try_emplace(contract, static_cast<std::uint32_t>(assets_.size()));
    std::optional<unsigned> decimals;
    if (file.has(Role::decimals)) {
      const auto parsed = file.integer(Role::decimals, 77, "a number of decimals");
      if (!parsed) return parsed.error();
      decimals = static_cast<unsigned>(parsed.value());
    }
    if (added) {
      Asset asset;
      if (contract) {
        const auto known = known_token(*contract);
        asset = known.value_or(Asset{to_string(*contract), contract, 18});
        if (file.has(Role::symbol) && !file.cell(Role::symbol).empty()) asset.symbol = clean(file.cell(Role::symbol));
      }
      if (decimals) asset.decimals = *decimals;
      assets_.push_back(asset);
      sums_.push_back(0);
      wanted_.push_back(is_wanted(asset));
    } else if (decimals && *decimals != assets_[found->second].decimals) {
      return file.bad_cell(Role::decimals, fmt::format("{} decimals as before for {}", assets_[found->second].decimals,
                                                       assets_[found->second].symbol));
    }
    return found->second;
  }

  /// A token's own word for itself, which may be anything.
  static std::string clean(std::string_view symbol) {
    std::string text(symbol.substr(0, 32));
    for (char& c : text) {
      if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f || c == ',' || c == '"')
        c = '?';
    }
    return text;
  }

  bool is_wanted(const Asset& asset) const {
    if (options_.assets.empty()) return true;
    return std::ranges::any_of(options_.assets, [&](const std::string& name) {
      return name == asset.symbol || (asset.contract && parse_address(name) == asset.contract);
    });
  }

  Result<bool> is_duplicate(const RowReader& file, const Address& sender, const Address& receiver, std::uint32_t asset,
                            u128 amount) {
    if (!file.has(Role::hash)) return false;
    const auto hash = file.hash();
    if (!hash) return hash.error();
    if (!file.layout().tokens) return !seen_.insert(hash.value()).second;
    Sha256 key;  // (hash, log index), or all that the table tells of a transfer
    key.update(hash.value());
    if (file.has(Role::log_index)) {
      const std::string_view index = file.cell(Role::log_index);
      key.update(ByteSpan(reinterpret_cast<const std::uint8_t*>(index.data()), index.size()));
    } else {
      key.update(sender.bytes);
      key.update(receiver.bytes);
      const std::string rest = fmt::format("{} {}", asset, ll::to_string(amount));
      key.update(ByteSpan(reinterpret_cast<const std::uint8_t*>(rest.data()), rest.size()));
    }
    return !seen_.insert(key.finish()).second;
  }

  std::uint32_t position_of(const Holder& holder) {
    const auto [found, added] = positions_.try_emplace(holder, static_cast<std::uint32_t>(holders_.size()));
    if (added) holders_.push_back(holder);
    return found->second;
  }

  const ReadOptions& options_;
  PlainTransfers result_;
  std::vector<Asset> assets_;  // in order of appearance, as are holders_
  std::vector<u128> sums_;     // by asset
  std::vector<bool> wanted_;   // by asset
  std::map<std::optional<Address>, std::uint32_t> asset_positions_;
  std::vector<Holder> holders_;
  std::unordered_map<Holder, std::uint32_t, FirstBytes> positions_;
  std::unordered_set<Digest32, FirstBytes> seen_;
  std::unordered_map<std::uint64_t, std::uint32_t> rows_of_block_;
};

}  // namespace

Result<PlainTransfers> read_plain_transfers(std::span<const std::filesystem::path> files, const ReadOptions& options,
                                            Progress* progress) {
  Importer importer(options);
  importer.provenance().source = "import";
  for (const std::filesystem::path& path : files) {
    auto reader = open_table(path);
    if (!reader) return reader.error();
    if (progress != nullptr) {
      std::error_code ignored;
      const auto size = std::filesystem::file_size(path, ignored);
      progress->begin("import " + path.filename().string(), ignored ? 0 : size);
    }
    RowReader file(path, std::move(reader).value());
    if (auto error = file.read_header(options)) return *error;
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
        {path.filename().string(), digest, std::string(file.layout().title), rows.value()});
    if (progress != nullptr) progress->end();
  }
  return importer.finish();
}

}  // namespace ll::ledger
