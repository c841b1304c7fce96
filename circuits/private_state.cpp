#include "circuits/private_state.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "circuits/packing.hpp"

namespace ll::circuits {
// As for `update`: no column of these statements is queried at more rotations than D there.
PrivateLayout::PrivateLayout(const UpdateShape& shape) : UpdateLayout(shape) {
  while ((std::size_t{1} << k) < state_rows() + unusable_rows()) ++k;
}

PrivateState PrivateState::fresh(std::vector<u128> balances, Rng& rng) {
  PrivateState state{std::move(balances), std::vector<Fr>(kRandomRows)};
  for (Fr& value : state.random) value = Fr::random(rng);
  return state;
}

std::vector<Fr> state_column(const PrivateLayout& layout, const std::vector<Fr>& balances,
                             const std::vector<Fr>& random) {
  LL_CHECK(balances.size() == layout.accounts && random.size() == kRandomRows,
           "private state: {} balances and {} random values, {} and {} expected", balances.size(), random.size(),
           layout.accounts, kRandomRows);
  std::vector<Fr> column(layout.state_rows());
  for (std::size_t i = 0; i < balances.size(); ++i) column[layout.account_row(i)] = balances[i];
  std::ranges::copy(random, column.begin() + static_cast<std::ptrdiff_t>(layout.first_random_row()));
  return column;
}

std::vector<Fr> state_column(const PrivateLayout& layout, const PrivateState& state) {
  std::vector<Fr> balances;
  for (const u128 balance : state.balances) balances.push_back(fr_from_u128(balance));
  return state_column(layout, balances, state.random);
}

G1Affine commit_state(const halo2::Srs& srs, const PrivateLayout& layout, const PrivateState& state) {
  if (srs.k != layout.k)
    fail(ErrorCode::srs, "private state: an SRS of k = {}, states of this shape need k = {}", srs.k, layout.k);
  std::vector<Fr> column = state_column(layout, state);
  column.resize(srs.size());
  return srs.commit_lagrange(column);
}

}  // namespace ll::circuits
