#pragma once
#include <filesystem>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "ledger/dataset.hpp"
#include "ledger/record_reader.hpp"

namespace ll::ledger {

/// Writes transfers.parquet (docs/formats/ledger-files.md): one row a transfer, zstd; the same transfers give the same
/// bytes with the same Arrow. Throws Error{io} with the path.
void write_transfers(const std::filesystem::path& path, std::span<const DatasetTransfer> transfers);

/// Reads the bytes of such a file. `name` is how messages call it. Error{malformed} for anything that is not Parquet
/// with exactly these columns, a null, an index that is not the row's number, or an amount below 0.
Result<std::vector<DatasetTransfer>> read_transfers(ByteSpan bytes, const std::string& name);

/// They and open_parquet_table (ledger/table_file.hpp) as the module that links Arrow offers them: Arrow takes 20 ms to
/// load, which not every run needs.
struct TransfersParquet {
  void (*write)(const std::filesystem::path& path, std::span<const DatasetTransfer> transfers);
  Result<std::vector<DatasetTransfer>> (*read)(ByteSpan bytes, const std::string& name);
  Result<std::unique_ptr<RecordReader>> (*open_table)(const std::filesystem::path& path);
};

}  // namespace ll::ledger
