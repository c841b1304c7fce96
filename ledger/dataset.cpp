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

std::optional<Error> check_accounts(std::span<const DatasetAccount> accounts) {
  if (accounts.size() < kMinAccounts || accounts.size() > kMaxAccounts) {
    return malformed("data set: {} accounts, expected {} to {}", accounts.size(), kMinAccounts, kMaxAccounts);
  }
  std::vector<std::pair<Address, std::uint32_t>> by_address;
  for (std::size_t slot = 0; slot < accounts.size(); ++slot) {
    if (slot > 0 && accounts[slot].id <= accounts[slot - 1].id) {
      return malformed("data set: slot {} has account id {} after {}, expected strictly ascending ids", slot,
                       accounts[slot].id, accounts[slot - 1].id);
    }
    by_address.emplace_back(accounts[slot].address, accounts[slot].id);
  }
  std::ranges::sort(by_address);
  std::vector<Address> addresses;
  for (const auto& [address, id] : by_address) {
    if (!addresses.empty() && addresses.back() == address) {
      return malformed("data set: address {} comes twice", to_string(address));
    }
    addresses.push_back(address);
  }
  const std::vector<std::uint32_t> ids = account_ids(addresses);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] != by_address[i].second) {
      return malformed("data set: address {} has account id {}, expected {}", to_string(addresses[i]),
                       by_address[i].second, ids[i]);
    }
  }
  return std::nullopt;
}

}  // namespace

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
  if (unit == 0) return malformed("data set: the unit is 0 wei");
  if (auto error = check_accounts(accounts)) return error;
  u128 supply = 0;
  std::vector<u128> genesis;
  for (const DatasetAccount& account : accounts) {
    if (account.genesis_wei > kMaxWei - supply) return malformed("data set: start balances exceed 10^38 - 1 wei");
    supply += account.genesis_wei;
    genesis.push_back(account.genesis_wei);
  }
  if (supply / unit > kMaxUnits) {
    return malformed("data set: a supply of {} wei is more than 2^32 - 1 units of {} wei", ll::to_string(supply),
                     ll::to_string(unit));
  }
  std::vector<WeiTransfer> list;
  list.reserve(transfers.size());
  for (std::size_t i = 0; i < transfers.size(); ++i) {
    const DatasetTransfer& t = transfers[i];
    if (t.sender >= accounts.size() || t.receiver >= accounts.size()) {
      return malformed("transfer {}: slot {}, the data set has {} accounts", i, std::max(t.sender, t.receiver),
                       accounts.size());
    }
    if (i > 0 && std::pair(t.block, t.tx_index) < std::pair(transfers[i - 1].block, transfers[i - 1].tx_index)) {
      return malformed("transfer {}: block {} index {} comes after block {} index {}, expected chain order", i, t.block,
                       t.tx_index, transfers[i - 1].block, transfers[i - 1].tx_index);
    }
    list.push_back({t.sender, t.receiver, t.amount_wei});
  }
  try {
    const Quantised expected = quantise(genesis, list, unit);
    for (std::size_t slot = 0; slot < accounts.size(); ++slot) {
      if (accounts[slot].genesis_units != expected.genesis_units[slot]) {
        return malformed("slot {}: start balance of {} units, expected {}", slot, accounts[slot].genesis_units,
                         expected.genesis_units[slot]);
      }
    }
    for (std::size_t i = 0; i < transfers.size(); ++i) {
      if (transfers[i].amount_units != expected.amount_units[i]) {
        return malformed("transfer {}: {} units, expected {}", i, transfers[i].amount_units, expected.amount_units[i]);
      }
    }
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
  s.unit = unit;
  for (const DatasetAccount& account : accounts) {
    s.supply += account.genesis_wei;
    s.supply_units += account.genesis_units;
  }
  s.dust_total = s.supply - unit * s.supply_units;
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
  const nlohmann::ordered_json json = {{"source", s.provenance.source},
                                       {"inputs", inputs},
                                       {"rows", s.provenance.rows},
                                       {"kept", s.provenance.kept},
                                       {"dropped", dropped},
                                       {"accounts", s.accounts},
                                       {"transfers", s.transfers},
                                       {"pairs", s.pairs},
                                       {"unit_transfers", s.unit_transfers},
                                       {"absorbed", s.absorbed},
                                       {"unit", ll::to_string(s.unit)},
                                       {"dust_total", ll::to_string(s.dust_total)},
                                       {"supply", ll::to_string(s.supply)},
                                       {"supply_units", s.supply_units},
                                       {"genesis_state_hash", s.genesis_state_hash},
                                       {"final_state_hash", s.final_state_hash}};
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace ll::ledger
