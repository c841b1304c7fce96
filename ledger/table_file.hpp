#pragma once
#include <filesystem>
#include <memory>

#include "ledger/record_reader.hpp"

namespace ll::ledger {

/// Opens a table of transfers by what its first bytes say: Parquet, JSON ('{' or '['), else CSV; the last two also
/// inside gzip or Zstandard. Error{io} when it cannot be opened, Error{malformed} when it is broken.
Result<std::unique_ptr<RecordReader>> open_table(const std::filesystem::path& path);

/// Reads JSON-RPC blocks: eth_getBlockByNumber's answer, bare or in its envelope, an array of such, or one a line. The
/// header is from,to,value,blockNumber,transactionIndex,hash,input; quantities are hex, but for the two numbers that
/// are made decimal. At most 1 GiB of text.
Result<std::unique_ptr<RecordReader>> open_json_blocks(const std::filesystem::path& path);

/// Reads a Parquet file column by column as text: integers and decimals in digits, strings as they are, binary as 0x
/// hex, floating point in its shortest digits with a point or an exponent, null as nothing. Lives in the module that
/// links Arrow.
Result<std::unique_ptr<RecordReader>> open_parquet_table(const std::filesystem::path& path);

}  // namespace ll::ledger
