#include "ledger/chunking.hpp"

#include <algorithm>

namespace ll::ledger {

SequenceBatch chunked(const Dataset& data, std::uint32_t length) {
  LL_CHECK(length >= 1, "chunks of {} transfers, expected at least 1", length);
  LL_CHECK(data.assets.size() == 1, "chunks: the ledger has {} assets, a sequence has one: import one with --asset",
           data.assets.size());
  LL_CHECK(data.transfers.size() <= INT32_MAX, "chunks: {} transfers, at most 2^31 - 1 fit one file",
           data.transfers.size());
  data.units_before(data.unit_transfers().size());  // throws at the first invalid transfer
  SequenceBatch batch;
  batch.accounts = data.accounts.size();
  batch.reserve(data.transfers.size() / length + 1, data.transfers.size());
  std::vector<std::uint32_t> balances = data.genesis_units();
  const std::vector<std::uint32_t> ids = data.account_ids();
  std::uint64_t first_block = 0, last_block = 0;
  std::uint32_t index = 0, in_chunk = 0;
  for (const DatasetTransfer& t : data.transfers) {
    if (t.amount_units == 0) continue;  // absorbed by dust: no transfer of the unit ledger
    if (in_chunk == 0) {
      batch.account_ids.insert(batch.account_ids.end(), ids.begin(), ids.end());
      batch.start_balances.insert(batch.start_balances.end(), balances.begin(), balances.end());
      first_block = t.block;
    }
    index = in_chunk > 0 && t.block == last_block ? index + 1 : 0;
    last_block = t.block;
    LL_CHECK(t.block - first_block <= UINT32_MAX, "chunks: {} blocks in one sequence, at most 2^32 fit",
             t.block - first_block);
    batch.block.push_back(static_cast<std::uint32_t>(t.block - first_block));
    batch.tx_index.push_back(index);
    batch.sender.push_back(static_cast<std::uint8_t>(t.sender));
    batch.receiver.push_back(static_cast<std::uint8_t>(t.receiver));
    batch.amount.push_back(t.amount_units);
    balances[t.sender] -= t.amount_units;
    balances[t.receiver] += t.amount_units;
    if (++in_chunk < length) continue;
    batch.offsets.push_back(static_cast<std::int32_t>(batch.amount.size()));
    in_chunk = 0;
  }
  if (in_chunk > 0) batch.offsets.push_back(static_cast<std::int32_t>(batch.amount.size()));
  return batch;
}

}  // namespace ll::ledger
