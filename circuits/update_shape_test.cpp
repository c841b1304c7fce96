#include "circuits/update_shape.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "circuits/update_lies.hpp"
#include "halo2/pinned.hpp"

namespace ll::circuits {
namespace {

halo2::ConstraintSystem configured(const UpdateShape& shape) {
  UpdateLayout layout(shape);
  halo2::ConstraintSystem cs;
  const Setting setting = shape == UpdateShape{} ? full_setting() : small_setting();
  UpdateCircuit(setting.shape, setting.encoder).configure(cs);
  return cs;
}

TEST(UpdateShape, DefaultIsTheDocumentedLayout) {
  const UpdateLayout at{UpdateShape{}};
  EXPECT_EQ(at.words, 128u);
  EXPECT_EQ(at.balance_digits, 16u);
  EXPECT_EQ(at.time_digits, 5u);
  EXPECT_EQ(at.transfers_a_block, 2u);
  EXPECT_EQ(at.transfer_rows, 49u);
  EXPECT_EQ(at.block_rows, 117u);
  EXPECT_EQ(at.first_block, 145u);
  EXPECT_EQ(at.account_row(0), 244u);
  EXPECT_EQ(at.account_row(127), 145u + 117u * 127u + 99u);
  EXPECT_EQ(at.transfer_row(255), 145u + 117u * 127u + 49u);
  EXPECT_EQ(at.horner_row(5), at.account_row(5) - 64);
  EXPECT_EQ(at.previous_sum_at(), -116);
  EXPECT_EQ(at.used_rows, 15121u);
  EXPECT_EQ(at.k, 14u);
  for (const auto& [is, expected] : {std::pair{at.sender_after_at(), 17},
                                     {at.sender_gap_at(), 34},
                                     {at.receiver_gap_at(), 40},
                                     {at.sender_at(), 46},
                                     {at.receiver_at(), 47},
                                     {at.receiver_before_at(), 48},
                                     {at.initial_balance_at(), 17}}) {
    EXPECT_EQ(is, expected);
  }
}

// The text without commitments is a pure function of the code: another value means other keys, or a compiler that
// evaluates queries in another order.
TEST(UpdateShape, KeyTextIsTheSameFromEveryCompiler) {
  const std::string text = halo2::pinned_text(configured({}), halo2::Profile::pse_v030, 14, 16, {}, {});
  EXPECT_EQ(to_hex(sha256({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()})),
            "21b099be9947d3806a9d6f0c283eb150cb6b82c8fd3b77beb803d849b837e4ed");
}

TEST(UpdateShape, DefaultConstraintSystemFitsTheBudget) {
  const auto cs = configured({});
  EXPECT_EQ(cs.degree(), 5u);
  EXPECT_EQ(cs.blinding_factors(), 11u);
  EXPECT_EQ(cs.usable_rows(14), 16372u);
  EXPECT_EQ(cs.proof_bytes(), 1024u);
  EXPECT_EQ(cs.advice_columns(), 3u);
  EXPECT_EQ(cs.fixed_columns(), 7u);
  EXPECT_EQ(cs.advice_queries().size(), 14u);
  EXPECT_EQ(cs.fixed_queries().size(), 7u);
  EXPECT_EQ(cs.challenges(), 4u);
  EXPECT_EQ(cs.permutation_sets(), 0u);
  EXPECT_EQ(cs.lookups().size(), 0u);
  EXPECT_EQ(cs.selectors(), 0u);
  for (const auto& rows : cs.instance_rows()) EXPECT_EQ(rows, 128u);
}

TEST(UpdateShape, GatesComeInTheDocumentedOrderAndDegrees) {
  const auto cs = configured({});
  const std::vector<std::pair<std::string, std::vector<std::size_t>>> expected{
      {"digit", {5}}, {"zero", {4}},     {"account memory", {5}}, {"account encoder", {5}}, {"boundary", {4, 4}},
      {"carry", {3}}, {"transfer", {5}}, {"horner", {4}},         {"horner start", {4}},    {"public", {4}}};
  ASSERT_EQ(cs.gates().size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(cs.gates()[i].name, expected[i].first);
    std::vector<std::size_t> degrees;
    for (const auto& polynomial : cs.gates()[i].polynomials) degrees.push_back(polynomial.degree());
    EXPECT_EQ(degrees, expected[i].second) << expected[i].first;
  }
}

TEST(UpdateShape, EveryShapeHasItsRowsApart) {
  for (const UpdateShape& shape :
       {UpdateShape{}, UpdateShape{{4, 16, 14, 32}, 6}, UpdateShape{{2, 8, 14, 4}, 1}, UpdateShape{{4, 256, 10, 16}, 2},
        UpdateShape{{16, 64, 14, 32}, 100}, UpdateShape{{8, 32, 14, 32}, 9}, UpdateShape{{128, 512, 14, 32}, 1024}}) {
    const UpdateLayout at(shape);
    SCOPED_TRACE(fmt::format("{} accounts, {} dims, {} transfers", at.accounts, at.words * 4, at.transfers));
    std::set<std::size_t> d;  // cells of column D: each has one use
    const auto use = [&](std::size_t first, std::size_t count) {
      for (std::size_t row = first; row < first + count; ++row) EXPECT_TRUE(d.insert(row).second) << row;
    };
    for (std::size_t t = 0; t < at.transfers; ++t) use(at.transfer_row(t), at.transfer_rows);
    for (std::size_t i = 0; i < at.accounts; ++i) use(at.account_row(i) - 1, at.balance_digits + 3);
    std::set<std::size_t> r;  // cells of column R
    for (std::size_t row = 0; row <= at.words; ++row) r.insert(row);
    for (std::size_t i = 0; i < at.accounts; ++i) {
      EXPECT_GE(at.horner_row(i), at.block_row(i));
      for (std::size_t j = 1; j <= at.words / 2; ++j) EXPECT_TRUE(r.insert(at.horner_row(i) + j).second);
      EXPECT_TRUE(r.insert(at.account_row(i) + 1).second);
      const std::size_t before = i == 0 ? at.words : at.account_row(i - 1) + 1;
      EXPECT_EQ(at.account_row(i) + static_cast<std::size_t>(at.previous_sum_at()), before);
    }
    EXPECT_LT(*d.rbegin(), at.used_rows);
    EXPECT_LT(*r.rbegin(), at.used_rows);
    EXPECT_LT(2 * at.transfers + 1, std::size_t{1} << (2 * at.time_digits));
    EXPECT_LE(at.used_rows + 12, std::size_t{1} << at.k);
    EXPECT_GT(at.used_rows + 12, std::size_t{1} << (at.k - 1));
  }
}

TEST(UpdateShape, RefusesWhatTheLayoutCannotHold) {
  for (const UpdateShape& shape :
       {UpdateShape{{1, 8, 14, 32}, 1}, UpdateShape{{3, 8, 14, 32}, 1}, UpdateShape{{2, 12, 14, 32}, 1},
        UpdateShape{{2, 8, 14, 31}, 1}, UpdateShape{{2, 8, 14, 2}, 1}, UpdateShape{{2, 8, 15, 32}, 1},
        UpdateShape{{2, 8, 14, 32}, 0}, UpdateShape{{2, 8, 14, 32}, (1u << 20) + 1},
        UpdateShape{{256, 1024, 14, 32}, 1}}) {
    EXPECT_THROW(UpdateLayout{shape}, Error);
  }
}

TEST(UpdateShape, RowsSayWhatTheyHold) {
  const Setting setting = full_setting();
  const UpdateCircuit circuit(setting.shape, setting.encoder);
  const UpdateLayout& at = circuit.layout();
  EXPECT_EQ(circuit.describe_row(144), "public vectors");
  EXPECT_EQ(circuit.describe_row(at.transfer_row(17)), "transfer 17: amount");
  EXPECT_EQ(circuit.describe_row(at.transfer_row(17) + 33), "transfer 17: sender's balance after");
  EXPECT_EQ(circuit.describe_row(at.transfer_row(255) + 48), "transfer 255: receiver's balance before");
  EXPECT_EQ(circuit.describe_row(at.account_row(3) - 1), "account 3: time of the last write");
  EXPECT_EQ(circuit.describe_row(at.account_row(3)), "account 3: final balance");
  EXPECT_EQ(circuit.describe_row(at.account_row(127) + 17), "account 127: initial balance");
  EXPECT_EQ(circuit.describe_row(at.used_rows), "unused");
}

}  // namespace
}  // namespace ll::circuits
