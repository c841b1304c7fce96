#include "ledger/import.hpp"

#include <algorithm>

#include "ledger/quantise.hpp"

namespace ll::ledger {
namespace {

Error no_transfer(const Provenance& p) {
  std::string classes;
  for (const auto& [reason, rows] : p.dropped)
    classes += fmt::format("{} {} {}", classes.empty() ? ":" : ",", rows, reason);
  return malformed("import: no plain transfer among {} rows{}", p.rows, classes);
}

/// Puts known balances in place of the smallest that suffice.
std::optional<Error> set_start_balances(std::vector<u128>& genesis, const AssetSlice& slice, const Dataset& data,
                                        const StartBalances& known) {
  for (std::size_t i = 0; i < genesis.size(); ++i) {
    const Address& address = data.accounts[slice.slots[i]].address;
    const auto found = known.find(address);
    if (found == known.end()) continue;
    if (found->second < genesis[i]) {
      return malformed(
          "import: {} starts with {} wei, its transfers need {}: rewards, fees and internal transfers are "
          "not in these files",
          to_string(address), ll::to_string(found->second), ll::to_string(genesis[i]));
    }
    genesis[i] = found->second;
  }
  return std::nullopt;
}

/// Start balances, unit and quantisation of one asset.
std::optional<Error> complete_asset(Dataset& data, std::uint32_t asset, const ImportOptions& options) {
  const AssetSlice slice = slice_of(data, asset);
  std::vector<u128> genesis = smallest_start_balances(slice.transfers, slice.slots.size());
  if (!data.assets[asset].asset.contract) {
    if (auto error = set_start_balances(genesis, slice, data, options.start_balances)) return error;
  }
  u128 supply = 0;
  for (const u128 balance : genesis) {  // the smallest add up to no more than all amounts, 10^38 - 1
    if (balance > kMaxWei - supply) return malformed("import: start balances add up to more than 10^38 - 1 wei");
    supply += balance;
  }
  const std::string& symbol = data.assets[asset].asset.symbol;
  auto asked = options.units.find(symbol);
  if (asked == options.units.end()) asked = options.units.find("");
  const u128 unit = data.assets[asset].unit = asked != options.units.end() ? asked->second : smallest_unit(supply);
  if (supply / unit > kMaxUnits) {
    return Error(ErrorCode::invalid_argument,
                 fmt::format("import: with a unit of {} wei the {} supply of {} wei is more than 2^32 - 1 units",
                             ll::to_string(unit), symbol, ll::to_string(supply)),
                 {}, fmt::format("leave out the unit, or take {} or more", ll::to_string(smallest_unit(supply))));
  }
  const Quantised quantised = quantise(genesis, slice.transfers, unit);
  for (std::size_t i = 0; i < slice.slots.size(); ++i) {
    data.accounts[slice.slots[i]].genesis_wei = genesis[i];
    data.accounts[slice.slots[i]].genesis_units = quantised.genesis_units[i];
  }
  for (std::size_t i = 0; i < slice.positions.size(); ++i) {
    data.transfers[slice.positions[i]].amount_units = quantised.amount_units[i];
  }
  return std::nullopt;
}

}  // namespace

Result<Dataset> build_dataset(const PlainTransfers& plain, const ImportOptions& options) {
  LL_CHECK(options.choice.count >= kMinAccounts && options.choice.count <= kMaxAccounts,
           "import: {} accounts wanted, expected {} to {}", options.choice.count, kMinAccounts, kMaxAccounts);
  for (const auto& [_, unit] : options.units) LL_CHECK(unit >= 1, "import: the unit must be at least 1 wei");
  if (plain.transfers.empty()) return no_transfer(plain.provenance);
  const auto chosen = choose_accounts(plain, options.choice);
  if (!chosen) return chosen.error();

  Dataset data;
  data.provenance = plain.provenance;
  data.assets.clear();
  constexpr std::uint32_t kOutside = UINT32_MAX;
  std::vector<std::uint32_t> asset_at(plain.assets.size(), kOutside);  // assets that somebody chosen holds
  for (std::uint32_t asset = 0; asset < plain.assets.size(); ++asset) {
    const bool held = std::ranges::any_of(chosen.value(), [&](auto i) { return plain.holders[i].asset == asset; });
    if (!held) continue;
    asset_at[asset] = static_cast<std::uint32_t>(data.assets.size());
    data.assets.push_back({.asset = plain.assets[asset], .unit = 1});
  }
  std::vector<Holder> holders;
  for (const std::uint32_t i : chosen.value()) {
    holders.push_back({plain.holders[i].address, asset_at[plain.holders[i].asset]});
  }
  const std::vector<std::uint32_t> ids = holding_ids(holders, data.assets);
  std::vector<std::pair<std::uint32_t, std::size_t>> by_id;
  for (std::size_t i = 0; i < ids.size(); ++i) by_id.emplace_back(ids[i], i);
  std::ranges::sort(by_id);
  std::vector<std::uint32_t> slot_of(plain.holders.size(), kOutside);
  for (std::uint32_t slot = 0; slot < by_id.size(); ++slot) {
    const auto [id, i] = by_id[slot];
    data.accounts.push_back({id, holders[i].address, 0, 0, holders[i].asset});
    slot_of[chosen.value()[i]] = slot;
  }
  for (const PlainTransfer& t : plain.transfers) {
    const std::uint32_t sender = slot_of[t.sender], receiver = slot_of[t.receiver];
    if (sender == kOutside || receiver == kOutside) continue;
    data.transfers.push_back({t.block, t.tx_index, sender, receiver, t.amount, 0});
  }
  for (std::uint32_t asset = 0; asset < data.assets.size(); ++asset) {
    if (auto error = complete_asset(data, asset, options)) return *error;
  }
  return data;
}

Result<Dataset> import_files(std::span<const std::filesystem::path> files, const ImportOptions& options,
                             Progress* progress) {
  const auto plain = read_plain_transfers(files, options.read, progress);
  if (!plain) return plain.error();
  return build_dataset(plain.value(), options);
}

}  // namespace ll::ledger
