#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ledger/plain_transfers.hpp"

namespace ll::ledger {

/// How the accounts of a data set are chosen. In a graph of tokens a node is one account's holding of one token.
enum class ChoiceMethod {
  dense,      ///< peeling: until the count is left, remove the one with the smallest weight to those still there
  capped,     ///< the same, each directed pair counted at most `pair_cap` times: more pairs, less weight
  component,  ///< inside the largest connected component, grown from its busiest account by the heaviest ties
  list,       ///< those given
};
/// Error{invalid_argument} that lists the methods for any other name.
Result<ChoiceMethod> parse_choice_method(std::string_view name);

struct AccountChoice {
  ChoiceMethod method = ChoiceMethod::dense;
  std::size_t count = kMaxAccounts;
  std::uint64_t pair_cap = 20;     ///< of ChoiceMethod::capped
  std::vector<Address> list = {};  ///< of ChoiceMethod::list: every holding of these
};

/// returns  positions in plain.holders, ascending; all of them when there are no more than `count`
///
/// The weight of two accounts is the number of transfers between them in both directions; the smallest address loses
/// among equals in peeling, and wins in growing.
/// Error{invalid_argument} when the list holds an address without a plain transfer, or more than `count` holdings.
/// O((A + P) log A) for A holders and P pairs. Source: Asahiro et al., "Greedily finding a dense subgraph" (2000).
Result<std::vector<std::uint32_t>> choose_accounts(const PlainTransfers& plain, const AccountChoice& choice = {});

/// Reads a list of addresses: a CSV with a column "address" (a ledger's accounts.csv is one), or an address a line.
/// Error{malformed} names the line.
Result<std::vector<Address>> read_address_list(const std::filesystem::path& path);

}  // namespace ll::ledger
