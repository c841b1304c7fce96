#include "ledger/sequence_encoder.hpp"

#include <gtest/gtest.h>

#include "ledger/sequence_generator.hpp"
#include "ledger/sequence_parquet.hpp"

namespace ll::ledger {
namespace {

/// Sequences of these numbers of transfers, with values no generator makes.
SequenceBatch odd_batch(const std::vector<int>& lengths, std::uint32_t largest_index) {
  SequenceBatch batch;
  batch.accounts = 3;
  batch.first = (std::uint64_t{1} << 40) - 1;
  std::uint32_t word = 1;
  const auto next = [&] { return word = word * 747796405u + 2891336453u; };
  for (const int length : lengths) {
    for (int i = 0; i < 3; ++i) {
      batch.account_ids.push_back(next());
      batch.start_balances.push_back(next());
    }
    for (int i = 0; i < length; ++i) {
      batch.block.push_back(next());
      batch.tx_index.push_back(next() % (largest_index + 1));
      batch.sender.push_back(static_cast<std::uint8_t>(next() >> 24));
      batch.receiver.push_back(static_cast<std::uint8_t>(next() >> 24));
      batch.amount.push_back(i % 3 == 0 ? next() : i % 3 == 1 ? 0 : UINT32_MAX);
    }
    batch.offsets.push_back(batch.offsets.back() + length);
  }
  return batch;
}

TEST(SequenceEncoder, ArrowReadsEveryEncodingBack) {  // Arrow is the other implementation of every page
  const std::vector<std::vector<int>> shapes = {{1},        {7},       {8},          {9},          {128, 1}, {129},
                                                {130, 256}, {0, 5, 0}, {3, 0, 1000}, {33, 32, 31}, {0}};
  for (const auto& lengths : shapes) {
    for (const std::uint32_t largest_index : {0u, 1u, 5u, 200u, 300u, 4'000'000'000u}) {
      const SequenceBatch batch = odd_batch(lengths, largest_index);
      const auto back = decode_sequences(encode_sequences(batch, "odd"), "shard");
      ASSERT_TRUE(back.ok()) << back.error().message();
      EXPECT_EQ(back.value().batch, batch) << lengths.size() << " sequences, tx_index up to " << largest_index;
    }
  }
}

TEST(SequenceEncoder, GroupsStandOneBehindTheOther) {
  SequenceGenerator generator({.seed = 4, .accounts = 9});
  Bytes file = sequence_file_head();
  std::vector<SequenceGroup> groups(20);  // more than a short list of Thrift has
  for (std::size_t i = 0; i < groups.size(); ++i) {
    encode_group(generator.batch(Split::train, 5, 50), groups[i]);  // its memory is used again
    encode_group(generator.batch(Split::train, 100 + i * 10, 10), groups[i]);
    file.insert(file.end(), groups[i].bytes.begin(), groups[i].bytes.end());
  }
  const Bytes tail = sequence_file_tail(groups, "groups");
  file.insert(file.end(), tail.begin(), tail.end());
  const auto back = decode_sequences(file, "shard");
  ASSERT_TRUE(back.ok()) << back.error().message();
  EXPECT_EQ(back.value().batch, generator.batch(Split::train, 100, 200));
  EXPECT_EQ(back.value().source, "groups");
}

TEST(SequenceEncoder, NoSequencesAreAFileToo) {
  SequenceBatch none;
  const auto back = decode_sequences(encode_sequences(none, "none"), "shard");
  ASSERT_TRUE(back.ok()) << back.error().message();
  EXPECT_EQ(back.value().batch.size(), 0u);
}

}  // namespace
}  // namespace ll::ledger
