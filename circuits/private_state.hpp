#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "base/random.hpp"
#include "circuits/update_shape.hpp"
#include "halo2/srs.hpp"

namespace ll::circuits {

using halo2::Fr;
using halo2::G1Affine;

/// m: random rows of a state column.
inline constexpr std::size_t kRandomRows = 64;
/// What one proof can show of a state column at most: its value at x, and as much again in each of the four quotient
/// pieces, whose commitments are not blinded (counted generously: they depend on other random rows too).
inline constexpr std::size_t kShownAnOpening = 1 + 4;
/// Openings of one state that a ledger allows. A chain needs two: as the state after, then as the state before.
inline constexpr unsigned kMostOpenings = 8;
static_assert(1 + kMostOpenings * kShownAnOpening < kRandomRows, "the commitment and all openings must stay below m");

/// Rows of the statements about private states: those of `update`, then the random rows of a state.
struct PrivateLayout : UpdateLayout {
  /// Throws as check(shape) does.
  explicit PrivateLayout(const UpdateShape& shape);
  std::size_t first_random_row() const { return used_rows; }
  /// Account rows and random rows: values of a state column that are assigned.
  std::size_t state_rows() const { return used_rows + kRandomRows; }
};

/// A ledger's secret state: balances by slot, and the random values that hide them. Its commitment is the KZG
/// commitment of the *state column*: balance i in row account_row(i), random value j in row first_random_row() + j,
/// zero everywhere else, the last rows too. So it is the same in every statement and every proof.
struct PrivateState {
  std::vector<u128> balances;
  std::vector<Fr> random;  ///< [kRandomRows]

  /// With random values of its own. Two states under the same values would give away their difference, so each new
  /// state gets fresh ones, also when the same batch is proved again.
  static PrivateState fresh(std::vector<u128> balances, Rng& rng);
  friend bool operator==(const PrivateState&, const PrivateState&) = default;
};

/// The state column, layout.state_rows() values. Throws Error{invalid_argument} when a length is wrong.
std::vector<Fr> state_column(const PrivateLayout& layout, const std::vector<Fr>& balances,
                             const std::vector<Fr>& random);
std::vector<Fr> state_column(const PrivateLayout& layout, const PrivateState& state);

/// The state's 32 bytes as a point. Throws Error{srs} unless the SRS has the layout's k: the Lagrange basis depends on
/// it.
G1Affine commit_state(const halo2::Srs& srs, const PrivateLayout& layout, const PrivateState& state);

}  // namespace ll::circuits
