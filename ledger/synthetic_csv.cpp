#include "ledger/synthetic_csv.hpp"

#include <algorithm>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "ledger/address.hpp"
#include "ledger/sampling.hpp"

namespace ll::ledger {
namespace {

constexpr std::uint64_t kFirstBlock = 1'000'000, kFirstTimestamp = 1'500'000'000, kSecondsPerBlock = 12;
constexpr std::size_t kBlocksPerRange = 500;  // exporters write ranges of blocks in parallel

std::string random_hex(std::size_t bytes, Rng& rng) {
  Bytes data(bytes);
  rng.fill(data);
  return "0x" + to_hex(data);
}

enum class Kind { plain, call, creation, to_self, zero_value };

/// Shares of N1 (data README): 83.1% plain, 16.5% with input, 0.16% create a contract, 0.14% to self, 0.07% of value 0.
Kind draw_kind(Rng& rng) {
  const std::uint64_t at = rng.below(10000);
  if (at < 1650) return Kind::call;
  if (at < 1666) return Kind::creation;
  if (at < 1680) return Kind::to_self;
  if (at < 1687) return Kind::zero_value;
  return Kind::plain;
}

struct Row {
  std::uint64_t block;
  std::string text;
};

}  // namespace

std::string synthetic_transactions_csv(const SyntheticCsvConfig& config) {
  SeededRng rng(config.seed);
  std::vector<std::string> addresses;
  for (std::size_t i = 0; i < config.accounts; ++i) addresses.push_back(random_hex(20, rng));
  EthereumShape shape(config.accounts, rng);
  std::vector<std::uint64_t> nonces(config.accounts, 0);
  std::vector<Row> rows;
  std::uint64_t block = kFirstBlock, tx_index = 0;
  for (std::size_t plain = 0; plain < config.transfers;) {
    const std::uint64_t gap = rows.empty() ? 0 : EthereumShape::block_gap(rng);
    tx_index = gap == 0 && !rows.empty() ? tx_index + 1 : 0;
    block += gap;
    const Kind kind = draw_kind(rng);
    plain += kind == Kind::plain ? 1 : 0;
    const EthereumShape::Pair pair = shape.next_pair(rng);
    const u128 value = EthereumShape::amount_wei(rng);
    const bool plain_like = kind != Kind::call && kind != Kind::creation;
    const std::string receiver = kind == Kind::creation  ? ""
                                 : kind == Kind::to_self ? addresses[pair.sender]
                                                         : addresses[pair.receiver];
    const std::string input = kind == Kind::call ? random_hex(4, rng) : kind == Kind::creation ? "0x6060" : "0x";
    rows.push_back({block, fmt::format("{},{},0x{:064x},{},{},{},{},{},{},{},{},{},,,0\n", random_hex(32, rng),
                                       nonces[pair.sender]++, block, block, tx_index, addresses[pair.sender], receiver,
                                       kind == Kind::plain     ? ll::to_string(value)
                                       : kind == Kind::to_self ? "1000000000000000000"
                                                               : "0",
                                       plain_like ? 21000 : 90000, 20'000'000'000u, input,
                                       kFirstTimestamp + (block - kFirstBlock) * kSecondsPerBlock)});
    if (rows.size() % 400 == 0) rows.push_back(rows.back());  // an export that overlaps another repeats rows
  }
  // The second half of the ranges first.
  const std::uint64_t ranges = (block - kFirstBlock) / kBlocksPerRange + 1;
  std::ranges::stable_sort(rows, {}, [&](const Row& row) {
    const std::uint64_t range = (row.block - kFirstBlock) / kBlocksPerRange;
    return (range + ranges / 2) % ranges;
  });
  std::string text =
      "hash,nonce,block_hash,block_number,transaction_index,from_address,to_address,value,gas,gas_price,input,"
      "block_timestamp,max_fee_per_gas,max_priority_fee_per_gas,transaction_type\n";
  for (const Row& row : rows) text += row.text;
  return text;
}

}  // namespace ll::ledger
