#pragma once
#include <vector>

#include "circuits/update_witness.hpp"
#include "gadgets/memory_check.hpp"
#include "halo2/constraint_system.hpp"

// The rows that `update` and `update-private` share: transfers and final balances with their ranges in the columns D,
// the running product of the memory check in column T. Layout and gates: docs/circuits/update.md.
namespace ll::circuits {

/// Kinds of rows: values of the type columns and the largest value of each.
enum RangeRow : unsigned { kDigit = 1, kLargestQd = kDigit };
enum BalanceRow : unsigned { kAccount = 1, kSumEnd = 2, kBoundary = 3, kLargestQ2 = kBoundary };
enum ProductRow : unsigned { kCarry = 1, kTransfer = 2, kLargestQ3 = kTransfer };
/// A further type column for two more columns of transfers.
enum MoreTransfersRow : unsigned { kOddTransfer = 1, kEvenTransfer = 2, kLargestQ5 = kEvenTransfer };

using Column = std::vector<Fr>;
/// The columns D, one a column of transfers.
using Columns = std::vector<Column>;

struct BatchColumns {
  std::vector<halo2::AdviceColumn> d;  ///< [columns]; balances stand in the first
  halo2::AdviceColumn t;
  halo2::FixedColumn ft, qd, q2, q3;
  std::vector<halo2::FixedColumn> more_transfers;  ///< [columns / 2]: of columns 2 j + 1 and 2 j + 2
  halo2::Challenge alpha, beta;
};

/// The memory's challenges in a gate: alpha, beta, beta^2.
gadgets::MemoryChallenges<halo2::Expression> memory_challenges(halo2::VirtualCells& cells, const BatchColumns& columns);
/// Switches a gate on in the rows of the transfers of column `c`.
halo2::Expression is_transfer(halo2::VirtualCells& cells, const BatchColumns& columns, std::size_t c);
/// Of a gate with one constraint a column of transfers: nothing where there is one column only.
std::string column_name(const BatchColumns& columns, std::size_t c);

/// "digit", "zero": running sums in columns D. Each call makes one gate; the order of the calls is the order of the
/// gates.
void digit_gate(halo2::ConstraintSystem& cs, halo2::FixedColumn qd, const std::vector<halo2::AdviceColumn>& d);
void zero_gate(halo2::ConstraintSystem& cs, halo2::FixedColumn q2, const std::vector<halo2::AdviceColumn>& d);
/// "carry", "transfer": the product from row to row.
void carry_gate(halo2::ConstraintSystem& cs, const BatchColumns& columns);
void transfer_gate(halo2::ConstraintSystem& cs, const BatchColumns& columns, const UpdateLayout& at);

/// What a key fixes in these columns; layout.used_rows values each.
struct BatchFixed {
  Column ft, qd, q2, q3;
  Columns more_transfers;
};
BatchFixed batch_fixed(const UpdateLayout& at);
/// Marks a row as of one type. Throws Error{invalid_argument} where it has one: a second one would switch the first
/// one's gate off.
void mark_row(Column& column, std::size_t row, unsigned type);
/// Marks a running sum of so many digits from row `first` on.
void mark_digits(Column& qd, Column& q2, std::size_t first, unsigned digits);

/// Columns D of a batch, but for the balances before it; layout.used_rows values each.
Columns fill_batch(const UpdateLayout& at, const UpdateTrace& trace);
/// Puts the running sum of `value` into D from row `first` on.
void put_digits(Column& d, std::size_t first, const Fr& value, unsigned digits);

/// Column T from D and the balances before the batch: account i's stands in row account_row(i) + rotation of `initial`.
Column fill_product(const UpdateLayout& at, const Columns& d, const Column& initial, int rotation,
                    const gadgets::MemoryChallenges<Fr>& memory);

}  // namespace ll::circuits
