#include "circuits/update_shape.hpp"

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "circuits/packing.hpp"

namespace ll::circuits {

void check(const UpdateShape& shape) {
  const model::EncoderShape& e = shape.encoder;
  model::check(e);
  LL_CHECK(e.dims % (2 * kEntriesPerWord) == 0, "update: {} dimensions, a multiple of {} expected", e.dims,
           2 * kEntriesPerWord);
  LL_CHECK(e.balance_bits % 2 == 0 && e.balance_bits >= 4, "update: balance_bits = {}, an even number from 4 expected",
           e.balance_bits);
  LL_CHECK(shape.limbs >= 1 && shape.limbs <= 128 / e.balance_bits,
           "update: {} limbs of {} bits, at least 1 and at most 128 bits in all expected", shape.limbs, e.balance_bits);
  LL_CHECK(shape.columns >= 1 && shape.columns <= kMostColumns, "update: {} columns of transfers, 1 to {} expected",
           shape.columns, kMostColumns);
  LL_CHECK(shape.transfers >= 1 && shape.transfers <= (std::size_t{1} << 20),
           "update: a batch of {} transfers, 1 to 2^20 expected", shape.transfers);
  const std::size_t most = shape.start_is_ranged() ? e.dims : e.dims / kEntriesPerWord;
  LL_CHECK(e.accounts >= 2 && e.accounts <= most, "update: {} accounts, 2 to {} = {} expected{}", e.accounts,
           shape.start_is_ranged() ? "dims" : "dims / 4", most,
           shape.start_is_ranged() ? "" : " (up to dims in a standalone batch)");
}

UpdateLayout::UpdateLayout(const UpdateShape& shape) {
  check(shape);
  accounts = shape.encoder.accounts;
  transfers = shape.transfers;
  columns = shape.columns;
  limbs = shape.limbs;
  start_is_ranged = shape.start_is_ranged();
  words = shape.encoder.dims / kEntriesPerWord;
  limb_digits = shape.encoder.balance_bits / 2;
  balance_digits = limbs * limb_digits;
  time_digits = 1;
  while ((std::size_t{1} << (2 * time_digits)) <= 2 * transfers + 1) ++time_digits;
  transfers_a_block = (transfers + accounts * columns - 1) / (accounts * columns);
  const int last = std::max({sender_after_at() + sum_rows(), receiver_gap_at() + gap_rows(), amount_at() + sum_rows()});
  // The gates of `columns` transfers stand one below the other, from the sender's row on.
  transfer_rows = std::max(static_cast<std::size_t>(last - first_at()),
                           static_cast<std::size_t>(-first_at()) + static_cast<std::size_t>(columns));
  const int before = std::max(1, -std::min(initial_balance_at(), final_time_at()));
  account_row_offset = transfers_a_block * transfer_rows + static_cast<std::size_t>(before);
  // Room for the Horner run inside the block.
  account_row_offset = std::max(account_row_offset, words / 2 + transfers_a_block * columns);
  block_rows = account_row_offset + static_cast<std::size_t>(sum_rows() * (limbs == 1 ? 1 : 2));
  // The sum before account 0 is the Horner value of the public vectors, in row public_rows().
  first_block = public_rows() + block_rows - 1 - account_row_offset;
  used_rows = first_block + accounts * block_rows;
  k = 1;
  while ((std::size_t{1} << k) < used_rows + unusable_rows()) ++k;
}

int UpdateLayout::sender_gap_at() const {
  if (limbs == 1) return receiver_gap_at() - gap_rows();
  return gaps_between_limbs() ? limb_at(1) : sender_after_at() + sum_rows();
}

int UpdateLayout::receiver_gap_at() const {
  if (limbs == 1) return receiver_before_at() - gap_rows();
  return gaps_between_limbs() ? limb_at(2) : sender_gap_at() + gap_rows();
}

int UpdateLayout::initial_balance_at() const {
  // At a rotation that a transfer's gate asks for already.
  if (limbs > 1) return sum_rows();
  return start_is_ranged ? sender_after_at() : receiver_gap_at();
}

std::size_t UpdateLayout::sender_row(std::size_t t) const {
  const std::size_t place = t / columns;
  return block_row(place / transfers_a_block) + (place % transfers_a_block) * transfer_rows +
         static_cast<std::size_t>(-first_at());
}

std::vector<std::size_t> UpdateLayout::horner_rows(std::size_t account) const {
  std::vector<std::size_t> rows;
  std::set<std::size_t> gates;
  const std::size_t share = transfers_a_block * columns;
  for (std::size_t t = account * share; has_transfers && t < std::min((account + 1) * share, transfers); ++t)
    gates.insert(transfer_row(t));
  for (std::size_t row = account_row(account); rows.size() < words / 2;) {
    --row;
    if (!gates.contains(row)) rows.push_back(row);
  }
  std::ranges::reverse(rows);
  return rows;
}

std::string UpdateLayout::describe_row(std::size_t row) const {
  if (row < first_block) return "public vectors";
  if (row >= used_rows) return "unused";
  const std::size_t account = (row - first_block) / block_rows, offset = (row - first_block) % block_rows;
  const std::size_t place = offset / transfer_rows, first = (account * transfers_a_block + place) * columns;
  const auto within = [](int cell, int from, int rows) { return cell >= from && cell < from + rows; };
  if (place < transfers_a_block && first < transfers) {
    const int cell = static_cast<int>(offset % transfer_rows) + first_at();
    const char* what = within(cell, amount_at(), sum_rows())         ? "amount"
                       : within(cell, sender_after_at(), sum_rows()) ? "sender's balance after"
                       : within(cell, sender_gap_at(), gap_rows())   ? "time since the sender's balance was written"
                       : within(cell, receiver_gap_at(), gap_rows()) ? "time since the receiver's balance was written"
                       : cell == 0                                   ? "sender"
                       : cell == receiver_at()                       ? "receiver"
                       : cell == receiver_before_at()                ? "receiver's balance before"
                                                                     : "unused";
    const std::size_t last = std::min(first + columns, transfers) - 1;
    return last == first ? fmt::format("transfer {}: {}", first, what)
                         : fmt::format("transfers {} to {}: {}", first, last, what);
  }
  const int cell = static_cast<int>(offset) - static_cast<int>(account_row_offset);
  const char* what = within(cell, 0, sum_rows())                                            ? "final balance"
                     : within(cell, initial_balance_at(), start_is_ranged ? sum_rows() : 1) ? "start balance"
                     : cell == final_time_at()                                              ? "time of the last write"
                                                                                            : "constants";
  return fmt::format("account {}: {}", account, what);
}

std::size_t UpdateLayout::queries() const {
  std::size_t most = 0;
  for (int column = 0; column < static_cast<int>(columns); ++column) {
    std::set<int> rotations{0, 1};
    for (const int at :
         {receiver_before_at(), 0, receiver_at(), amount_at(), sender_after_at(), sender_gap_at(), receiver_gap_at()})
      rotations.insert(at - column);
    if (column == 0) {
      rotations.insert(final_time_at());
      for (unsigned limb = 0; limb < limbs; ++limb) {
        rotations.insert(limb_at(limb));
        rotations.insert(initial_balance_at() + limb_at(limb));
      }
    }
    most = std::max(most, rotations.size());
  }
  return most;
}

}  // namespace ll::circuits
