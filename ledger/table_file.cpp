#include "ledger/table_file.hpp"

#include <algorithm>
#include <cstring>

#include "ledger/byte_source.hpp"
#include "ledger/csv_reader.hpp"

namespace ll::ledger {

Result<std::unique_ptr<RecordReader>> open_table(const std::filesystem::path& path) {
  auto source = ByteSource::open(path);
  if (!source) return source.error();
  const auto start = source.value().next();
  if (!start) return start.error();
  const std::string_view text(reinterpret_cast<const char*>(start.value().data()), start.value().size());
  if (text.starts_with("PAR1")) return open_parquet_table(path);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && (text[first] == '{' || text[first] == '[')) return open_json_blocks(path);
  auto csv = CsvReader::open(path);
  if (!csv) return csv.error();
  return std::unique_ptr<RecordReader>(std::make_unique<CsvReader>(std::move(csv).value()));
}

}  // namespace ll::ledger
