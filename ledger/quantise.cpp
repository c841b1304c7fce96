#include "ledger/quantise.hpp"

#include <algorithm>

#include "ledger/dataset.hpp"

namespace ll::ledger {

std::vector<u128> smallest_start_balances(std::span<const WeiTransfer> transfers, std::size_t accounts) {
  // Sums stay within +-10^38 < 2^127: i128 holds them.
  u128 sum = 0;
  std::vector<i128> balance(accounts, 0), lowest(accounts, 0);
  for (const WeiTransfer& t : transfers) {
    LL_CHECK(t.sender < accounts && t.receiver < accounts, "start balances: slot {} of {} accounts",
             std::max(t.sender, t.receiver), accounts);
    LL_CHECK(t.amount <= kMaxWei - sum, "start balances: amounts add up to more than 10^38 - 1");
    sum += t.amount;
    balance[t.sender] -= static_cast<i128>(t.amount);
    balance[t.receiver] += static_cast<i128>(t.amount);
    lowest[t.sender] = std::min(lowest[t.sender], balance[t.sender]);
  }
  std::vector<u128> start;
  start.reserve(accounts);
  for (const i128 low : lowest) start.push_back(static_cast<u128>(-low));
  return start;
}

u128 smallest_unit(u128 supply) noexcept {
  u128 unit = 1;
  while (supply / unit > kMaxUnits) unit *= 10;  // ends before unit exceeds supply / 2^32 · 10 < 2^128
  return unit;
}

Quantised quantise(std::span<const u128> genesis_wei, std::span<const WeiTransfer> transfers, u128 unit) {
  LL_CHECK(unit >= 1, "quantise: the unit must be at least 1 wei");
  u128 supply = 0;
  for (const u128 balance : genesis_wei) {
    LL_CHECK(balance <= kMaxWei - supply, "quantise: start balances add up to more than 10^38 - 1 wei");
    supply += balance;
  }
  LL_CHECK(supply / unit <= kMaxUnits,
           "quantise: a supply of {} wei is {} units of {} wei, at most 2^32 - 1 fit; the smallest power of ten that "
           "does is {}",
           ll::to_string(supply), ll::to_string(supply / unit), ll::to_string(unit),
           ll::to_string(smallest_unit(supply)));

  Quantised result;
  result.unit = unit;
  std::vector<u128> wei(genesis_wei.begin(), genesis_wei.end());
  std::vector<std::uint32_t> units;
  const auto note_dust = [&](std::size_t slot) {
    const u128 whole = unit * units[slot];  // <= unit · sum q <= supply
    result.largest_dust = std::max(result.largest_dust, wei[slot] >= whole ? wei[slot] - whole : whole - wei[slot]);
  };
  result.dust_total = supply;
  for (std::size_t i = 0; i < wei.size(); ++i) {
    units.push_back(static_cast<std::uint32_t>(wei[i] / unit));
    result.dust_total -= unit * units[i];
    note_dust(i);
  }
  result.genesis_units = units;
  result.amount_units.reserve(transfers.size());
  for (std::size_t i = 0; i < transfers.size(); ++i) {
    const WeiTransfer& t = transfers[i];
    LL_CHECK(t.sender < wei.size() && t.receiver < wei.size(), "quantise: transfer {}: slot {} of {} accounts", i,
             std::max(t.sender, t.receiver), wei.size());
    if (t.amount > wei[t.sender] || t.amount == 0 || t.sender == t.receiver) {
      fail(ErrorCode::unsatisfied, "quantise: transfer {}: slot {} sends {} wei to slot {} out of {} wei", i, t.sender,
           ll::to_string(t.amount), t.receiver, ll::to_string(wei[t.sender]));
    }
    wei[t.sender] -= t.amount;
    wei[t.receiver] += t.amount;
    const u128 keep = wei[t.sender] / unit;
    const std::uint32_t moved = keep < units[t.sender] ? units[t.sender] - static_cast<std::uint32_t>(keep) : 0;
    units[t.sender] -= moved;
    units[t.receiver] += moved;
    note_dust(t.sender);
    note_dust(t.receiver);
    result.amount_units.push_back(moved);
  }
  return result;
}

}  // namespace ll::ledger
