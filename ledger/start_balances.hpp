#pragma once
#include <filesystem>
#include <map>

#include "base/error.hpp"
#include "base/u128.hpp"
#include "ledger/address.hpp"

namespace ll::ledger {

/// Balances in wei by address.
using StartBalances = std::map<Address, u128>;

/// Reads the state before a block as execution clients' tracers write it (prestateTracer): a JSON object of address ->
/// {"balance": hex or decimal wei, ...}; whatever else stands there is left alone. Also inside gzip or Zstandard, at
/// most 1 GiB of text. Error{malformed} names address and field.
Result<StartBalances> read_start_balances(const std::filesystem::path& path);

}  // namespace ll::ledger
