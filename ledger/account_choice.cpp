#include "ledger/account_choice.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace ll::ledger {
namespace {

struct Neighbour {
  std::uint32_t account;
  std::uint64_t weight;
};

}  // namespace

std::vector<std::uint32_t> choose_accounts(const PlainTransfers& plain, std::size_t count,
                                           std::optional<std::uint64_t> pair_cap) {
  const std::size_t accounts = plain.addresses.size();
  std::unordered_map<std::uint64_t, std::uint64_t> pairs;  // sender·2^32 + receiver -> transfers
  for (const PlainTransfer& t : plain.transfers) ++pairs[std::uint64_t{t.sender} << 32 | t.receiver];

  std::vector<std::vector<Neighbour>> neighbours(accounts);
  std::vector<std::uint64_t> weight(accounts, 0);
  for (const auto& [pair, transfers] : pairs) {
    const auto sender = static_cast<std::uint32_t>(pair >> 32), receiver = static_cast<std::uint32_t>(pair);
    const std::uint64_t counted = pair_cap ? std::min(*pair_cap, transfers) : transfers;
    neighbours[sender].push_back({receiver, counted});  // both directions add up: the order does not matter
    neighbours[receiver].push_back({sender, counted});
    weight[sender] += counted;
    weight[receiver] += counted;
  }

  std::set<std::pair<std::uint64_t, std::uint32_t>> left;  // (weight, position); positions are in address order
  for (std::uint32_t i = 0; i < accounts; ++i) left.emplace(weight[i], i);
  std::vector<bool> removed(accounts, false);
  while (left.size() > count) {
    const std::uint32_t smallest = left.begin()->second;
    left.erase(left.begin());
    removed[smallest] = true;
    for (const Neighbour& neighbour : neighbours[smallest]) {
      if (removed[neighbour.account]) continue;
      left.erase({weight[neighbour.account], neighbour.account});
      weight[neighbour.account] -= neighbour.weight;
      left.emplace(weight[neighbour.account], neighbour.account);
    }
  }
  std::vector<std::uint32_t> chosen;
  for (const auto& [_, account] : left) chosen.push_back(account);
  std::ranges::sort(chosen);
  return chosen;
}

}  // namespace ll::ledger
