#include "ledger/account_choice.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "ledger/csv_reader.hpp"

namespace ll::ledger {
namespace {

struct Neighbour {
  std::uint32_t account;
  std::uint64_t weight;
};

/// The undirected transfer graph.
struct Graph {
  std::vector<std::vector<Neighbour>> neighbours;
  std::vector<std::uint64_t> weight;  ///< sum over the neighbours

  Graph(const PlainTransfers& plain, std::uint64_t pair_cap)
      : neighbours(plain.holders.size()), weight(plain.holders.size(), 0) {
    std::unordered_map<std::uint64_t, std::uint64_t> pairs;  // sender·2^32 + receiver -> transfers
    for (const PlainTransfer& t : plain.transfers) ++pairs[std::uint64_t{t.sender} << 32 | t.receiver];
    for (const auto& [pair, transfers] : pairs) {
      const auto sender = static_cast<std::uint32_t>(pair >> 32), receiver = static_cast<std::uint32_t>(pair);
      const std::uint64_t counted = std::min(pair_cap, transfers);
      neighbours[sender].push_back({receiver, counted});  // both directions add up: the order does not matter
      neighbours[receiver].push_back({sender, counted});
      weight[sender] += counted;
      weight[receiver] += counted;
    }
  }
};

std::vector<std::uint32_t> peel(Graph graph, std::size_t count) {
  std::set<std::pair<std::uint64_t, std::uint32_t>> left;  // (weight, position); positions are in address order
  for (std::uint32_t i = 0; i < graph.weight.size(); ++i) left.emplace(graph.weight[i], i);
  std::vector<bool> removed(graph.weight.size(), false);
  while (left.size() > count) {
    const std::uint32_t smallest = left.begin()->second;
    left.erase(left.begin());
    removed[smallest] = true;
    for (const Neighbour& neighbour : graph.neighbours[smallest]) {
      if (removed[neighbour.account]) continue;
      left.erase({graph.weight[neighbour.account], neighbour.account});
      graph.weight[neighbour.account] -= neighbour.weight;
      left.emplace(graph.weight[neighbour.account], neighbour.account);
    }
  }
  std::vector<std::uint32_t> chosen;
  for (const auto& [_, account] : left) chosen.push_back(account);
  return chosen;
}

/// Accounts of the largest component; of equals the one with the smallest address.
std::vector<std::uint32_t> largest_component(const Graph& graph) {
  std::vector<bool> seen(graph.weight.size(), false);
  std::vector<std::uint32_t> largest;
  for (std::uint32_t start = 0; start < graph.weight.size(); ++start) {
    if (seen[start]) continue;
    std::vector<std::uint32_t> component = {start};
    seen[start] = true;
    for (std::size_t i = 0; i < component.size(); ++i) {
      for (const Neighbour& neighbour : graph.neighbours[component[i]]) {
        if (seen[neighbour.account]) continue;
        seen[neighbour.account] = true;
        component.push_back(neighbour.account);
      }
    }
    if (component.size() > largest.size()) largest = std::move(component);
  }
  return largest;
}

std::vector<std::uint32_t> grow(const Graph& graph, std::size_t count) {
  std::vector<std::uint32_t> component = largest_component(graph);
  if (component.size() <= count) return component;
  std::ranges::sort(component);  // max_element takes the first: the smallest address
  const std::uint32_t start =
      *std::ranges::max_element(component, {}, [&](std::uint32_t i) { return graph.weight[i]; });
  // (transfers with those chosen, position) of every account that touches them; largest weight, then smallest position
  using Tie = std::pair<std::uint64_t, std::uint32_t>;
  const auto before = [](const Tie& a, const Tie& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  };
  std::set<Tie, decltype(before)> frontier(before);
  std::unordered_map<std::uint32_t, std::uint64_t> tie;
  std::set<std::uint32_t> chosen;
  frontier.emplace(0, start);
  while (chosen.size() < count && !frontier.empty()) {
    const std::uint32_t next = frontier.begin()->second;
    frontier.erase(frontier.begin());
    chosen.insert(next);
    for (const Neighbour& neighbour : graph.neighbours[next]) {
      if (chosen.contains(neighbour.account)) continue;
      std::uint64_t& weight = tie[neighbour.account];
      frontier.erase({weight, neighbour.account});
      weight += neighbour.weight;
      frontier.emplace(weight, neighbour.account);
    }
  }
  return {chosen.begin(), chosen.end()};
}

Result<std::vector<std::uint32_t>> listed(const PlainTransfers& plain, const AccountChoice& choice) {
  std::vector<std::uint32_t> chosen;
  for (const Address& address : choice.list) {
    auto at = std::ranges::lower_bound(plain.holders, Holder{address, 0});
    if (at == plain.holders.end() || at->address != address) {
      return Error(ErrorCode::invalid_argument,
                   fmt::format("account list: {} has no plain transfer in the files", to_string(address)));
    }
    for (; at != plain.holders.end() && at->address == address; ++at) {
      chosen.push_back(static_cast<std::uint32_t>(at - plain.holders.begin()));
    }
  }
  std::ranges::sort(chosen);
  const auto [first, last] = std::ranges::unique(chosen);
  chosen.erase(first, last);
  if (chosen.size() > choice.count) {
    return Error(ErrorCode::invalid_argument,
                 fmt::format("account list: {} accounts, at most {} are taken", chosen.size(), choice.count));
  }
  return chosen;
}

}  // namespace

Result<ChoiceMethod> parse_choice_method(std::string_view name) {
  if (name == "dense") return ChoiceMethod::dense;
  if (name == "capped") return ChoiceMethod::capped;
  if (name == "component") return ChoiceMethod::component;
  if (name == "list") return ChoiceMethod::list;
  return Error(ErrorCode::invalid_argument,
               fmt::format("unknown choice \"{}\", expected dense, capped, component or list", name));
}

Result<std::vector<std::uint32_t>> choose_accounts(const PlainTransfers& plain, const AccountChoice& choice) {
  if (choice.method == ChoiceMethod::list) return listed(plain, choice);
  Graph graph(plain, choice.method == ChoiceMethod::capped ? choice.pair_cap : UINT64_MAX);
  std::vector<std::uint32_t> chosen =
      choice.method == ChoiceMethod::component ? grow(graph, choice.count) : peel(std::move(graph), choice.count);
  std::ranges::sort(chosen);
  return chosen;
}

Result<std::vector<Address>> read_address_list(const std::filesystem::path& path) {
  auto reader = CsvReader::open(path);
  if (!reader) return reader.error();
  std::vector<Address> list;
  std::size_t column = 0;
  for (bool first = true;; first = false) {
    const auto more = reader.value().next();
    if (!more) return more.error();
    if (!more.value()) break;
    const auto& cells = reader.value().cells();
    if (first) {
      const auto header = std::ranges::find(cells, "address");
      if (header != cells.end()) {
        column = static_cast<std::size_t>(header - cells.begin());
        continue;
      }
    }
    if (!cells.front().empty() && cells.front().front() == '#') continue;
    const auto address = column < cells.size() ? parse_address(cells[column]) : std::nullopt;
    if (!address) {
      return Error(ErrorCode::malformed,
                   fmt::format("{}: {}: expected an address (0x and 40 hex digits), found \"{}\"", path.string(),
                               reader.value().place(), column < cells.size() ? cells[column] : std::string_view()),
                   fmt::format("{}, {}", path.string(), reader.value().place()));
    }
    list.push_back(*address);
  }
  if (list.empty()) return malformed("{}: no address in it", path.string());
  return list;
}

}  // namespace ll::ledger
