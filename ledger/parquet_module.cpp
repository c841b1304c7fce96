#include "base/module.hpp"
#include "ledger/table_file.hpp"
#include "ledger/transfers_parquet.hpp"

namespace ll::ledger {
namespace {

const TransfersParquet& functions() {
  static const auto* loaded =
      static_cast<const TransfersParquet*>(module_entry(LL_MODULE_FILE, "ll_transfers_parquet"));
  return *loaded;
}

}  // namespace

void write_transfers(const std::filesystem::path& path, std::span<const DatasetTransfer> transfers) {
  functions().write(path, transfers);
}

Result<std::vector<DatasetTransfer>> read_transfers(ByteSpan bytes, const std::string& name) {
  return functions().read(bytes, name);
}

Result<std::unique_ptr<RecordReader>> open_parquet_table(const std::filesystem::path& path) {
  return functions().open_table(path);
}

}  // namespace ll::ledger
