#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/hash.hpp"
#include "base/u128.hpp"

namespace ll::ledger {

/// An account is its 32-bit id; how ids come from addresses stands in ledger/address.hpp.
struct Account {
  std::uint32_t id = 0;
  friend bool operator==(const Account&, const Account&) = default;
};

/// One entry of a state.
struct AccountBalance {
  std::uint32_t account_id = 0;
  u128 balance = 0;  ///< base units: wei, or the data set's unit
  friend bool operator==(const AccountBalance&, const AccountBalance&) = default;
};

/// Moves `amount` base units from one account to another.
struct Transfer {
  std::uint32_t sender = 0, receiver = 0;  ///< account ids
  u128 amount = 0;
  friend bool operator==(const Transfer&, const Transfer&) = default;
};

/// Why a transfer is not valid in a state, in the order in which it is checked.
enum class InvalidReason {
  self_transfer,    ///< sender == receiver
  zero_amount,      ///< amount == 0
  unknown_account,  ///< sender or receiver is not in the state
  overdraft,        ///< amount > balance of the sender
  overflow,         ///< balance of the receiver + amount > 2^128 - 1
};

/// Its name in reports, e.g. "overdraft".
const char* to_string(InvalidReason reason) noexcept;

/// The ledger at one moment: (account_id, balance), strictly ascending by id. The position of an account in this order
/// is its *slot*: vectors, matrices and circuits index accounts by slot.
class State {
 public:
  State() = default;

  /// Takes entries in any order and sorts them. Throws Error{invalid_argument} when an id comes twice.
  static State from_balances(std::vector<AccountBalance> entries);

  std::span<const AccountBalance> entries() const noexcept { return entries_; }
  std::size_t size() const noexcept { return entries_.size(); }
  u128 balance_at(std::size_t slot) const { return entries_.at(slot).balance; }
  std::optional<std::size_t> slot_of(std::uint32_t account_id) const noexcept;
  /// Sum of all balances; nullopt when it exceeds 2^128 - 1.
  std::optional<u128> supply() const noexcept;

  /// Why the transfer is not valid here; nullopt when it is.
  std::optional<InvalidReason> check(const Transfer& transfer) const noexcept;
  /// Applies a valid transfer; an invalid one changes nothing and its reason is returned.
  [[nodiscard]] std::optional<InvalidReason> apply(const Transfer& transfer) noexcept;

  /// Canonical bytes (docs/formats/state-hash.md): equal states have equal bytes.
  Bytes serialise() const;
  /// Reads canonical bytes. Error{malformed} for another magic or version, ids not strictly ascending, or bytes missing
  /// or left over.
  static Result<State> deserialise(ByteSpan bytes);
  /// SHA-256 over a domain tag and serialise() (docs/formats/state-hash.md).
  Digest32 hash() const;

  friend bool operator==(const State&, const State&) = default;

 private:
  std::vector<AccountBalance> entries_;
};

}  // namespace ll::ledger
