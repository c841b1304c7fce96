#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "base/u128.hpp"

namespace ll::ledger {

/// A transfer in exact wei, accounts by slot.
struct WeiTransfer {
  std::uint32_t sender = 0, receiver = 0;  ///< slots
  u128 amount = 0;
};

/// The smallest start balance of each of `accounts` slots that keeps it from going below zero when the transfers run in
/// order. Throws Error{invalid_argument} when the amounts add up to more than 10^38 - 1 or a slot is out of range.
std::vector<u128> smallest_start_balances(std::span<const WeiTransfer> transfers, std::size_t accounts);

/// The smallest power of ten with floor(supply / unit) <= 2^32 - 1.
u128 smallest_unit(u128 supply) noexcept;

/// The unit ledger of an exact one.
struct Quantised {
  u128 unit = 1;
  std::vector<std::uint32_t> genesis_units;  ///< by slot
  std::vector<std::uint32_t> amount_units;   ///< by transfer; 0: absorbed by dust
  u128 dust_total = 0;                       ///< sum of all dust, the same before and after every transfer
  u128 largest_dust = 0;                     ///< largest |dust| that an account had at any time
};

/// Balances and amounts in 32-bit units, such that supply is conserved exactly and nobody overdraws.
///
/// Account i has exact wei B_i, units q_i and dust d_i = B_i - unit q_i (signed). At genesis q_i = floor(B_i / unit). A
/// transfer of a wei from s to r moves
///
///     q = max(0, q_s - floor((B_s - a) / unit))    units.
///
/// Why this holds together, for transfers that are valid in wei (a <= B_s):
///   1. 0 <= floor((B_s - a) / unit), so q <= q_s: no overdraft, q_s stays >= 0, and a transfer with q >= 1 is valid.
///   2. q_s falls by what q_r grows by: sum q is constant. So is sum B (same argument in wei), hence so is
///      sum d = sum B - unit sum q, which is sum (B_i mod unit) of the genesis: 0 <= sum d < unit N.
///   3. unit sum q <= sum B, so sum q <= floor(sum B / unit) <= 2^32 - 1: every balance and amount fits 32 bits always.
///   4. Exact wei never change by it: B is replayed as it stands.
///   5. When q > 0 the sender is left at exactly q_s = floor(B_s / unit), dust in [0, unit); the receiver's dust takes
///      a - unit q. A sender whose dust had grown past the amount sends 0 units ("absorbed by dust").
///
/// Throws Error{invalid_argument} for unit 0, a slot out of range, or floor(sum B / unit) > 2^32 - 1;
/// Error{unsatisfied} for a transfer that is not valid in wei in its turn.
Quantised quantise(std::span<const u128> genesis_wei, std::span<const WeiTransfer> transfers, u128 unit);

}  // namespace ll::ledger
