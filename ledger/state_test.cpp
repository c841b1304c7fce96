#include "ledger/state.hpp"

#include <gtest/gtest.h>

namespace ll::ledger {
namespace {

State three_accounts() { return State::from_balances({{7, 100}, {1, 0}, {0xffffffff, kU128Max - 50}}); }

TEST(State, SortsByIdAndFindsSlots) {
  const State state = three_accounts();
  EXPECT_EQ(state.entries()[0].account_id, 1u);
  EXPECT_EQ(state.slot_of(7), 1u);
  EXPECT_EQ(state.slot_of(0xffffffff), 2u);
  EXPECT_EQ(state.slot_of(2), std::nullopt);
  EXPECT_THROW(State::from_balances({{1, 1}, {1, 2}}), Error);
}

TEST(State, EachInvalidTransferHasItsReasonAndChangesNothing) {
  const struct {
    Transfer transfer;
    InvalidReason reason;
  } cases[] = {
      {{7, 7, 1}, InvalidReason::self_transfer},      {{7, 1, 0}, InvalidReason::zero_amount},
      {{2, 1, 1}, InvalidReason::unknown_account},    {{7, 2, 1}, InvalidReason::unknown_account},
      {{7, 1, 101}, InvalidReason::overdraft},        {{1, 7, 1}, InvalidReason::overdraft},
      {{7, 0xffffffff, 51}, InvalidReason::overflow},
  };
  for (const auto& [transfer, reason] : cases) {
    SCOPED_TRACE(to_string(reason));
    State state = three_accounts();
    EXPECT_EQ(state.apply(transfer), reason);
    EXPECT_EQ(state, three_accounts());
  }
}

TEST(State, BoundariesAreValid) {
  State state = three_accounts();
  EXPECT_EQ(state.apply({7, 0xffffffff, 50}), std::nullopt);  // receiver reaches 2^128 - 1
  EXPECT_EQ(state.balance_at(2), kU128Max);
  EXPECT_EQ(state.apply({7, 1, 50}), std::nullopt);  // sender reaches 0
  EXPECT_EQ(state.balance_at(1), 0u);
  EXPECT_EQ(state.balance_at(0), 50u);
}

TEST(State, SupplyIsNulloptBeyond128Bits) {
  EXPECT_EQ(three_accounts().supply(), std::nullopt);
  EXPECT_EQ(State::from_balances({{1, kU128Max - 1}, {2, 1}}).supply(), kU128Max);
}

TEST(State, BytesRoundTripAndEveryCutIsRefused) {
  const Bytes bytes = three_accounts().serialise();
  EXPECT_EQ(bytes.size(), 16u + 3 * 20);
  EXPECT_EQ(State::deserialise(bytes).value(), three_accounts());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto cut = State::deserialise(ByteSpan(bytes).first(size));
    ASSERT_FALSE(cut.ok()) << size;
    EXPECT_EQ(cut.error().code(), ErrorCode::malformed);
  }
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(State::deserialise(longer).ok());
}

TEST(State, RefusesOtherMagicVersionAndOrder) {
  const Bytes good = State::from_balances({{1, 5}, {2, 6}}).serialise();
  Bytes magic = good, version = good, twice = good, swapped = good, many = good;
  magic[0] ^= 1;
  version[8] = 2;
  twice[16 + 20] = 1;
  swapped[16] = 3;
  many[12] = many[13] = many[14] = many[15] = 0xff;  // a count that the bytes do not hold
  for (const Bytes& bytes : {magic, version, twice, swapped, many}) EXPECT_FALSE(State::deserialise(bytes).ok());
  EXPECT_NE(State::deserialise(twice).error().message().find("account id 1 at offset 36 follows 1"), std::string::npos)
      << State::deserialise(twice).error().message();
}

TEST(State, HashIsTheDocumentedOne) {  // docs/formats/state-hash.md, made there with Python's hashlib
  const State state = State::from_balances({{1, 5}, {0xdeadbeef, (u128{1} << 64) + 7}});
  EXPECT_EQ(to_hex(state.hash()), "0ac216caee2effa730780b015be1da96779cacd3f38e55d90fba30728e80851c");
  EXPECT_EQ(to_hex(State().hash()), "54f8b8f43a86398213cf1409bd33bdeeb17d8708495eed40d8cca2bccf7ac8ea");
}

TEST(State, HashDependsOnEveryByte) {
  const Digest32 base = State::from_balances({{1, 5}, {2, 6}}).hash();
  EXPECT_NE(State::from_balances({{1, 5}, {3, 6}}).hash(), base);
  EXPECT_NE(State::from_balances({{1, 6}, {2, 5}}).hash(), base);
  EXPECT_NE(State::from_balances({{1, 5}, {2, 6 + (u128{1} << 127)}}).hash(), base);
  EXPECT_EQ(State::from_balances({{2, 6}, {1, 5}}).hash(), base);
}

}  // namespace
}  // namespace ll::ledger
