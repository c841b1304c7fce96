#include "ledger/chunking.hpp"

#include <gmock/gmock.h>

#include "ledger/sequence_parquet.hpp"

namespace ll::ledger {
namespace {

TEST(Chunking, ChunksTogetherAreTheHistory) {
  const Dataset data = generate({.seed = 5, .accounts = 20, .transfers = 230});
  const SequenceBatch batch = chunked(data, 100);
  ASSERT_EQ(batch.size(), 3u);
  EXPECT_EQ(replay(batch).invalid, 0u);
  EXPECT_EQ(replay(batch).first, std::nullopt);
  std::size_t done = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const SequenceView s = batch.sequence(i);
    EXPECT_EQ(s.amount.size(), i < 2 ? 100u : 30u);
    EXPECT_THAT(s.start_balances, ::testing::ElementsAreArray(data.units_before(done)));
    EXPECT_THAT(s.account_ids, ::testing::ElementsAreArray(data.account_ids()));
    EXPECT_EQ(s.block[0], 0u);
    for (std::size_t k = 0; k < s.amount.size(); ++k, ++done) {
      const DatasetTransfer& t = data.transfers[done];
      EXPECT_EQ(std::tuple(std::uint32_t{s.sender[k]}, std::uint32_t{s.receiver[k]}, s.amount[k]),
                std::tuple(t.sender, t.receiver, t.amount_units));
    }
  }
  EXPECT_EQ(done, 230u);
  const Bytes file = encode_sequences(batch, "chunks");
  EXPECT_EQ(decode_sequences(file, "s").value_or_throw().batch, batch);
}

TEST(Chunking, EdgesAndRefusals) {
  const Dataset data = generate({.seed = 5, .accounts = 20, .transfers = 30});
  EXPECT_EQ(chunked(data, 30).size(), 1u);
  EXPECT_EQ(chunked(data, 1).size(), 30u);
  EXPECT_THROW(chunked(data, 0), Error);
  Dataset invalid = data;
  invalid.transfers[7].amount_units = UINT32_MAX;
  EXPECT_THROW(chunked(invalid, 10), Error);
  Dataset two = data;
  two.assets.push_back(two.assets.front());
  EXPECT_THROW(chunked(two, 10), Error);
}

}  // namespace
}  // namespace ll::ledger
