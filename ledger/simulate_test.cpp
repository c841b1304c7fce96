#include "ledger/simulate.hpp"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.hpp"
#include "ledger/generator.hpp"
#include "ledger/testing.hpp"
#include "ledger/vector_file.hpp"

namespace ll::ledger {
namespace {

using ::testing::HasSubstr;

/// A linear encoder of three numbers: sum of b_i · (slot + 1)^k.
std::int64_t weight(std::size_t slot, std::size_t k) {
  const auto s = static_cast<std::int64_t>(slot + 1);
  return k == 0 ? 1 : k == 1 ? s : -s * s;
}
Embedder test_embedder() {
  Embedder e;
  e.size = 3;
  e.scale_bits = 46;
  e.digest[0] = 7;
  e.state = [](std::span<const u128> balances) {
    std::vector<std::int64_t> sum(3);
    for (std::size_t slot = 0; slot < balances.size(); ++slot) {
      for (std::size_t k = 0; k < 3; ++k) sum[k] += static_cast<std::int64_t>(balances[slot]) * weight(slot, k);
    }
    return sum;
  };
  e.delta = [](const SlotTransfer& t, u128, u128) {
    std::vector<std::int64_t> delta(3);
    for (std::size_t k = 0; k < 3; ++k) {
      delta[k] = static_cast<std::int64_t>(t.amount) * (weight(t.receiver, k) - weight(t.sender, k));
    }
    return delta;
  };
  return e;
}

std::vector<std::vector<std::string>> table(const std::filesystem::path& path) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream text(read_text(path));
  for (std::string line; std::getline(text, line);) {
    rows.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
  }
  return rows;
}

class Simulate : public testing::FolderTest {
 protected:
  SimulationOptions options() const {
    SimulationOptions o;
    o.snapshots = folder_ / "s.csv";
    return o;
  }
  Dataset data_ = generate({.seed = 4, .accounts = 6, .transfers = 250});
};

TEST_F(Simulate, EmbeddingsInColumnsAndInAFileAreTheSameNumbers) {
  SimulationOptions o = options();
  o.embedder = test_embedder();
  o.embedding = EmbeddingOutput::columns;
  const Simulation columns = simulate(data_, o);
  const auto rows = table(o.snapshots);
  o.embedding = EmbeddingOutput::binary;
  o.vectors = folder_ / "s.bin";
  o.delta_vectors = folder_ / "d.bin";
  const Simulation binary = simulate(data_, o);
  EXPECT_EQ(columns.homomorphism_error, 0u);
  EXPECT_EQ(binary.homomorphism_error, 0u);
  EXPECT_EQ(columns.final_state_hash, data_.summary().final_state_hash);
  const VectorFile file = read_vector_file(read_file(o.vectors), "s.bin").value_or_throw();
  ASSERT_EQ(file.head.rows, columns.snapshots);
  EXPECT_EQ(file.head.encoder, test_embedder().digest);
  EXPECT_EQ(file.indices, (std::vector<std::uint64_t>{0, 100, 200, 250}));
  for (std::size_t row = 0; row < file.head.rows; ++row) {
    EXPECT_EQ(rows[row + 1][0], std::to_string(file.indices[row]));
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_EQ(rows[0][3 + 6 + k], fmt::format("embedding_{}", k));
      EXPECT_EQ(rows[row + 1][3 + 6 + k], std::to_string(file.vectors[row * 3 + k]));
    }
  }
  const VectorFile deltas = read_vector_file(read_file(o.delta_vectors), "d.bin").value_or_throw();
  ASSERT_EQ(deltas.head.rows, 250u);
  std::vector<std::int64_t> sum(file.vectors.begin(), file.vectors.begin() + 3);
  for (std::size_t i = 0; i < deltas.vectors.size(); ++i) sum[i % 3] += deltas.vectors[i];
  EXPECT_TRUE(std::equal(sum.begin(), sum.end(), file.vectors.end() - 3));  // start + all deltas = end
}

TEST_F(Simulate, DeltasLinkEachStateToTheNext) {
  SimulationOptions o = options();
  o.deltas = folder_ / "d.csv";
  simulate(data_, o);
  const auto rows = table(o.deltas), snapshots = table(o.snapshots);
  ASSERT_EQ(rows.size(), 251u);
  EXPECT_EQ(rows[1][9], snapshots[1][2]);     // state_before of the first: the start
  EXPECT_EQ(rows[100][10], snapshots[2][2]);  // behind 100 transfers
  EXPECT_EQ(rows[250][10], snapshots[4][2]);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto number = [&](std::size_t column) { return std::stoull(rows[i][column]); };
    EXPECT_EQ(number(0), i - 1);
    EXPECT_EQ(number(5) - number(4), number(6));
    EXPECT_EQ(number(7) + number(4), number(8));
    if (i > 1) {
      EXPECT_EQ(rows[i][9], rows[i - 1][10]);
    }
  }
}

TEST_F(Simulate, ExactReplaysEveryTransferInWei) {
  Dataset data = data_;
  for (DatasetAccount& account : data.accounts) account.genesis_wei *= u128{1} << 70;
  for (DatasetTransfer& t : data.transfers) t.amount_wei = t.amount_wei * (u128{1} << 70) - 1;
  for (const std::size_t i : {7, 8, 200}) data.transfers[i].amount_units = 0;  // absorbed by dust
  SimulationOptions o = options();
  o.exact = true;
  o.deltas = folder_ / "d.csv";
  const Simulation run = simulate(data, o);
  EXPECT_EQ(run.transfers, data.transfers.size());
  EXPECT_THAT(table(o.deltas)[1][4], ::testing::SizeIs(::testing::Gt(20u)));  // wei beyond 64 bits
  State state = data.genesis_wei();
  const auto ids = data.account_ids();
  for (const SlotTransfer& t : data.wei_transfers()) {
    ASSERT_EQ(state.apply({ids[t.sender], ids[t.receiver], t.amount}), std::nullopt);
  }
  EXPECT_EQ(run.final_state_hash, to_hex(state.hash()));
}

TEST_F(Simulate, NothingIsLeftBehindWhenItFails) {
  SimulationOptions o = options();
  o.deltas = folder_ / "d.csv";
  data_.transfers[120].amount_units = UINT32_MAX;
  EXPECT_THROW(simulate(data_, o), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
  o.embedding = EmbeddingOutput::columns;  // without an encoder
  EXPECT_THROW(simulate(data_, o), Error);
}

TEST_F(Simulate, FilesOfVectorsAreReadStrictly) {
  VectorFileWriter writer(
      folder_ / "v", {.kind = VectorFileHead::Kind::states, .size = 2, .scale_bits = 46, .rows = 2, .encoder = {}});
  writer.append(0, std::vector<std::int64_t>{1, -1});
  EXPECT_THROW(writer.append(1, std::vector<std::int64_t>{1}), Error);
  writer.append(5, std::vector<std::int64_t>{INT64_MAX, INT64_MIN});
  writer.commit();
  Bytes bytes = read_file(folder_ / "v");
  ASSERT_EQ(bytes.size(), 64u + 2 * 24);
  const VectorFile file = read_vector_file(bytes, "v").value_or_throw();
  EXPECT_EQ(file.indices, (std::vector<std::uint64_t>{0, 5}));
  EXPECT_EQ(file.vectors, (std::vector<std::int64_t>{1, -1, INT64_MAX, INT64_MIN}));
  for (const std::size_t length : {std::size_t{0}, std::size_t{63}, std::size_t{64}, bytes.size() - 1}) {
    EXPECT_FALSE(read_vector_file(ByteSpan(bytes).first(length), "v").ok()) << length;
  }
  for (const std::size_t at : {0, 8, 12, 16, 24, 31}) {
    Bytes changed = bytes;
    changed[at] ^= 0xff;
    EXPECT_FALSE(read_vector_file(changed, "v").ok()) << at;
  }
}

}  // namespace
}  // namespace ll::ledger
