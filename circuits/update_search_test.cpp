// `update` against searches: every batch of a tiny ledger, and witnesses with any one cell changed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "circuits/update_lies.hpp"
#include "halo2/mock_prover.hpp"
#include "model/test_encoder.hpp"

namespace ll::circuits {
namespace {

bool holds(UpdateCircuit& circuit, const halo2::Instances& instances) {
  return halo2::MockProver::run(circuit.k(), circuit, instances).empty();
}

/// Three accounts, amounts below 8, two transfers in every order and between all slots, one of them unknown: what is
/// valid by the ledger's rules is accepted, everything else is refused.
TEST(UpdateSearch, EveryBatchOfTwoTransfersOfATinyLedger) {
  const UpdateShape shape{{3, 16, 14, 4}, 2};
  const model::QuantizedEncoder encoder = model::random_encoder(shape.encoder, 11);
  constexpr std::uint32_t kSlots = 4, kAmounts = 8, kTransfers = kSlots * kSlots * kAmounts;
  const auto transfer = [](std::uint32_t code) {
    return ledger::SlotTransfer{code / kAmounts / kSlots, code / kAmounts % kSlots, code % kAmounts};
  };
  std::size_t accepted = 0, refused = 0;
  for (std::uint32_t first = 0; first < kTransfers; ++first) {
    for (std::uint32_t second = 0; second < kTransfers; ++second) {
      const UpdateWitness witness{{5, 3, 12}, {transfer(first), transfer(second)}};
      // By the rules, written out once more. An amount of 0 between two accounts is an empty slot.
      std::int64_t balances[] = {5, 3, 12};
      bool valid = true;
      for (const ledger::SlotTransfer& t : witness.transfers) {
        valid = valid && t.sender < 3 && t.receiver < 3 && t.sender != t.receiver;
        if (!valid) break;
        balances[t.sender] -= static_cast<std::int64_t>(t.amount);
        balances[t.receiver] += static_cast<std::int64_t>(t.amount);
        valid = balances[t.sender] >= 0;
      }
      for (const std::int64_t balance : balances) valid = valid && balance < 16;
      UpdateTrace trace = trace_update(shape, encoder, witness);
      const halo2::Instances instances = trace.instances();
      UpdateCircuit circuit(shape, encoder, std::move(trace));
      ASSERT_EQ(holds(circuit, instances), valid) << first << " " << second;
      ++(valid ? accepted : refused);
    }
  }
  std::printf("every batch of two: %zu accepted, %zu refused\n", accepted, refused);
  RecordProperty("accepted", static_cast<int>(accepted));
  RecordProperty("refused", static_cast<int>(refused));
  EXPECT_GT(accepted, 500u);
  EXPECT_GT(refused, 3000u);
}

/// Cells that some gate reads: of column D `column`, R and T. The rest of the table is free and says nothing.
std::set<std::size_t> read_in_d(const UpdateLayout& at, std::size_t column) {
  std::set<std::size_t> rows;
  const auto add = [&](std::size_t first, std::size_t count) {
    for (std::size_t row = first; row < first + count; ++row) rows.insert(row);
  };
  for (std::size_t t = 0; t < at.transfers; ++t) {
    // Columns side by side share the rows in which running sums are checked.
    const std::size_t first = t / at.columns * at.columns;
    for (const int sum : {at.amount_at(), at.sender_after_at()}) add(at.cell(first, sum), at.balance_digits + 1);
    for (const int gap : {at.sender_gap_at(), at.receiver_gap_at()}) add(at.cell(first, gap), at.time_digits + 1);
    if (at.column_of(t) == column) add(at.cell(t, at.receiver_before_at()), 3);
  }
  for (std::size_t i = 0; i < at.accounts; ++i) {
    add(at.account_row(i), at.balance_digits + 1);
    const std::size_t start = at.account_row(i) + static_cast<std::size_t>(static_cast<long>(at.initial_balance_at()));
    if (column == 0) rows.insert(at.account_row(i) - 1);
    if (at.start_is_ranged) add(start, at.balance_digits + 1);
    if (column == 0) rows.insert(start);
  }
  return rows;
}

std::set<std::size_t> read_in_r(const UpdateLayout& at) {
  std::set<std::size_t> rows;
  for (std::size_t row = 0; row <= at.public_rows(); ++row) rows.insert(row);
  for (std::size_t i = 0; i < at.accounts; ++i) {
    for (std::size_t row = at.horner_rows(i).front() + 1; row <= at.account_row(i) + 1; ++row) rows.insert(row);
  }
  for (std::size_t t = 0; t < at.transfers; ++t) rows.insert({at.transfer_row(t), at.transfer_row(t) + 1});
  return rows;
}

/// Every cell of the second block of D, in each column, and every cell of T, changed one by one, up and down. In a
/// column beside the first the running sum at an account's row is nobody's, and 1 is a digit as good as its first
/// cell's 0.
TEST(UpdateSearch, EveryCellOfABlockIsBound) {
  for (auto [name, s] : small_settings()) {
    if (name != "narrow" && name != "standalone" && name != "three columns, from 1") continue;
    SCOPED_TRACE(name);
    const UpdateTrace trace = trace_update(s.shape, s.encoder, s.witness);
    LyingUpdateCircuit circuit(s.shape, s.encoder, trace);
    const UpdateLayout& at = circuit.layout();
    const halo2::Instances instances = trace.instances();
    for (std::size_t column = 0; column < at.columns; ++column) {
      const auto read = read_in_d(at, column);
      for (std::size_t row = at.block_row(1); row < at.block_row(2); ++row) {
        const bool free_digit = column > 0 && row == at.account_row(1);
        for (const Fr& by : {Fr::one(), -Fr::one()}) {
          circuit.lie_in_d = [=](Columns& d) { d[column][row] += by; };
          EXPECT_EQ(holds(circuit, instances), !read.contains(row) || (free_digit && by == Fr::one()))
              << "column " << column << " " << at.describe_row(row);
        }
      }
    }
    circuit.lie_in_d = nullptr;
    for (std::size_t row = 0; row <= at.last_row(); ++row) {
      circuit.lie_in_t = [=](Column& t) { t[row] += Fr::one(); };
      EXPECT_FALSE(holds(circuit, instances)) << "T " << row;
    }
  }
}

/// Any single cell of a valid witness changed at random: refused where a gate reads it, and else without a meaning. A
/// changed cell of D is changed before the challenges, so R and T follow from it as a liar would have them.
TEST(UpdateSearch, AnyCellChangedIsRefusedOrMeansNothing) {
  SeededRng rng(17);
  std::size_t refused = 0, meaningless = 0;
  for (auto [name, s] : small_settings()) {
    SCOPED_TRACE(name);
    const UpdateTrace trace = trace_update(s.shape, s.encoder, s.witness);
    LyingUpdateCircuit circuit(s.shape, s.encoder, trace);
    const UpdateLayout& at = circuit.layout();
    const halo2::Instances instances = trace.instances();
    const auto in_r = read_in_r(at);
    for (int round = 0; round < 90; ++round) {
      const std::size_t row = rng.below(at.used_rows), which = rng.below(at.columns + 2);
      const Fr by = round % 2 == 0 ? Fr::one() : Fr::random(rng);
      circuit.lie_in_d = nullptr;
      circuit.lie_in_r = nullptr;
      circuit.lie_in_t = nullptr;
      bool read = false;
      if (which < at.columns) {
        read = read_in_d(at, which).contains(row);
        circuit.lie_in_d = [=](Columns& d) { d[which][row] += by; };
      } else if (which == at.columns) {
        read = in_r.contains(row);
        circuit.lie_in_r = [=](Column& r, const Columns&, const Fr&, const Fr&) { r[row] += by; };
      } else {
        read = row <= at.last_row();
        circuit.lie_in_t = [=](Column& t) { t[row] += by; };
      }
      EXPECT_EQ(holds(circuit, instances), !read)
          << "column " << which << " row " << row << " " << at.describe_row(row);
      ++(read ? refused : meaningless);
    }
  }
  std::printf("cells changed at random: %zu refused, %zu read by no gate\n", refused, meaningless);
  RecordProperty("refused", static_cast<int>(refused));
  RecordProperty("meaningless", static_cast<int>(meaningless));
  EXPECT_GT(refused, 500u);
  EXPECT_GT(meaningless, 50u);
}

}  // namespace
}  // namespace ll::circuits
