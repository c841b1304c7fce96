#include "ledger/dataset.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "ledger/quantise.hpp"

namespace ll::ledger {
namespace {

template <class... Args>
Error unsatisfied(fmt::format_string<Args...> format, Args&&... args) {
  return Error(ErrorCode::unsatisfied, fmt::format(format, std::forward<Args>(args)...));
}

/// What a holding's id is the digest of.
Bytes name_of(const Holder& holder, std::span<const DatasetAsset> assets) {
  Bytes name(holder.address.bytes.begin(), holder.address.bytes.end());
  if (const auto& contract = assets[holder.asset].asset.contract) {
    name.insert(name.end(), contract->bytes.begin(), contract->bytes.end());
  }
  return name;
}

std::string shown(const Holder& holder, std::span<const DatasetAsset> assets) {
  const Asset& asset = assets[holder.asset].asset;
  return asset.contract ? fmt::format("{} of {}", asset.symbol, to_string(holder.address)) : to_string(holder.address);
}

std::optional<Error> check_assets(std::span<const DatasetAsset> assets) {
  if (assets.empty()) return malformed("data set: no asset");
  for (std::size_t i = 0; i < assets.size(); ++i) {
    if (assets[i].unit == 0) return malformed("data set: the unit is 0 wei");
    if (i > 0 && assets[i].asset.contract <= assets[i - 1].asset.contract) {
      return malformed("data set: asset {} is not behind the one before by contract", i);
    }
  }
  return std::nullopt;
}

std::optional<Error> check_accounts(const Dataset& data) {
  const auto& accounts = data.accounts;
  if (accounts.size() < kMinAccounts || accounts.size() > kMaxAccounts) {
    return malformed("data set: {} accounts, expected {} to {}", accounts.size(), kMinAccounts, kMaxAccounts);
  }
  std::vector<Holder> holders;
  std::vector<bool> used(data.assets.size(), false);
  for (std::size_t slot = 0; slot < accounts.size(); ++slot) {
    if (slot > 0 && accounts[slot].id <= accounts[slot - 1].id) {
      return malformed("data set: slot {} has account id {} after {}, expected strictly ascending ids", slot,
                       accounts[slot].id, accounts[slot - 1].id);
    }
    if (accounts[slot].asset >= data.assets.size()) {
      return malformed("data set: slot {} is of asset {}, there are {}", slot, accounts[slot].asset,
                       data.assets.size());
    }
    used[accounts[slot].asset] = true;
    holders.push_back({accounts[slot].address, accounts[slot].asset});
  }
  if (const auto unused = std::ranges::find(used, false); unused != used.end()) {
    return malformed("data set: asset {} has no account", unused - used.begin());
  }
  std::vector<Holder> sorted = holders;
  std::ranges::sort(sorted);
  if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end()) {
    return malformed("data set: address {} comes twice", shown(*twice, data.assets));
  }
  const std::vector<std::uint32_t> ids = holding_ids(holders, data.assets);
  for (std::size_t slot = 0; slot < ids.size(); ++slot) {
    if (ids[slot] != accounts[slot].id) {
      return malformed("data set: address {} has account id {}, expected {}", shown(holders[slot], data.assets),
                       accounts[slot].id, ids[slot]);
    }
  }
  return std::nullopt;
}

/// Sums and the quantisation rule of one asset.
std::optional<Error> check_amounts(const Dataset& data, std::uint32_t asset) {
  const AssetSlice slice = slice_of(data, asset);
  const u128 unit = data.assets[asset].unit;
  u128 supply = 0;
  for (const u128 balance : slice.genesis_wei) {
    if (balance > kMaxWei - supply) return malformed("data set: start balances exceed 10^38 - 1 wei");
    supply += balance;
  }
  if (supply / unit > kMaxUnits) {
    return malformed("data set: a supply of {} wei is more than 2^32 - 1 units of {} wei", ll::to_string(supply),
                     ll::to_string(unit));
  }
  try {
    const Quantised expected = quantise(slice.genesis_wei, slice.transfers, unit);
    for (std::size_t i = 0; i < slice.slots.size(); ++i) {
      const std::size_t slot = slice.slots[i];
      if (data.accounts[slot].genesis_units != expected.genesis_units[i]) {
        return malformed("slot {}: start balance of {} units, expected {}", slot, data.accounts[slot].genesis_units,
                         expected.genesis_units[i]);
      }
    }
    for (std::size_t i = 0; i < slice.positions.size(); ++i) {
      const DatasetTransfer& t = data.transfers[slice.positions[i]];
      if (t.amount_units != expected.amount_units[i]) {
        return malformed("transfer {}: {} units, expected {}", slice.positions[i], t.amount_units,
                         expected.amount_units[i]);
      }
    }
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::uint32_t> holding_ids(std::span<const Holder> holders, std::span<const DatasetAsset> assets) {
  std::vector<std::size_t> order(holders.size());  // by address, then contract: the order of the names
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(
      order, {}, [&](std::size_t i) { return std::pair(holders[i].address, assets[holders[i].asset].asset.contract); });
  std::vector<Bytes> names;
  for (const std::size_t i : order) names.push_back(name_of(holders[i], assets));
  const std::vector<std::uint32_t> sorted = ids_of(names);
  std::vector<std::uint32_t> ids(holders.size());
  for (std::size_t i = 0; i < order.size(); ++i) ids[order[i]] = sorted[i];
  return ids;
}

AssetSlice slice_of(const Dataset& data, std::uint32_t asset) {
  AssetSlice slice;
  std::vector<std::uint32_t> position(data.accounts.size(), UINT32_MAX);
  for (std::size_t slot = 0; slot < data.accounts.size(); ++slot) {
    if (data.accounts[slot].asset != asset) continue;
    position[slot] = static_cast<std::uint32_t>(slice.slots.size());
    slice.slots.push_back(slot);
    slice.genesis_wei.push_back(data.accounts[slot].genesis_wei);
  }
  for (std::size_t i = 0; i < data.transfers.size(); ++i) {
    const DatasetTransfer& t = data.transfers[i];
    if (data.accounts[t.sender].asset != asset) continue;
    slice.positions.push_back(i);
    slice.transfers.push_back({position[t.sender], position[t.receiver], t.amount_wei});
  }
  return slice;
}

std::vector<std::uint32_t> Dataset::account_ids() const {
  std::vector<std::uint32_t> ids;
  for (const DatasetAccount& account : accounts) ids.push_back(account.id);
  return ids;
}

std::vector<std::uint32_t> Dataset::genesis_units() const {
  std::vector<std::uint32_t> units;
  for (const DatasetAccount& account : accounts) units.push_back(account.genesis_units);
  return units;
}

std::vector<SlotTransfer> Dataset::unit_transfers() const {
  std::vector<SlotTransfer> list;
  for (const DatasetTransfer& t : transfers) {
    if (t.amount_units > 0) list.push_back({t.sender, t.receiver, t.amount_units});
  }
  return list;
}

std::vector<SlotTransfer> Dataset::wei_transfers() const {
  std::vector<SlotTransfer> list;
  list.reserve(transfers.size());
  for (const DatasetTransfer& t : transfers) list.push_back({t.sender, t.receiver, t.amount_wei});
  return list;
}

std::vector<u128> Dataset::wei_before(std::size_t n) const {
  LL_CHECK(n <= transfers.size(), "there are {} transfers, the balances before number {} were asked for",
           transfers.size(), n);
  std::vector<u128> wei;
  for (const DatasetAccount& account : accounts) wei.push_back(account.genesis_wei);
  for (std::size_t i = 0; i < n; ++i) {
    const DatasetTransfer& t = transfers[i];
    if (t.sender == t.receiver || t.amount_wei > wei.at(t.sender)) {
      fail(ErrorCode::unsatisfied, "transfer {}: slot {} sends {} wei to slot {} out of {}", i, t.sender,
           ll::to_string(t.amount_wei), t.receiver, ll::to_string(wei.at(t.sender)));
    }
    wei[t.sender] -= t.amount_wei;
    wei.at(t.receiver) += t.amount_wei;  // sum <= 10^38 - 1: fits
  }
  return wei;
}

std::vector<std::uint32_t> Dataset::units_before(std::size_t n) const {
  std::vector<std::uint32_t> units = genesis_units();
  std::size_t done = 0;
  for (std::size_t i = 0; done < n && i < transfers.size(); ++i) {
    const DatasetTransfer& t = transfers[i];
    if (t.amount_units == 0) continue;
    if (t.sender == t.receiver || t.amount_units > units.at(t.sender)) {
      fail(ErrorCode::unsatisfied,
           "transfer {} (number {} of the unit ledger): slot {} sends {} units to slot {} out of {}", i, done, t.sender,
           t.amount_units, t.receiver, units.at(t.sender));
    }
    units[t.sender] -= t.amount_units;
    units.at(t.receiver) += t.amount_units;  // sum <= 2^32 - 1: fits
    ++done;
  }
  LL_CHECK(done == n, "state before transfer {}: the unit ledger has {} transfers", n, done);
  return units;
}

State Dataset::state_before(std::size_t n) const {
  const std::vector<std::uint32_t> units = units_before(n);
  std::vector<AccountBalance> entries;
  for (std::size_t slot = 0; slot < accounts.size(); ++slot) entries.push_back({accounts[slot].id, units[slot]});
  return State::from_balances(std::move(entries));
}

State Dataset::genesis_wei() const {
  std::vector<AccountBalance> entries;
  for (const DatasetAccount& account : accounts) entries.push_back({account.id, account.genesis_wei});
  return State::from_balances(std::move(entries));
}

std::optional<Error> Dataset::check() const {
  if (auto error = check_assets(assets)) return error;
  if (auto error = check_accounts(*this)) return error;
  for (std::size_t i = 0; i < transfers.size(); ++i) {
    const DatasetTransfer& t = transfers[i];
    if (t.sender >= accounts.size() || t.receiver >= accounts.size()) {
      return malformed("transfer {}: slot {}, the data set has {} accounts", i, std::max(t.sender, t.receiver),
                       accounts.size());
    }
    if (accounts[t.sender].asset != accounts[t.receiver].asset) {
      return Error(ErrorCode::unsatisfied,
                   fmt::format("transfer {}: slot {} holds {}, slot {} holds {}: one asset does not become another", i,
                               t.sender, assets[accounts[t.sender].asset].asset.symbol, t.receiver,
                               assets[accounts[t.receiver].asset].asset.symbol));
    }
    if (i > 0 && std::pair(t.block, t.tx_index) < std::pair(transfers[i - 1].block, transfers[i - 1].tx_index)) {
      return malformed("transfer {}: block {} index {} comes after block {} index {}, expected chain order", i, t.block,
                       t.tx_index, transfers[i - 1].block, transfers[i - 1].tx_index);
    }
  }
  for (std::uint32_t asset = 0; asset < assets.size(); ++asset) {
    if (auto error = check_amounts(*this, asset)) return error;
  }
  try {
    units_before(unit_transfers().size());  // the unit ledger on its own: throws at the first invalid transfer
  } catch (const Error& error) {
    return error;
  }
  std::uint64_t dropped = 0;
  for (const auto& [reason, rows] : provenance.dropped) dropped += rows;
  if (provenance.kept > provenance.rows || provenance.rows - provenance.kept != dropped) {
    return malformed("data set: {} rows, of which {} kept and {} dropped", provenance.rows, provenance.kept, dropped);
  }
  if (provenance.kept < transfers.size()) {
    return malformed("data set: {} transfers out of {} kept rows", transfers.size(), provenance.kept);
  }
  return std::nullopt;
}

DatasetSummary Dataset::summary() const {
  DatasetSummary s;
  s.provenance = provenance;
  s.accounts = accounts.size();
  s.transfers = transfers.size();
  std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (const DatasetTransfer& t : transfers) {
    pairs.emplace(t.sender, t.receiver);
    s.unit_transfers += t.amount_units > 0 ? 1 : 0;
  }
  s.pairs = pairs.size();
  s.absorbed = s.transfers - s.unit_transfers;
  std::set<Address> addresses;
  for (const DatasetAccount& account : accounts) addresses.insert(account.address);
  s.addresses = addresses.size();
  for (const DatasetAsset& asset : assets) s.assets.push_back({.asset = asset});
  for (const DatasetAccount& account : accounts) {
    DatasetSummary::PerAsset& own = s.assets[account.asset];
    ++own.accounts;
    own.supply += account.genesis_wei;
    own.supply_units += account.genesis_units;
  }
  for (const DatasetTransfer& t : transfers) ++s.assets[accounts[t.sender].asset].transfers;
  for (const auto& [sender, _] : pairs) ++s.assets[accounts[sender].asset].pairs;
  for (DatasetSummary::PerAsset& own : s.assets) own.dust_total = own.supply - own.asset.unit * own.supply_units;
  s.unit = s.assets.front().asset.unit;
  s.supply = s.assets.front().supply;
  s.supply_units = s.assets.front().supply_units;
  s.dust_total = s.assets.front().dust_total;
  s.genesis_state_hash = to_hex(state_before(0).hash());
  s.final_state_hash = to_hex(state_before(s.unit_transfers).hash());
  return s;
}

std::string to_json(const DatasetSummary& s) {
  nlohmann::ordered_json inputs = nlohmann::ordered_json::array();
  for (const InputFile& input : s.provenance.inputs) {
    inputs.push_back({{"name", input.name}, {"sha256", input.sha256}, {"format", input.format}, {"rows", input.rows}});
  }
  nlohmann::ordered_json dropped = nlohmann::ordered_json::object();
  for (const auto& [reason, rows] : s.provenance.dropped) dropped[reason] = rows;
  nlohmann::ordered_json json = {
      {"source", s.provenance.source}, {"inputs", inputs},   {"rows", s.provenance.rows},
      {"kept", s.provenance.kept},     {"dropped", dropped}, {"accounts", s.accounts},
      {"transfers", s.transfers},      {"pairs", s.pairs},   {"unit_transfers", s.unit_transfers},
      {"absorbed", s.absorbed}};
  if (s.assets.size() == 1) {
    json["unit"] = ll::to_string(s.unit);
    json["dust_total"] = ll::to_string(s.dust_total);
    json["supply"] = ll::to_string(s.supply);
    json["supply_units"] = s.supply_units;
  } else {  // each asset has its own
    for (const char* key : {"unit", "dust_total", "supply", "supply_units"}) json[key] = nullptr;
  }
  if (s.assets.size() > 1 || s.assets.front().asset.asset.contract) {
    json["addresses"] = s.addresses;
    json["assets"] = nlohmann::ordered_json::array();
    for (const DatasetSummary::PerAsset& own : s.assets) {
      const Asset& asset = own.asset.asset;
      json["assets"].push_back(
          {{"symbol", asset.symbol},
           {"contract", asset.contract ? nlohmann::ordered_json(to_string(*asset.contract)) : nullptr},
           {"decimals", asset.decimals},
           {"accounts", own.accounts},
           {"transfers", own.transfers},
           {"pairs", own.pairs},
           {"unit", ll::to_string(own.asset.unit)},
           {"dust_total", ll::to_string(own.dust_total)},
           {"supply", ll::to_string(own.supply)},
           {"supply_units", own.supply_units}});
    }
  }
  json["genesis_state_hash"] = s.genesis_state_hash;
  json["final_state_hash"] = s.final_state_hash;
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace ll::ledger
