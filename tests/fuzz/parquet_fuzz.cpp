// transfers.parquet, shards of sequences and tables in Parquet: refused with a sentence, or read. Arrow itself is a
// binary that the sanitizers do not see into; what is tried here is that nothing it says, throws or allocates gets
// through the adapter.
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "ledger/sequence_parquet.hpp"
#include "ledger/table_file.hpp"
#include "ledger/transfers_parquet.hpp"
#include "tests/fuzz/fuzz_input.hpp"

using namespace ll;
using namespace ll::ledger;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 1 << 16) return 0;
  const auto transfers = read_transfers(ByteSpan(data, size), "transfers.parquet");
  if (transfers) {
    for (const DatasetTransfer& t : transfers.value()) (void)t.amount_wei;
  } else {
    fuzz::require(transfers.error().code() == ErrorCode::malformed, "bytes are malformed, nothing else");
  }
  const auto sequences = decode_sequences(ByteSpan(data, size), "train-00000.parquet");
  if (sequences) {
    (void)replay(sequences.value().batch);
  } else {
    fuzz::require(sequences.error().code() == ErrorCode::malformed, "bytes are malformed, nothing else");
  }
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / fmt::format("ll_fuzz_parquet_{}", ::getpid());
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(data), std::streamsize(size));
  const auto table = open_parquet_table(path);
  if (!table) return 0;
  for (std::size_t cells = 0, rows = 0; rows < 100'000; ++rows) {
    const auto more = table.value()->next();
    if (!more || !more.value()) break;
    fuzz::require(rows == 0 || table.value()->cells().size() == cells, "rows have as many cells as the header");
    cells = table.value()->cells().size();
  }
  return 0;
}
