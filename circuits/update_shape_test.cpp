#include "circuits/update_shape.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "circuits/update_lies.hpp"
#include "halo2/pinned.hpp"

namespace ll::circuits {
namespace {

halo2::ConstraintSystem configured(const UpdateShape& shape) {
  halo2::ConstraintSystem cs;
  UpdateCircuit(shape).configure(cs);
  return cs;
}

TEST(UpdateShape, DefaultIsTheDocumentedLayout) {
  const UpdateLayout at{UpdateShape{}};
  EXPECT_EQ(at.words, 128u);
  EXPECT_EQ(at.balance_digits, 16u);
  EXPECT_EQ(at.time_digits, 5u);
  EXPECT_EQ(at.transfers_a_block, 2u);
  EXPECT_EQ(at.transfer_rows, 49u);
  EXPECT_EQ(at.block_rows, 122u);
  EXPECT_EQ(at.first_block, 144u);
  EXPECT_EQ(at.account_row(0), 249u);
  EXPECT_EQ(at.account_row(127), 144u + 122u * 127u + 105u);
  EXPECT_EQ(at.sender_row(255), 144u + 122u * 127u + 49u + 30u);
  EXPECT_EQ(at.horner_rows(5).front(), at.account_row(5) - 65);  // 64 steps around one transfer's gate
  EXPECT_EQ(at.previous_sum_at(), -121);
  EXPECT_EQ(at.used_rows, 15760u);
  EXPECT_EQ(at.k, 14u);
  for (const auto& [is, expected] : std::initializer_list<std::pair<int, int>>{{at.sender_after_at(), -30},
                                                                               {at.sender_gap_at(), -13},
                                                                               {at.receiver_gap_at(), -7},
                                                                               {at.receiver_before_at(), -1},
                                                                               {at.receiver_at(), 1},
                                                                               {at.amount_at(), 2},
                                                                               {at.final_time_at(), -1},
                                                                               {at.initial_balance_at(), -7}}) {
    EXPECT_EQ(is, expected);
  }
}

TEST(UpdateShape, ExactWeiIsTheDocumentedLayout) {
  const UpdateShape shape{.limbs = 4};
  const UpdateLayout at{shape};
  EXPECT_EQ(at.balance_digits, 64u);
  EXPECT_EQ(at.transfer_rows, 179u);
  EXPECT_EQ(at.block_rows, 489u);
  EXPECT_EQ(at.k, 16u);
  for (const auto& [is, expected] : std::initializer_list<std::pair<int, int>>{{at.sender_after_at(), 113},
                                                                               {at.sender_gap_at(), 16},
                                                                               {at.receiver_gap_at(), 32},
                                                                               {at.receiver_before_at(), -1},
                                                                               {at.receiver_at(), 1},
                                                                               {at.amount_at(), 48},
                                                                               {at.final_time_at(), -1},
                                                                               {at.initial_balance_at(), 65},
                                                                               {at.limb_at(3), 48}}) {
    EXPECT_EQ(is, expected);
  }
}

// The text without commitments is a pure function of the code: another value means other keys, or a compiler that
// evaluates queries in another order.
TEST(UpdateShape, KeyTextIsTheSameFromEveryCompiler) {
  const std::string text = halo2::pinned_text(configured({}), halo2::Profile::pse_v030, 14, 16, {}, {});
  EXPECT_EQ(to_hex(sha256({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()})),
            "6a3993e67b73e06268318c64769cd0dfaae98f85f4cde921db4861ec55d2211c");
}

TEST(UpdateShape, DefaultConstraintSystemFitsTheBudget) {
  const auto cs = configured({});
  EXPECT_EQ(cs.degree(), 5u);
  EXPECT_EQ(cs.blinding_factors(), 9u);
  EXPECT_EQ(cs.usable_rows(14), 16374u);
  EXPECT_EQ(cs.proof_bytes(), 928u);
  EXPECT_EQ(cs.advice_columns(), 3u);
  EXPECT_EQ(cs.fixed_columns(), 6u);
  EXPECT_EQ(cs.advice_queries().size(), 12u);
  EXPECT_EQ(cs.fixed_queries().size(), 6u);
  EXPECT_EQ(cs.challenges(), 4u);
  EXPECT_EQ(cs.permutation_sets(), 0u);
  EXPECT_EQ(cs.lookups().size(), 0u);
  EXPECT_EQ(cs.selectors(), 0u);
  for (const auto& rows : cs.instance_rows()) EXPECT_EQ(rows, 128u);
}

TEST(UpdateShape, ProofBytesOfOtherShapes) {
  UpdateShape shape{.limbs = 4};
  const auto exact = configured(shape);
  EXPECT_EQ(exact.proof_bytes(), 1024u);
  for (const auto& rows : exact.instance_rows()) EXPECT_EQ(rows, 512u);
  shape = {.standalone = true};
  EXPECT_EQ(configured(shape).proof_bytes(), 928u);
  shape = {.transfers = 65536};
  EXPECT_EQ(configured(shape).proof_bytes(), 928u);
  shape = {.transfers = 65536, .columns = 4};
  EXPECT_LE(configured(shape).proof_bytes(), 2048u);
  shape = {.encoder = {.accounts = 16}, .transfers = 1};
  EXPECT_EQ(configured(shape).proof_bytes(), 928u);
}

TEST(UpdateShape, GatesComeInTheDocumentedOrderAndDegrees) {
  const std::vector<std::pair<std::string, std::vector<std::size_t>>> expected{
      {"digit", {5}},        {"zero", {4}},         {"account memory", {5}}, {"account encoder", {5}},
      {"boundary", {4, 4}},  {"carry", {3}},        {"transfer", {5}},       {"horner", {4}},
      {"horner start", {4}}, {"horner carry", {3}}, {"public", {4}}};
  for (const unsigned limbs : {1u, 4u}) {
    for (const unsigned columns : {1u, 4u}) {
      const auto cs = configured({.limbs = limbs, .columns = columns});
      ASSERT_EQ(cs.gates().size(), expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(cs.gates()[i].name, expected[i].first);
        std::vector<std::size_t> degrees = expected[i].second;
        if (std::set<std::string>{"digit", "zero", "transfer", "horner carry"}.contains(expected[i].first))
          degrees.assign(columns, degrees.front());
        std::vector<std::size_t> found;
        for (const auto& polynomial : cs.gates()[i].polynomials) found.push_back(polynomial.degree());
        EXPECT_EQ(found, degrees) << expected[i].first;
      }
    }
  }
}

/// Cells of each column D, and rows of column R, with what they are for: no two uses share one.
TEST(UpdateShape, EveryShapeHasItsRowsApart) {
  for (const UpdateShape& shape :
       {UpdateShape{}, UpdateShape{{4, 16, 14, 32}, 6}, UpdateShape{{2, 8, 14, 4}, 1}, UpdateShape{{4, 256, 10, 16}, 2},
        UpdateShape{{16, 64, 14, 32}, 100}, UpdateShape{{8, 32, 14, 32}, 9}, UpdateShape{{128, 512, 14, 32}, 1024},
        UpdateShape{{4, 16, 14, 32}, 6, 4}, UpdateShape{{4, 16, 14, 8}, 6, 2}, UpdateShape{{4, 16, 14, 4}, 6, 3},
        UpdateShape{{4, 16, 14, 4}, 6, 16}, UpdateShape{{4, 16, 14, 32}, 1, 1, 8},
        UpdateShape{{4, 16, 14, 4}, 99, 1, 8}, UpdateShape{{4, 16, 14, 32}, 99, 4, 5},
        UpdateShape{{4, 16, 14, 32}, 6, 1, 1, true}, UpdateShape{{1024, 1024, 11, 32}, 256, 1, 1, true},
        UpdateShape{{16, 512, 14, 32}, 256}, UpdateShape{{128, 512, 14, 32}, 4096, 4, 4}}) {
    const UpdateLayout at(shape);
    SCOPED_TRACE(fmt::format("{} accounts, {} dims, {} transfers, {} limbs, {} columns", at.accounts, at.words * 4,
                             at.transfers, at.limbs, at.columns));
    std::vector<std::set<std::size_t>> d(at.columns);
    const auto use = [&](std::size_t column, std::size_t first, std::size_t count) {
      for (std::size_t row = first; row < first + count; ++row) EXPECT_TRUE(d[column].insert(row).second) << row;
    };
    std::set<std::size_t> gates;
    for (std::size_t t = 0; t < at.transfers; ++t) {
      const std::size_t column = at.column_of(t);
      use(column, at.cell(t, at.receiver_before_at()), 3);  // then sender and receiver
      for (const int sum : {at.amount_at(), at.sender_after_at()}) use(column, at.cell(t, sum), at.balance_digits + 1);
      for (const int sum : {at.sender_gap_at(), at.receiver_gap_at()}) use(column, at.cell(t, sum), at.time_digits + 1);
      EXPECT_TRUE(gates.insert(at.transfer_row(t)).second) << "two transfers in row " << at.transfer_row(t);
    }
    for (std::size_t i = 0; i < at.accounts; ++i) {
      use(0, at.account_row(i) - 1, at.balance_digits + 2);
      use(0, at.account_row(i) + static_cast<std::size_t>(static_cast<long>(at.initial_balance_at())),
          shape.start_is_ranged() ? at.balance_digits + 1 : 1);
      EXPECT_TRUE(gates.insert(at.account_row(i)).second);
    }
    std::set<std::size_t> r;  // rows whose next value of R a gate says
    for (std::size_t row = 0; row < at.public_rows(); ++row) r.insert(row);
    for (const std::size_t row : gates) EXPECT_TRUE(r.insert(row).second) << row;
    for (std::size_t i = 0; i < at.accounts; ++i) {
      const auto rows = at.horner_rows(i);
      EXPECT_EQ(rows.size(), at.words / 2);
      EXPECT_GE(rows.front(), at.block_row(i));
      for (std::size_t row = rows.front(); row < at.account_row(i); ++row) {
        // Every row of the run is a step or carries it: no gap in which a prover could choose R anew.
        EXPECT_EQ(std::ranges::count(rows, row) + static_cast<long>(gates.contains(row)), 1) << row;
      }
      for (const std::size_t row : rows) EXPECT_TRUE(r.insert(row).second) << row;
      const std::size_t before = i == 0 ? at.public_rows() : at.account_row(i - 1) + 1;
      EXPECT_EQ(at.account_row(i) + static_cast<std::size_t>(static_cast<long>(at.previous_sum_at())), before);
      EXPECT_FALSE(r.contains(before)) << "the sum in row " << before << " would have to be something else too";
    }
    for (const auto& column : d) EXPECT_TRUE(column.empty() || *column.rbegin() < at.used_rows);
    EXPECT_LT(at.last_row(), at.used_rows);
    EXPECT_LT(2 * at.transfers + 1, std::size_t{1} << (2 * at.time_digits));
    halo2::ConstraintSystem cs;
    UpdateCircuit(shape).configure(cs);
    EXPECT_EQ(at.unusable_rows(), cs.blinding_factors() + 1);
    EXPECT_LE(at.used_rows, cs.usable_rows(at.k));
    EXPECT_GT(at.used_rows + at.unusable_rows(), std::size_t{1} << (at.k - 1));
  }
}

TEST(UpdateShape, RefusesWhatTheLayoutCannotHold) {
  for (const UpdateShape& shape :
       {UpdateShape{{1, 8, 14, 32}, 1}, UpdateShape{{3, 8, 14, 32}, 1}, UpdateShape{{2, 12, 14, 32}, 1},
        UpdateShape{{2, 8, 14, 31}, 1}, UpdateShape{{2, 8, 14, 2}, 1}, UpdateShape{{2, 8, 15, 32}, 1},
        UpdateShape{{2, 8, 14, 32}, 0}, UpdateShape{{2, 8, 14, 32}, (1u << 20) + 1},
        UpdateShape{{256, 1024, 14, 32}, 1}, UpdateShape{{2, 8, 14, 32}, 1, 0}, UpdateShape{{2, 8, 14, 32}, 1, 5},
        UpdateShape{{2, 8, 14, 32}, 1, 1, 0}, UpdateShape{{2, 8, 14, 32}, 1, 1, 9},
        UpdateShape{{9, 8, 14, 32}, 1, 1, 1, true}}) {
    EXPECT_THROW(UpdateLayout{shape}, Error);
  }
}

TEST(UpdateShape, RowsSayWhatTheyHold) {
  const UpdateLayout at{UpdateShape{}};
  EXPECT_EQ(at.describe_row(143), "public vectors");
  EXPECT_EQ(at.describe_row(at.cell(17, at.amount_at())), "transfer 17: amount");
  EXPECT_EQ(at.describe_row(at.cell(17, at.sender_after_at()) + 16), "transfer 17: sender's balance after");
  EXPECT_EQ(at.describe_row(at.cell(255, at.receiver_before_at())), "transfer 255: receiver's balance before");
  EXPECT_EQ(at.describe_row(at.sender_row(2)), "transfer 2: sender");
  EXPECT_EQ(at.describe_row(at.cell(2, 1)), "transfer 2: receiver");
  EXPECT_EQ(at.describe_row(at.account_row(3) - 1), "account 3: time of the last write");
  EXPECT_EQ(at.describe_row(at.account_row(3)), "account 3: final balance");
  EXPECT_EQ(at.describe_row(at.account_row(127) - 7), "account 127: start balance");
  EXPECT_EQ(at.describe_row(at.account_row(127) - 6), "account 127: constants");
  EXPECT_EQ(at.describe_row(at.used_rows), "unused");
  const UpdateLayout beside{UpdateShape{.transfers = 511, .columns = 2}};
  EXPECT_EQ(beside.describe_row(beside.cell(3, beside.amount_at())), "transfers 2 to 3: amount");
  EXPECT_EQ(beside.describe_row(beside.cell(510, 0)), "transfer 510: sender");
}

}  // namespace
}  // namespace ll::circuits
