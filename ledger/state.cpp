#include "ledger/state.hpp"

#include <algorithm>
#include <string_view>

namespace ll::ledger {
namespace {

constexpr std::string_view kMagic{"LLSTATE\0", 8};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kEntryBytes = 4 + 16;
constexpr std::string_view kHashTag{"LatentLedger state hash v1\0\0\0\0\0\0", 32};

ByteSpan bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

void append_u128_le(Bytes& out, u128 value) {
  append_u64_le(out, static_cast<std::uint64_t>(value));
  append_u64_le(out, static_cast<std::uint64_t>(value >> 64));
}

Result<u128> read_u128_le(ByteReader& reader, std::string_view field) {
  const auto low = reader.u64_le(field);
  if (!low) return low.error();
  const auto high = reader.u64_le(field);
  if (!high) return high.error();
  return (u128{high.value()} << 64) | low.value();
}

}  // namespace

const char* to_string(InvalidReason reason) noexcept {
  switch (reason) {
    case InvalidReason::self_transfer:
      return "self_transfer";
    case InvalidReason::zero_amount:
      return "zero_amount";
    case InvalidReason::unknown_account:
      return "unknown_account";
    case InvalidReason::overdraft:
      return "overdraft";
    case InvalidReason::overflow:
      return "overflow";
  }
  return "unknown";
}

State State::from_balances(std::vector<AccountBalance> entries) {
  std::ranges::sort(entries, {}, &AccountBalance::account_id);
  const auto twice = std::ranges::adjacent_find(entries, {}, &AccountBalance::account_id);
  LL_CHECK(twice == entries.end(), "state: account id {} comes twice", twice->account_id);
  State state;
  state.entries_ = std::move(entries);
  return state;
}

std::optional<std::size_t> State::slot_of(std::uint32_t account_id) const noexcept {
  const auto found = std::ranges::lower_bound(entries_, account_id, {}, &AccountBalance::account_id);
  if (found == entries_.end() || found->account_id != account_id) return std::nullopt;
  return static_cast<std::size_t>(found - entries_.begin());
}

std::optional<u128> State::supply() const noexcept {
  u128 sum = 0;
  for (const AccountBalance& entry : entries_) {
    if (entry.balance > kU128Max - sum) return std::nullopt;
    sum += entry.balance;
  }
  return sum;
}

std::optional<InvalidReason> State::check(const Transfer& transfer) const noexcept {
  if (transfer.sender == transfer.receiver) return InvalidReason::self_transfer;
  if (transfer.amount == 0) return InvalidReason::zero_amount;
  const auto sender = slot_of(transfer.sender);
  const auto receiver = slot_of(transfer.receiver);
  if (!sender || !receiver) return InvalidReason::unknown_account;
  if (transfer.amount > entries_[*sender].balance) return InvalidReason::overdraft;
  if (transfer.amount > kU128Max - entries_[*receiver].balance) return InvalidReason::overflow;
  return std::nullopt;
}

std::optional<InvalidReason> State::apply(const Transfer& transfer) noexcept {
  if (const auto reason = check(transfer)) return reason;
  entries_[*slot_of(transfer.sender)].balance -= transfer.amount;
  entries_[*slot_of(transfer.receiver)].balance += transfer.amount;
  return std::nullopt;
}

Bytes State::serialise() const {
  LL_CHECK(entries_.size() <= UINT32_MAX, "state: {} accounts, at most 2^32 - 1 can be written", entries_.size());
  Bytes out;
  out.reserve(kMagic.size() + 8 + kEntryBytes * entries_.size());
  append(out, bytes_of(kMagic));
  append_u32_le(out, kVersion);
  append_u32_le(out, static_cast<std::uint32_t>(entries_.size()));
  for (const AccountBalance& entry : entries_) {
    append_u32_le(out, entry.account_id);
    append_u128_le(out, entry.balance);
  }
  return out;
}

Result<State> State::deserialise(ByteSpan bytes) {
  ByteReader reader(bytes, "state");
  const auto magic = reader.take(kMagic.size(), "magic");
  if (!magic) return magic.error();
  if (!std::ranges::equal(magic.value(), bytes_of(kMagic))) {
    return malformed("state: magic at offset 0 is {}, expected {} (\"LLSTATE\" and a zero byte)", to_hex(magic.value()),
                     to_hex(bytes_of(kMagic)));
  }
  const auto version = reader.u32_le("version");
  if (!version) return version.error();
  if (version.value() != kVersion) {
    return malformed("state: version at offset 8 is {}, this software reads version {}", version.value(), kVersion);
  }
  const auto count = reader.u32_le("account count");
  if (!count) return count.error();
  if (reader.remaining() != kEntryBytes * std::uint64_t{count.value()}) {
    return malformed("state: {} accounts need {} bytes from offset 16, {} are there", count.value(),
                     kEntryBytes * std::uint64_t{count.value()}, reader.remaining());
  }
  State state;
  state.entries_.reserve(count.value());
  for (std::uint32_t i = 0; i < count.value(); ++i) {
    const auto id = reader.u32_le("account id");
    if (!id) return id.error();
    if (i > 0 && id.value() <= state.entries_.back().account_id) {
      return malformed("state: account id {} at offset {} follows {}, expected strictly ascending ids", id.value(),
                       reader.offset() - 4, state.entries_.back().account_id);
    }
    const auto balance = read_u128_le(reader, "balance");
    if (!balance) return balance.error();
    state.entries_.push_back({id.value(), balance.value()});
  }
  return state;
}

Digest32 State::hash() const {
  Bytes text;
  append(text, bytes_of(kHashTag));
  append(text, serialise());
  return sha256(text);
}

}  // namespace ll::ledger
