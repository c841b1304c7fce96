#include "halo2/permutation.hpp"

#include <algorithm>
#include <numeric>

#include "base/error.hpp"

namespace ll::halo2 {

PermutationAssembly::PermutationAssembly(std::vector<AnyColumn> columns, std::size_t rows)
    : columns_(std::move(columns)), rows_(rows), next_(columns_.size() * rows), size_(next_.size(), 1) {
  std::iota(next_.begin(), next_.end(), 0u);
  leader_ = next_;
}

std::size_t PermutationAssembly::cell(const AnyColumn& column, std::size_t row) const {
  const auto found = std::ranges::find(columns_, column);
  LL_CHECK(found != columns_.end(), "copy: column {} is not enabled for equality", column.index);
  LL_CHECK(row < rows_, "copy: row {} is outside the {} rows", row, rows_);
  return static_cast<std::size_t>(found - columns_.begin()) * rows_ + row;
}

void PermutationAssembly::copy(const AnyColumn& left, std::size_t left_row, const AnyColumn& right,
                               std::size_t right_row) {
  const std::size_t a = cell(left, left_row), b = cell(right, right_row);
  if (leader_[a] == leader_[b]) return;
  std::uint32_t larger = leader_[a], smaller = leader_[b];
  if (size_[larger] < size_[smaller]) std::swap(larger, smaller);
  size_[larger] += size_[smaller];
  for (std::uint32_t member = smaller;;) {  // along the smaller cycle
    leader_[member] = larger;
    member = next_[member];
    if (member == smaller) break;
  }
  std::swap(next_[a], next_[b]);
}

std::vector<std::vector<Fr>> PermutationAssembly::sigma_values(const Fr& omega) const {
  std::vector<Fr> omega_powers(rows_), delta_powers(columns_.size());
  Fr power = Fr::one();
  for (Fr& p : omega_powers) p = power, power *= omega;
  power = Fr::one();
  for (Fr& p : delta_powers) p = power, power *= algebra::fr_delta();
  std::vector<std::vector<Fr>> values(columns_.size(), std::vector<Fr>(rows_));
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    for (std::size_t j = 0; j < rows_; ++j) {
      const std::size_t target = next_[i * rows_ + j];
      values[i][j] = delta_powers[target / rows_] * omega_powers[target % rows_];
    }
  }
  return values;
}

}  // namespace ll::halo2
