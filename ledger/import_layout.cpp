#include "ledger/import_layout.hpp"

#include <algorithm>

namespace ll::ledger {
namespace {

using enum Role;
using Column = Layout::Column;

std::vector<Layout> make_layouts() {
  const Column etl_ends[] = {
      {sender, {"from_address"}}, {receiver, {"to_address"}}, {value, {"value"}}, {block, {"block_number"}}};
  std::vector<Layout> layouts;
  const auto etl = [&](std::initializer_list<Column> more) {
    std::vector<Column> columns(std::begin(etl_ends), std::end(etl_ends));
    columns.insert(columns.end(), more);
    return columns;
  };
  layouts.push_back({.id = "bigquery-token-transfers",
                     .title = "BigQuery token transfers",
                     .columns = {{sender, {"from_address"}},
                                 {receiver, {"to_address"}},
                                 {value, {"amount", "quantity"}},
                                 {block, {"block_number"}},
                                 {contract, {"contract_address", "address", "token_address"}},
                                 {hash, {"transaction_hash"}},
                                 {log_index, {"log_index", "event_index"}},
                                 {token_type, {"token_type", "event_type"}, false}},
                     .tokens = true,
                     .hex_values = true});
  layouts.push_back(
      {.id = "etl-token-transfers",
       .title = "ethereum-etl token transfers",
       .columns = etl({{contract, {"token_address"}}, {hash, {"transaction_hash"}}, {log_index, {"log_index"}}}),
       .tokens = true});
  layouts.push_back({.id = "chartalist",
                     .title = "Chartalist token transfers",
                     .columns = etl({{contract, {"contract_address"}}, {tx_index, {"transaction_index"}}}),
                     .unit = ValueUnit::ether,
                     .tokens = true});
  layouts.push_back({.id = "bigquery-transactions",
                     .title = "BigQuery transactions",
                     .columns = etl({{hash, {"hash", "transaction_hash"}},
                                     {tx_index, {"transaction_index"}},
                                     {input, {"input"}},
                                     {status, {"receipt_status"}},
                                     {marker, {"receipt_gas_used"}}}),
                     .hex_values = true});
  layouts.push_back({.id = "etl-transactions",
                     .title = "ethereum-etl transactions",
                     .columns = etl({{hash, {"hash"}},
                                     {tx_index, {"transaction_index"}},
                                     {input, {"input"}},
                                     {status, {"receipt_status"}, false}})});
  layouts.push_back({.id = "bigquery-selection",
                     .title = "BigQuery selection without input",
                     .columns = etl({{hash, {"hash", "transaction_hash"}, false},
                                     {tx_index, {"transaction_index"}, false},
                                     {status, {"receipt_status"}, false}}),
                     .hex_values = true});
  layouts.push_back({.id = "etherscan-tokentx",
                     .title = "Etherscan API tokentx",
                     .columns = {{sender, {"from"}},
                                 {receiver, {"to"}},
                                 {value, {"value"}},
                                 {block, {"blockNumber"}},
                                 {tx_index, {"transactionIndex"}},
                                 {hash, {"hash"}},
                                 {contract, {"contractAddress"}},
                                 {decimals, {"tokenDecimal"}},
                                 {symbol, {"tokenSymbol"}},
                                 {log_index, {"logIndex"}, false}},
                     .tokens = true,
                     .placeholders = true});
  layouts.push_back({.id = "etherscan-txlist",
                     .title = "Etherscan API txlist",
                     .columns = {{sender, {"from"}},
                                 {receiver, {"to"}},
                                 {value, {"value"}},
                                 {block, {"blockNumber"}},
                                 {tx_index, {"transactionIndex"}},
                                 {hash, {"hash"}},
                                 {input, {"input"}},
                                 {is_error, {"isError"}},
                                 {status, {"txreceipt_status"}, false}},
                     .placeholders = true});
  const std::vector<std::string_view> site_hash = {"Txhash", "Transaction Hash"};
  const std::vector<std::string_view> site_block = {"Blockno", "BlockNo"};
  layouts.push_back({.id = "etherscan-token-export",
                     .title = "Etherscan website token export",
                     .columns = {{hash, site_hash},
                                 {block, site_block},
                                 {sender, {"From"}},
                                 {receiver, {"To"}},
                                 {value, {"TokenValue", "Value", "Quantity"}},
                                 {contract, {"ContractAddress"}},
                                 {symbol, {"TokenSymbol"}}},
                     .unit = ValueUnit::ether,
                     .tokens = true,
                     .thousands = true,
                     .extra_cell = true});
  layouts.push_back({.id = "etherscan-export",
                     .title = "Etherscan website export",
                     .columns = {{hash, site_hash},
                                 {block, site_block},
                                 {sender, {"From"}},
                                 {receiver, {"To"}},
                                 {value, {"Value_IN(*"}},
                                 {value_out, {"Value_OUT(*"}},
                                 {error, {"Status"}},
                                 {method, {"Method"}}},
                     .unit = ValueUnit::ether,
                     .thousands = true,
                     .extra_cell = true});
  layouts.push_back({.id = "from-to-value-ether",
                     .title = "block_number,from,to,value in ether",
                     .columns = {{block, {"block_number"}},
                                 {sender, {"from"}},
                                 {receiver, {"to"}},
                                 {value, {"value"}},
                                 {hash, {"hash"}},
                                 {marker, {"gas"}},
                                 {marker, {"gas_price"}}},
                     .unit = ValueUnit::ether,
                     .exact = true});
  layouts.push_back({.id = "from-to-value",
                     .title = "from,to,value,block_number",
                     .columns = {{sender, {"from"}}, {receiver, {"to"}}, {value, {"value"}}, {block, {"block_number"}}},
                     .exact = true});
  layouts.push_back({.id = "jsonrpc",
                     .title = "JSON-RPC blocks",
                     .columns = {{sender, {"from"}},
                                 {receiver, {"to"}},
                                 {value, {"value"}},
                                 {block, {"blockNumber"}},
                                 {tx_index, {"transactionIndex"}},
                                 {hash, {"hash"}},
                                 {input, {"input"}}},
                     .exact = true,
                     .hex_values = true});
  return layouts;
}

/// Roles that `--map` can name, and the names it knows them by.
const std::pair<Role, std::vector<std::string_view>> kMapRoles[] = {
    {sender, {"from", "sender"}},
    {receiver, {"to", "receiver"}},
    {value, {"value", "amount"}},
    {block, {"block", "block_number"}},
    {tx_index, {"index", "tx_index"}},
    {log_index, {"log_index"}},
    {hash, {"hash"}},
    {input, {"input"}},
    {status, {"status"}},
    {is_error, {"is_error"}},
    {contract, {"contract", "token"}},
    {decimals, {"decimals"}},
    {symbol, {"symbol"}},
};

std::optional<Role> map_role(std::string_view name) {
  for (const auto& [role, names] : kMapRoles) {
    if (std::ranges::find(names, name) != names.end()) return role;
  }
  return std::nullopt;
}

std::string map_role_names() {
  std::string text;
  for (const auto& [_, names] : kMapRoles) text += fmt::format("{}{}", text.empty() ? "" : ", ", names.front());
  return text;
}

bool is_name(std::string_view pattern, std::string_view column) {
  return pattern.ends_with('*') ? column.starts_with(pattern.substr(0, pattern.size() - 1)) : column == pattern;
}

std::size_t find_column(std::span<const std::string> header, const Column& column) {
  for (const std::string_view name : column.names) {
    const auto found = std::ranges::find_if(header, [&](const std::string& cell) { return is_name(name, cell); });
    if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
  }
  return BoundLayout::kNone;
}

/// The columns of a layout in a header; the first required one that is missing otherwise.
struct Fit {
  BoundLayout bound;
  const Column* missing = nullptr;
};

Fit fit(const Layout& layout, std::span<const std::string> header) {
  Fit result;
  result.bound.layout = &layout;
  result.bound.columns.fill(BoundLayout::kNone);
  std::size_t found = 0;
  for (const Column& column : layout.columns) {
    const std::size_t at = find_column(header, column);
    if (at == BoundLayout::kNone && column.required && result.missing == nullptr) result.missing = &column;
    if (at != BoundLayout::kNone) ++found;
    if (column.role != marker) result.bound.columns[static_cast<std::size_t>(column.role)] = at;
  }
  if (result.missing == nullptr && layout.exact && found != header.size()) result.missing = &layout.columns.front();
  return result;
}

std::string required_names(const Layout& layout) {
  std::string text;
  for (const Column& column : layout.columns) {
    if (column.required) text += fmt::format("{}{}", text.empty() ? "" : ",", column.names.front());
  }
  return text;
}

std::string shown_header(std::span<const std::string> header) {
  std::string text = fmt::format("{}", fmt::join(header, ","));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
  }
  return text.size() <= 300 ? text : text.substr(0, 300) + "...";
}

Error unknown_header(std::span<const std::string> header) {
  std::string known;
  for (const Layout& layout : known_layouts()) {
    known += fmt::format("{} {} ({} the columns {})", known.empty() ? "" : ";", layout.title,
                         layout.exact ? "exactly" : "at least", required_names(layout));
  }
  return Error(ErrorCode::malformed,
               fmt::format("unknown header \"{}\"; known layouts:{}", shown_header(header), known), {},
               "name the columns: --map from=COLUMN,to=COLUMN,value=COLUMN,block=COLUMN");
}

const Layout& mapped_layout(bool tokens, ValueUnit unit) {
  static const std::array<Layout, 4> layouts = [] {
    std::array<Layout, 4> made;
    for (std::size_t i = 0; i < made.size(); ++i) {
      made[i] = {.id = "map", .title = "mapped columns", .columns = {}};
      made[i].tokens = (i & 1) != 0;
      made[i].unit = (i & 2) != 0 ? ValueUnit::ether : ValueUnit::base;
      made[i].hex_values = made[i].thousands = true;
    }
    return made;
  }();
  return layouts[(tokens ? 1u : 0u) | (unit == ValueUnit::ether ? 2u : 0u)];
}

Result<BoundLayout> bind_map(std::span<const std::string> header, const ColumnMap& map, ValueUnit unit) {
  BoundLayout bound;
  bound.columns.fill(BoundLayout::kNone);
  const auto refused = [&](const std::string& what) {
    return Error(ErrorCode::malformed, fmt::format("--map: {}; the header is \"{}\"", what, shown_header(header)), {},
                 "roles: " + map_role_names());
  };
  const auto column_of = [&](std::string_view name) {
    const auto found = std::ranges::find(header, name);
    return found == header.end() ? BoundLayout::kNone : static_cast<std::size_t>(found - header.begin());
  };
  for (const auto& [left, right] : map) {
    // role=column; column=role where only that can be meant
    std::optional<Role> role = map_role(left);
    std::size_t at = column_of(right);
    if (!role || at == BoundLayout::kNone) {
      role = map_role(right);
      at = column_of(left);
    }
    if (!role || at == BoundLayout::kNone) {
      return refused(fmt::format("\"{}={}\" names no role and column", left, right));
    }
    std::size_t& slot = bound.columns[static_cast<std::size_t>(*role)];
    if (slot != BoundLayout::kNone) return refused(fmt::format("\"{}={}\": the role is given twice", left, right));
    slot = at;
  }
  for (const auto& [role, names] : kMapRoles) {  // a column that goes by a role's name needs no mention
    std::size_t& slot = bound.columns[static_cast<std::size_t>(role)];
    for (const std::string_view name : names) {
      if (slot != BoundLayout::kNone) break;
      const std::size_t at = column_of(name);
      if (std::ranges::find(bound.columns, at) == bound.columns.end()) slot = at;
    }
  }
  for (const Role needed : {sender, receiver, value}) {
    if (!bound.has(needed)) {
      return refused(fmt::format("no column for \"{}\"", needed == sender     ? "from"
                                                         : needed == receiver ? "to"
                                                                              : "value"));
    }
  }
  bound.layout = &mapped_layout(bound.has(contract), unit);
  return bound;
}

}  // namespace

std::span<const Layout> known_layouts() {
  static const std::vector<Layout> layouts = make_layouts();
  return layouts;
}

std::string layout_ids() {
  std::string text;
  for (const Layout& layout : known_layouts()) text += fmt::format("{}{}", text.empty() ? "" : ", ", layout.id);
  return text;
}

Result<const Layout*> find_layout(std::string_view id) {
  for (const Layout& layout : known_layouts()) {
    if (layout.id == id || layout.title == id) return &layout;
  }
  return Error(ErrorCode::invalid_argument,
               fmt::format("unknown format \"{}\", expected one of: {}", id, layout_ids()));
}

Result<ColumnMap> parse_column_map(std::string_view text) {
  ColumnMap map;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view pair = text.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == pair.size()) {
      return Error(ErrorCode::invalid_argument, fmt::format("--map: expected ROLE=COLUMN, found \"{}\"", pair), {},
                   "roles: " + map_role_names());
    }
    map.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return map;
}

Result<BoundLayout> bind_layout(std::span<const std::string> header, const Layout* forced, const ColumnMap& map,
                                std::optional<ValueUnit> map_unit) {
  Fit chosen;
  if (!map.empty()) {
    auto bound = bind_map(header, map, map_unit.value_or(ValueUnit::base));
    if (!bound) return bound.error();
    chosen.bound = bound.value();
  } else if (forced != nullptr) {
    chosen = fit(*forced, header);
    if (chosen.missing != nullptr) {
      return malformed("the header \"{}\" is not that of {}: it needs {} the columns {}", shown_header(header),
                       forced->title, forced->exact ? "exactly" : "at least", required_names(*forced));
    }
  } else {
    for (const Layout& layout : known_layouts()) {
      chosen = fit(layout, header);
      if (chosen.missing == nullptr) break;
    }
    if (chosen.missing != nullptr) return unknown_header(header);
  }
  for (const std::size_t column : chosen.bound.columns) {
    if (column == BoundLayout::kNone) continue;
    if (std::ranges::count(header, header[column]) > 1) return malformed("column \"{}\" comes twice", header[column]);
  }
  return chosen.bound;
}

}  // namespace ll::ledger
