#pragma once
#include <vector>

#include "circuits/update_witness.hpp"
#include "gadgets/memory_check.hpp"
#include "halo2/constraint_system.hpp"

// The rows that `update` and `update-private` share: transfers and final balances with their ranges in column D, the
// running product of the memory check in column T. Layout and gates: docs/circuits/update.md.
namespace ll::circuits {

/// Kinds of rows: values of the type columns and the largest value of each.
enum RangeRow : unsigned { kDigit = 1, kLargestQd = kDigit };
enum BalanceRow : unsigned { kAccount = 1, kSumEnd = 2, kBoundary = 3, kLargestQ2 = kBoundary };
enum ProductRow : unsigned { kCarry = 1, kTransfer = 2, kLargestQ3 = kTransfer };

struct BatchColumns {
  halo2::AdviceColumn d, t;
  halo2::FixedColumn ft, qd, q2, q3;
  halo2::Challenge alpha, beta;
};

/// The memory's challenges in a gate: alpha, beta, beta^2.
gadgets::MemoryChallenges<halo2::Expression> memory_challenges(halo2::VirtualCells& cells, const BatchColumns& columns);

/// "digit", "zero": running sums in D. Each call makes one gate; the order of the calls is the order of the gates.
void digit_gate(halo2::ConstraintSystem& cs, halo2::FixedColumn qd, halo2::AdviceColumn d);
void zero_gate(halo2::ConstraintSystem& cs, halo2::FixedColumn q2, halo2::AdviceColumn d);
/// "carry", "transfer": the product from row to row.
void carry_gate(halo2::ConstraintSystem& cs, const BatchColumns& columns);
void transfer_gate(halo2::ConstraintSystem& cs, const BatchColumns& columns, const UpdateLayout& at);

/// What a key fixes in these columns; layout.used_rows values each.
struct BatchFixed {
  std::vector<Fr> ft, qd, q2, q3;
};
BatchFixed batch_fixed(const UpdateLayout& at);
/// Marks a row as of one type. Throws Error{invalid_argument} where it has one: a second one would switch the first
/// one's gate off.
void mark_row(std::vector<Fr>& column, std::size_t row, unsigned type);
/// Marks a running sum of so many digits from row `first` on.
void mark_digits(std::vector<Fr>& qd, std::vector<Fr>& q2, std::size_t first, unsigned digits);

/// Column D of a batch, but for the balances before it; layout.used_rows values.
std::vector<Fr> fill_batch(const UpdateLayout& at, const UpdateTrace& trace);
/// Puts the running sum of `value` into D from row `first` on.
void put_digits(std::vector<Fr>& d, std::size_t first, const Fr& value, unsigned digits);

/// Column T from D and the balances before the batch: account i's stands in row account_row(i) + rotation of `initial`.
std::vector<Fr> fill_product(const UpdateLayout& at, const std::vector<Fr>& d, const std::vector<Fr>& initial,
                             int rotation, const gadgets::MemoryChallenges<Fr>& memory);

}  // namespace ll::circuits
