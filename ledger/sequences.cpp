#include "ledger/sequences.hpp"

#include <algorithm>

namespace ll::ledger {
namespace {

std::optional<std::string> start_fault(const SequenceView& s) {
  for (std::size_t slot = 1; slot < s.account_ids.size(); ++slot) {
    if (s.account_ids[slot] <= s.account_ids[slot - 1]) {
      return fmt::format("slot {} has account id {} after {}, expected strictly ascending ids", slot,
                         s.account_ids[slot], s.account_ids[slot - 1]);
    }
  }
  std::uint64_t supply = 0;
  for (const std::uint32_t balance : s.start_balances) supply += balance;
  if (supply > kMaxUnits) return fmt::format("start balances add up to {} units, expected at most 2^32 - 1", supply);
  return std::nullopt;
}

/// Why transfer i is not valid with these balances.
std::optional<std::string> transfer_fault(const SequenceView& s, std::size_t i,
                                          std::span<const std::uint32_t> balances) {
  const std::uint32_t sender = s.sender[i], receiver = s.receiver[i];
  if (std::max(sender, receiver) >= balances.size()) {
    return fmt::format("slot {}, there are {} accounts", std::max(sender, receiver), balances.size());
  }
  if (sender == receiver) return fmt::format("slot {} sends to itself", sender);
  if (s.amount[i] == 0) return "an amount of 0";
  if (s.amount[i] > balances[sender]) {
    return fmt::format("slot {} sends {} units, it has {}", sender, s.amount[i], balances[sender]);
  }
  return fmt::format("block {} index {} comes after block {} index {}", s.block[i], s.tx_index[i], s.block[i - 1],
                     s.tx_index[i - 1]);
}

bool in_order(const SequenceView& s, std::size_t i) {
  return i == 0 || s.block[i] > s.block[i - 1] || (s.block[i] == s.block[i - 1] && s.tx_index[i] > s.tx_index[i - 1]);
}

}  // namespace

const char* to_string(Split split) noexcept { return split == Split::train ? "train" : "validation"; }

void check(const SequenceConfig& config) {
  LL_CHECK(config.profile != Profile::ethereum_funded, "sequences are of the profile uniform or ethereum, not {}",
           to_string(config.profile));
  LL_CHECK(config.accounts >= kMinAccounts && config.accounts <= kMaxAccounts, "{} accounts, expected {} to {}",
           config.accounts, kMinAccounts, kMaxAccounts);
  LL_CHECK(config.least_transfers >= 1 && config.least_transfers <= config.most_transfers &&
               config.most_transfers <= 100'000,
           "{} to {} transfers a sequence, expected 1 <= least <= most <= 100000", config.least_transfers,
           config.most_transfers);
}

void SequenceBatch::clear() {
  offsets.assign(1, 0);
  for (auto* column : {&account_ids, &start_balances, &block, &tx_index, &amount}) column->clear();
  for (auto* column : {&sender, &receiver}) column->clear();
}

void SequenceBatch::reserve(std::size_t sequences, std::size_t transfers_in_all) {
  offsets.reserve(sequences + 1);
  for (auto* column : {&account_ids, &start_balances}) column->reserve(sequences * accounts);
  for (auto* column : {&block, &tx_index, &amount}) column->reserve(transfers_in_all);
  for (auto* column : {&sender, &receiver}) column->reserve(transfers_in_all);
}

void SequenceBatch::append(const SequenceBatch& more) {
  LL_CHECK(more.accounts == accounts, "sequences of {} accounts behind sequences of {}", more.accounts, accounts);
  const auto add = [](auto& column, const auto& items) { column.insert(column.end(), items.begin(), items.end()); };
  const std::int32_t before = offsets.back();
  for (std::size_t i = 1; i < more.offsets.size(); ++i) offsets.push_back(before + more.offsets[i]);
  add(account_ids, more.account_ids);
  add(start_balances, more.start_balances);
  add(block, more.block);
  add(tx_index, more.tx_index);
  add(sender, more.sender);
  add(receiver, more.receiver);
  add(amount, more.amount);
}

SequenceView SequenceBatch::sequence(std::size_t i) const {
  LL_CHECK(i < size(), "sequence {} of a batch of {}", i, size());
  const auto begin = static_cast<std::size_t>(offsets[i]);
  const std::size_t count = static_cast<std::size_t>(offsets[i + 1]) - begin;
  const auto part = [&](const auto& column) { return std::span(column).subspan(begin, count); };
  return {.number = first + i,
          .account_ids = std::span(account_ids).subspan(i * accounts, accounts),
          .start_balances = std::span(start_balances).subspan(i * accounts, accounts),
          .block = part(block),
          .tx_index = part(tx_index),
          .sender = part(sender),
          .receiver = part(receiver),
          .amount = part(amount)};
}

Replay replay(const SequenceBatch& batch) {
  Replay result;
  std::vector<std::uint32_t> balances;
  for (std::size_t row = 0; row < batch.size(); ++row) {
    const SequenceView s = batch.sequence(row);
    if (const auto fault = start_fault(s)) {
      result.invalid += s.amount.size();
      if (!result.first) result.first = fmt::format("row {}: {}", row, *fault);
      continue;
    }
    balances.assign(s.start_balances.begin(), s.start_balances.end());
    for (std::size_t i = 0; i < s.amount.size(); ++i) {
      const std::uint32_t sender = s.sender[i], receiver = s.receiver[i], amount = s.amount[i];
      if (std::max(sender, receiver) >= balances.size() || sender == receiver || amount == 0 ||
          amount > balances[sender] || !in_order(s, i)) [[unlikely]] {
        ++result.invalid;
        if (!result.first) {
          result.first = fmt::format("row {}, transfer {}: {}", row, i, transfer_fault(s, i, balances).value());
        }
        continue;
      }
      balances[sender] -= amount;
      balances[receiver] += amount;  // the supply is below 2^32
    }
  }
  return result;
}

}  // namespace ll::ledger
