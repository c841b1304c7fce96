#include "circuits/update_shape.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "circuits/packing.hpp"

namespace ll::circuits {
namespace {

/// Rows at the end that a prover fills with random values, and the one before them: nine queries of column D and the
/// wire profile's three more (halo2::ConstraintSystem::blinding_factors, held by a test).
constexpr std::size_t kUnusableRows = 12;

}  // namespace

void check(const UpdateShape& shape) {
  const model::EncoderShape& e = shape.encoder;
  model::check(e);
  LL_CHECK(e.dims % (2 * kEntriesPerWord) == 0, "update: {} dimensions, a multiple of {} expected", e.dims,
           2 * kEntriesPerWord);
  LL_CHECK(e.accounts >= 2 && e.accounts <= e.dims / kEntriesPerWord,
           "update: {} accounts, 2 to dims / {} = {} expected", e.accounts, kEntriesPerWord, e.dims / kEntriesPerWord);
  LL_CHECK(e.balance_bits % 2 == 0 && e.balance_bits >= 4, "update: balance_bits = {}, an even number from 4 expected",
           e.balance_bits);
  LL_CHECK(shape.transfers >= 1 && shape.transfers <= (std::size_t{1} << 20),
           "update: a batch of {} transfers, 1 to 2^20 expected", shape.transfers);
}

UpdateLayout::UpdateLayout(const UpdateShape& shape) {
  check(shape);
  accounts = shape.encoder.accounts;
  transfers = shape.transfers;
  words = shape.encoder.dims / kEntriesPerWord;
  balance_digits = shape.encoder.balance_bits / 2;
  time_digits = 1;
  while ((std::size_t{1} << (2 * time_digits)) <= 2 * transfers + 1) ++time_digits;
  transfers_a_block = (transfers + accounts - 1) / accounts;
  transfer_rows = 2 * (balance_digits + 1) + 2 * (time_digits + 1) + 3;
  // One row for the final time before the account row, and room for the Horner run inside the block.
  account_row_offset = std::max(transfers_a_block * transfer_rows + 1, words / 2);
  block_rows = account_row_offset + balance_digits + 2;
  // The sum before account 0 is the Horner value of the public vectors, in row `words`.
  first_block = words + balance_digits + 1;
  used_rows = first_block + accounts * block_rows;
  k = 1;
  while ((std::size_t{1} << k) < used_rows + kUnusableRows) ++k;
}

}  // namespace ll::circuits
