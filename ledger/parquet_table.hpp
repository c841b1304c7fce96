#pragma once
// For the module that links Arrow only; others call open_parquet_table (ledger/table_file.hpp).
#include <filesystem>
#include <memory>

#include "ledger/record_reader.hpp"

namespace ll::ledger {

Result<std::unique_ptr<RecordReader>> open_parquet_records(const std::filesystem::path& path);

}  // namespace ll::ledger
