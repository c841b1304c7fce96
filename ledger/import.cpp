#include "ledger/import.hpp"

#include <algorithm>

#include "ledger/account_choice.hpp"
#include "ledger/quantise.hpp"

namespace ll::ledger {

Result<Dataset> build_dataset(const PlainTransfers& plain, const ImportOptions& options) {
  LL_CHECK(options.accounts >= kMinAccounts && options.accounts <= kMaxAccounts,
           "import: {} accounts wanted, expected {} to {}", options.accounts, kMinAccounts, kMaxAccounts);
  LL_CHECK(!options.unit || *options.unit >= 1, "import: the unit must be at least 1 wei");
  if (plain.transfers.empty()) {
    return malformed("import: no plain transfer among {} rows", plain.provenance.rows);
  }
  const std::vector<std::uint32_t> chosen = choose_accounts(plain, options.accounts, options.pair_cap);
  std::vector<Address> addresses;
  for (const std::uint32_t position : chosen) addresses.push_back(plain.addresses[position]);
  const std::vector<std::uint32_t> ids = account_ids(addresses);

  Dataset data;
  data.provenance = plain.provenance;
  for (std::size_t i = 0; i < ids.size(); ++i) data.accounts.push_back({ids[i], addresses[i], 0, 0});
  std::ranges::sort(data.accounts, {}, &DatasetAccount::id);
  constexpr std::uint32_t kOutside = UINT32_MAX;
  std::vector<std::uint32_t> slot_of(plain.addresses.size(), kOutside);
  for (std::uint32_t slot = 0; slot < data.accounts.size(); ++slot) {
    const auto at = std::ranges::lower_bound(plain.addresses, data.accounts[slot].address);
    slot_of[static_cast<std::size_t>(at - plain.addresses.begin())] = slot;
  }

  std::vector<WeiTransfer> wei;
  for (const PlainTransfer& t : plain.transfers) {
    const std::uint32_t sender = slot_of[t.sender], receiver = slot_of[t.receiver];
    if (sender == kOutside || receiver == kOutside) continue;
    wei.push_back({sender, receiver, t.amount});
    data.transfers.push_back({t.block, t.tx_index, sender, receiver, t.amount, 0});
  }
  const std::vector<u128> genesis = smallest_start_balances(wei, data.accounts.size());
  u128 supply = 0;
  for (const u128 balance : genesis) supply += balance;  // <= sum of all amounts <= 10^38 - 1
  data.unit = options.unit.value_or(smallest_unit(supply));
  if (supply / data.unit > kMaxUnits) {
    return Error(ErrorCode::invalid_argument,
                 fmt::format("import: with a unit of {} wei the supply of {} wei is more than 2^32 - 1 units",
                             ll::to_string(data.unit), ll::to_string(supply)),
                 {}, fmt::format("leave out the unit, or take {} or more", ll::to_string(smallest_unit(supply))));
  }
  const Quantised quantised = quantise(genesis, wei, data.unit);
  for (std::size_t slot = 0; slot < data.accounts.size(); ++slot) {
    data.accounts[slot].genesis_wei = genesis[slot];
    data.accounts[slot].genesis_units = quantised.genesis_units[slot];
  }
  for (std::size_t i = 0; i < wei.size(); ++i) data.transfers[i].amount_units = quantised.amount_units[i];
  return data;
}

Result<Dataset> import_files(std::span<const std::filesystem::path> files, const ImportOptions& options,
                             Progress* progress) {
  const auto plain = read_plain_transfers(files, progress);
  if (!plain) return plain.error();
  return build_dataset(plain.value(), options);
}

}  // namespace ll::ledger
