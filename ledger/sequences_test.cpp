#include "ledger/sequences.hpp"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/sequence_generator.hpp"
#include "ledger/sequence_parquet.hpp"
#include "ledger/state.hpp"

namespace ll::ledger {
namespace {

using ::testing::HasSubstr;

SequenceBatch small_batch() { return SequenceGenerator({.seed = 3, .accounts = 5}).batch(Split::train, 7, 4); }

TEST(Replay, CountsEachKindOfInvalidTransfer) {
  ASSERT_EQ(replay(small_batch()).invalid, 0u);
  const auto second = static_cast<std::size_t>(small_batch().offsets[1]);
  const std::vector<std::pair<std::string, std::function<void(SequenceBatch&)>>> lies = {
      {"slot 5, there are 5 accounts", [&](SequenceBatch& b) { b.receiver[second] = 5; }},
      {"sends to itself", [&](SequenceBatch& b) { b.receiver[second] = b.sender[second]; }},
      {"an amount of 0", [&](SequenceBatch& b) { b.amount[second] = 0; }},
      {"sends 4294967295 units, it has", [&](SequenceBatch& b) { b.amount[second] = UINT32_MAX; }},
      {"comes after block",
       [&](SequenceBatch& b) {
         b.block[second + 1] = b.block[second] = 9;
         b.tx_index[second + 1] = b.tx_index[second];
       }},
      {"expected strictly ascending ids", [&](SequenceBatch& b) { b.account_ids[6] = b.account_ids[5]; }},
      {"expected at most 2^32 - 1",
       [&](SequenceBatch& b) {
         b.start_balances[5] += 1;
         b.start_balances[6] += b.start_balances[5] == 0 ? 1 : 0;
       }},
  };
  for (const auto& [what, lie] : lies) {
    SequenceBatch batch = small_batch();
    lie(batch);
    const Replay result = replay(batch);
    EXPECT_GE(result.invalid, 1u) << what;
    ASSERT_TRUE(result.first.has_value()) << what;
    EXPECT_THAT(*result.first, HasSubstr("row 1"));
    EXPECT_THAT(*result.first, HasSubstr(what));
  }
}

TEST(Replay, AgreesWithTheState) {  // the twin of ledger/state.hpp on columns
  for (const Profile profile : {Profile::uniform, Profile::ethereum}) {
    const SequenceBatch batch = SequenceGenerator({.profile = profile, .seed = 8}).batch(Split::validation, 0, 50);
    for (std::size_t row = 0; row < batch.size(); ++row) {
      const SequenceView s = batch.sequence(row);
      std::vector<AccountBalance> entries;
      for (std::size_t i = 0; i < batch.accounts; ++i) entries.push_back({s.account_ids[i], s.start_balances[i]});
      State state = State::from_balances(std::move(entries));
      EXPECT_EQ(state.supply(), kMaxUnits);
      for (std::size_t i = 0; i < s.amount.size(); ++i) {
        ASSERT_EQ(state.apply({s.account_ids[s.sender[i]], s.account_ids[s.receiver[i]], s.amount[i]}), std::nullopt);
      }
    }
  }
}

TEST(SequenceFiles, ComeBackAsTheyWere) {
  for (const std::size_t accounts : {2, 128}) {
    SequenceGenerator generator({.seed = 3, .accounts = accounts});
    for (const std::size_t count : {1, 300}) {
      const SequenceBatch batch = generator.batch(Split::train, 12, count);
      const Bytes bytes = encode_sequences(batch, "a test");
      EXPECT_EQ(bytes, encode_sequences(batch, "a test"));
      const auto back = decode_sequences(bytes, "shard");
      ASSERT_TRUE(back.ok()) << back.error().message();
      EXPECT_EQ(back.value().batch, batch);
      EXPECT_EQ(back.value().source, "a test");
    }
  }
}

TEST(SequenceFiles, LiesAreRefusedByRowAndColumn) {
  const auto refused = [](const SequenceBatch& batch, const std::string& what) {
    const auto back = decode_sequences(encode_sequences(batch, "a test"), "shard");
    ASSERT_FALSE(back.ok()) << what;
    EXPECT_EQ(back.error().code(), ErrorCode::malformed);
    EXPECT_THAT(back.error().message(), HasSubstr(what));
  };
  SequenceBatch batch = small_batch();
  batch.accounts = 1;  // lists of one account
  batch.account_ids.resize(4);
  batch.start_balances.resize(4);
  refused(batch, "shard: row 0, column \"account_ids\": expected 2 to 128 accounts, found 1");
  const Bytes good = encode_sequences(small_batch(), "a test");
  for (const std::size_t length : {std::size_t{0}, std::size_t{3}, good.size() / 2, good.size() - 1}) {
    EXPECT_FALSE(decode_sequences(ByteSpan(good).first(length), "shard").ok()) << length;
  }
  for (std::size_t offset = 0; offset < good.size(); offset += 97) {  // decoded or refused, never a crash
    Bytes changed = good;
    changed[offset] ^= 0x40;
    const auto back = decode_sequences(changed, "shard");
    if (back.ok()) static_cast<void>(replay(back.value().batch));
  }
}

TEST(SequenceConfigs, WrongOnesAreNamed) {
  EXPECT_THROW(check(SequenceConfig{.accounts = 1}), Error);
  EXPECT_THROW(check(SequenceConfig{.accounts = 129}), Error);
  EXPECT_THROW(check(SequenceConfig{.least_transfers = 0}), Error);
  EXPECT_THROW(check(SequenceConfig{.least_transfers = 11, .most_transfers = 10}), Error);
  EXPECT_THROW(small_batch().sequence(4), Error);
}

}  // namespace
}  // namespace ll::ledger
