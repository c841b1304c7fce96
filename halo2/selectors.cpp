// Selectors become fixed columns: ConstraintSystem::convert_selectors. The greedy rule below decides which selectors
// share a column, and with it the verifying key; it follows halo2_proofs v0.3.0, plonk/circuit/compress_selectors.rs.
#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "halo2/constraint_system.hpp"

namespace ll::halo2 {
namespace {

struct Usage {
  std::uint32_t index;
  std::size_t degree;  ///< of the largest gate polynomial that holds it, 0 when it may not be combined
};

bool conflict(const std::vector<bool>& a, const std::vector<bool>& b) {
  for (std::size_t row = 0; row < a.size(); ++row) {
    if (a[row] && b[row]) return true;
  }
  return false;
}

/// Which selectors share a column; each group in order of joining.
std::vector<std::vector<std::uint32_t>> group_selectors(const std::vector<Usage>& usages,
                                                        const std::vector<std::vector<bool>>& enabled,
                                                        std::size_t max_degree) {
  std::vector<std::vector<std::uint32_t>> groups;
  std::vector<Usage> rest;
  for (const Usage& usage : usages) {
    if (usage.degree == 0) {
      groups.push_back({usage.index});
    } else {
      rest.push_back(usage);
    }
  }
  std::vector<bool> added(rest.size(), false);
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (added[i]) continue;
    std::vector<std::uint32_t> group{rest[i].index};
    added[i] = true;
    std::size_t degree = rest[i].degree - 1;
    for (std::size_t j = i + 1; j < rest.size(); ++j) {
      if (degree + group.size() == max_degree) break;
      if (added[j]) continue;
      const bool clashes = std::ranges::any_of(
          group, [&](std::uint32_t member) { return conflict(enabled[member], enabled[rest[j].index]); });
      if (clashes) continue;
      const std::size_t joined = std::max(degree, rest[j].degree - 1);
      if (joined + group.size() + 1 > max_degree) continue;
      degree = joined;
      group.push_back(rest[j].index);
      added[j] = true;
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace

std::vector<std::vector<Fr>> ConstraintSystem::convert_selectors(const std::vector<std::vector<bool>>& enabled,
                                                                 bool compress) {
  check_open();
  LL_CHECK(enabled.size() == selectors(), "convert_selectors: {} selectors, {} row sets", selectors(), enabled.size());
  std::vector<std::vector<std::uint32_t>> groups;
  if (compress) {
    std::vector<Usage> usages;
    for (std::uint32_t i = 0; i < selectors(); ++i) usages.push_back({i, 0});
    for (const Gate& gate : gates_) {
      for (const Expression& polynomial : gate.polynomials) {
        polynomial.for_each_leaf([&](const Expression& leaf) {
          if (leaf.kind() != Expression::Kind::selector || !leaf.selector().simple) return;
          Usage& usage = usages[leaf.selector().index];
          usage.degree = std::max(usage.degree, polynomial.degree());
        });
      }
    }
    groups = group_selectors(usages, enabled, degree());
  } else {
    for (std::uint32_t i = 0; i < selectors(); ++i) groups.push_back({i});
    pinned_selectors_ = 0;
  }

  std::vector<std::vector<Fr>> columns;
  std::vector<Expression> replacement(selectors());
  for (const auto& group : groups) {
    const FixedColumn column = fixed_column();
    const Expression query(Query{column, Rotation::cur(), query_index(column, Rotation::cur())});
    std::vector<Fr> content(group.empty() ? 0 : enabled[group[0]].size());
    for (std::size_t member = 1; member <= group.size(); ++member) {
      Expression value = query;
      for (std::size_t other = 1; other <= group.size(); ++other) {
        if (other != member) value = value * (Expression::constant(Fr::from_u64(other)) - query);
      }
      replacement[group[member - 1]] = value;
      const auto& rows = enabled[group[member - 1]];
      for (std::size_t row = 0; row < rows.size(); ++row) {
        if (rows[row]) content[row] = Fr::from_u64(member);
      }
    }
    columns.push_back(std::move(content));
  }
  const auto replace = [&](Selector selector) { return replacement[selector.index]; };
  const auto replace_all = [&](std::vector<Expression>& expressions) {
    for (auto& e : expressions) e = e.replace_selectors(replace);
  };
  for (auto& gate : gates_) replace_all(gate.polynomials);
  for (auto& lookup : lookups_) replace_all(lookup.inputs), replace_all(lookup.tables);
  for (auto& shuffle : shuffles_) replace_all(shuffle.inputs), replace_all(shuffle.shuffles);
  selectors_converted_ = true;
  return columns;
}

}  // namespace ll::halo2
