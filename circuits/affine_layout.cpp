#include <algorithm>
#include <numeric>

#include "base/error.hpp"
#include "circuits/affine_circuit.hpp"

namespace ll::circuits {
namespace {

/// Two queries of a column at most: five blinding factors and the row before them.
constexpr std::size_t kUnusableRows = 6;
constexpr std::size_t kMostColumns = 16;

}  // namespace

AffineLayout::AffineLayout(const AffineStatement& statement, std::size_t c) : columns(c) {
  check(statement);
  LL_CHECK(c >= 1 && c <= kMostColumns, "affine: {} columns of constants, 1 to {} expected", c, kMostColumns);
  entry_bits = statement.entry_bits();
  const std::size_t per_word = entries_per_word(entry_bits), per_group = per_word * c;
  words = (statement.constants.size() + per_word - 1) / per_word;

  // Values in the order of the lowest group of words that they take part in, highest first; the unused ones last.
  struct Reach {
    std::size_t value, low, high;
    bool used;
  };
  std::vector<Reach> order;
  for (std::size_t j = 0; j < statement.values.size(); ++j) {
    const auto& terms = statement.values[j].terms;
    if (terms.empty()) {
      order.push_back({j, 0, 0, false});
    } else {
      order.push_back({j, terms.front().entry / per_group, terms.back().entry / per_group, true});
    }
  }
  std::ranges::stable_sort(order,
                           [](const Reach& a, const Reach& b) { return a.used != b.used ? a.used : a.low > b.low; });

  // Row 0 of U's tape is the boundary's.
  std::size_t d_free = 0, u_free = 1, s_free = 0, group = order.front().low;
  const auto shift_to = [&](std::size_t low) {
    for (; group > low; --group) {
      const std::size_t row = std::max(u_free, s_free);
      shifts.push_back(row);
      u_free = s_free = row + 1;
    }
  };
  for (const Reach& reach : order) {
    const std::size_t digits = statement.values[reach.value].bits / 2;
    if (!reach.used) {
      blocks.push_back({reach.value, d_free, 0, 0});
      d_free += digits + 1;
      continue;
    }
    shift_to(reach.low);
    const std::size_t constants = reach.high - reach.low + 1;
    const std::size_t row = std::max({u_free + constants, d_free, s_free});
    blocks.push_back({reach.value, row, constants, reach.high});
    u_free = row;
    d_free = row + digits + 1;
    s_free = row + 1;
  }
  shift_to(0);
  public_row = std::max(u_free, s_free);
  last_row = public_row + words;
  used_rows = std::max(last_row + 1, d_free);
  while ((std::size_t{1} << k) < used_rows + kUnusableRows) ++k;
}

AffineLayout AffineLayout::smallest(const AffineStatement& statement) {
  AffineLayout best(statement, 1);
  for (std::size_t c = 2; c <= kMostColumns; ++c) {
    AffineLayout layout(statement, c);
    if (layout.k < best.k) best = std::move(layout);
  }
  return best;
}

}  // namespace ll::circuits
