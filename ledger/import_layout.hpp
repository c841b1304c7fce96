#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace ll::ledger {

/// What a column of a transfer table means.
enum class Role : std::uint8_t {
  sender,      ///< an address
  receiver,    ///< an address; empty where a contract is created
  value,       ///< amount
  value_out,   ///< amount when the first is 0: exports of one wallet have one column for each direction
  block,       ///< block number
  tx_index,    ///< position in the block
  log_index,   ///< position among the block's events
  hash,        ///< of the transaction
  input,       ///< call data
  status,      ///< 0: failed
  is_error,    ///< 1: failed
  error,       ///< any text: failed
  method,      ///< "Transfer" where a row is a plain transfer
  contract,    ///< the token's address
  decimals,    ///< of the token
  symbol,      ///< of the token
  token_type,  ///< "ERC20" where amounts are fungible
  marker,      ///< not read: only tells layouts apart
};
inline constexpr std::size_t kRoles = 18;

/// How amounts are written.
enum class ValueUnit : std::uint8_t {
  base,   ///< wei, or the token's base units
  ether,  ///< ether, or the token's own unit, with decimals
};

/// A known layout of a transfer table.
struct Layout {
  struct Column {
    Role role;
    /// Names it goes by; one that ends in '*' stands for every name with that beginning.
    std::vector<std::string_view> names;
    bool required = true;
  };
  std::string_view id;     ///< as `--format` takes it
  std::string_view title;  ///< as reports show it
  std::vector<Column> columns;
  ValueUnit unit = ValueUnit::base;
  bool tokens = false;        ///< transfers of tokens, else of ether
  bool exact = false;         ///< no other columns: the header alone must tell what the values are
  bool hex_values = false;    ///< amounts may be 0x hex
  bool thousands = false;     ///< amounts may have commas between groups of three digits
  bool extra_cell = false;    ///< rows may have one empty cell more than the header
  bool placeholders = false;  ///< rows of an account without transactions, and of the genesis, may occur
};

/// Every known layout; more special ones first.
std::span<const Layout> known_layouts();
/// Their ids, for messages and help.
std::string layout_ids();
/// Error{invalid_argument} that lists the ids for a name that is none.
Result<const Layout*> find_layout(std::string_view id);

/// A pair of `--map`: ours and the file's name of a column, in either order.
using ColumnMap = std::vector<std::pair<std::string, std::string>>;
/// Reads "from=sender,to=receiver". Error{invalid_argument} for anything else.
Result<ColumnMap> parse_column_map(std::string_view text);

/// Where the columns of one file are.
struct BoundLayout {
  static constexpr std::size_t kNone = SIZE_MAX;
  const Layout* layout = nullptr;
  std::array<std::size_t, kRoles> columns{};

  std::size_t at(Role role) const noexcept { return columns[static_cast<std::size_t>(role)]; }
  bool has(Role role) const noexcept { return at(role) != kNone; }
};

/// Finds the layout of a header: the forced one, one made by `map`, or the first known one that fits. The message of an
/// error says what was found and what is known; the caller adds the place.
Result<BoundLayout> bind_layout(std::span<const std::string> header, const Layout* forced, const ColumnMap& map,
                                std::optional<ValueUnit> map_unit);

}  // namespace ll::ledger
