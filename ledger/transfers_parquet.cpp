// The module that links Arrow (base/module.hpp).
#include "ledger/transfers_parquet.hpp"
#include "ledger/parquet_table.hpp"

#include <parquet/arrow/writer.h>

#include "base/files.hpp"
#include "ledger/arrow_support.hpp"

namespace ll::ledger {
namespace {

constexpr const char* kVersion = "1";
constexpr std::int64_t kRowsPerGroup = 1 << 16;

std::shared_ptr<arrow::Schema> schema() {
  const auto field = [](const char* name, std::shared_ptr<arrow::DataType> type) {
    return arrow::field(name, std::move(type), /*nullable=*/false);
  };
  return arrow::schema({field("index", arrow::uint64()), field("block", arrow::uint64()),
                        field("tx_index", arrow::uint32()), field("sender", arrow::uint32()),
                        field("receiver", arrow::uint32()), field("amount_wei", arrow::decimal128(38, 0)),
                        field("amount_units", arrow::uint32())});
}

template <class Builder, class Get>
std::shared_ptr<arrow::Array> column(std::span<const DatasetTransfer> transfers, Builder builder, Get get) {
  check(builder.Reserve(static_cast<std::int64_t>(transfers.size())));
  for (std::size_t i = 0; i < transfers.size(); ++i) builder.UnsafeAppend(get(transfers[i], i));
  return check(builder.Finish());
}

arrow::Decimal128 decimal(u128 value) {
  return arrow::Decimal128(static_cast<std::int64_t>(value >> 64), static_cast<std::uint64_t>(value));
}

std::shared_ptr<arrow::Table> table_of(std::span<const DatasetTransfer> transfers) {
  using T = DatasetTransfer;
  using U32 = arrow::UInt32Builder;
  using U64 = arrow::UInt64Builder;
  return arrow::Table::Make(schema(),
                            {column(transfers, U64(), [](const T&, std::size_t i) { return std::uint64_t{i}; }),
                             column(transfers, U64(), [](const T& t, std::size_t) { return t.block; }),
                             column(transfers, U32(), [](const T& t, std::size_t) { return t.tx_index; }),
                             column(transfers, U32(), [](const T& t, std::size_t) { return t.sender; }),
                             column(transfers, U32(), [](const T& t, std::size_t) { return t.receiver; }),
                             column(transfers, arrow::Decimal128Builder(arrow::decimal128(38, 0)),
                                    [](const T& t, std::size_t) { return decimal(t.amount_wei); }),
                             column(transfers, U32(), [](const T& t, std::size_t) { return t.amount_units; })});
}

template <class Array>
const Array& typed(const arrow::RecordBatch& batch, int column) {
  return static_cast<const Array&>(*batch.column(column));
}

std::optional<Error> append_batch(const arrow::RecordBatch& batch, const std::string& name,
                                  std::vector<DatasetTransfer>& out) {
  check(batch.ValidateFull());
  for (int c = 0; c < batch.num_columns(); ++c) {
    if (batch.column(c)->null_count() > 0) {
      return malformed("{}: column \"{}\" has a null behind row {}", name, batch.column_name(c), out.size());
    }
  }
  // Taken once: a batch makes each of them behind a lock.
  const auto &indices = typed<arrow::UInt64Array>(batch, 0), &blocks = typed<arrow::UInt64Array>(batch, 1);
  const auto &tx_indices = typed<arrow::UInt32Array>(batch, 2), &senders = typed<arrow::UInt32Array>(batch, 3),
             &receivers = typed<arrow::UInt32Array>(batch, 4), &units = typed<arrow::UInt32Array>(batch, 6);
  const auto& amounts = typed<arrow::Decimal128Array>(batch, 5);
  for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
    const std::uint64_t index = indices.Value(row);
    if (index != out.size()) {
      return malformed("{}: row {}, column \"index\": expected {}, found {}", name, out.size(), out.size(), index);
    }
    const arrow::Decimal128 wei(amounts.GetValue(row));
    if (wei.IsNegative()) {
      return malformed("{}: row {}, column \"amount_wei\": expected at least 0, found {}", name, out.size(),
                       wei.ToIntegerString());
    }
    DatasetTransfer t;
    t.block = blocks.Value(row);
    t.tx_index = tx_indices.Value(row);
    t.sender = senders.Value(row);
    t.receiver = receivers.Value(row);
    t.amount_wei = u128{static_cast<std::uint64_t>(wei.high_bits())} << 64 | wei.low_bits();
    t.amount_units = units.Value(row);
    out.push_back(t);
  }
  return std::nullopt;
}

Result<std::vector<DatasetTransfer>> read_checked(ByteSpan bytes, const std::string& name) {
  const auto file = open_own_parquet(bytes, name, *schema(), kVersion);
  if (!file) return file.error();
  std::vector<DatasetTransfer> transfers;
  const auto batches = check(file.value().reader->GetRecordBatchReader());
  while (true) {
    const std::shared_ptr<arrow::RecordBatch> batch = check(batches->Next());
    if (batch == nullptr) return transfers;
    if (auto error = append_batch(*batch, name, transfers)) return *error;
  }
}

void write(const std::filesystem::path& path, std::span<const DatasetTransfer> transfers) {
  PendingFile pending(path);
  try {
    const auto file = check(arrow::io::FileOutputStream::Open(pending.path().string()));
    const auto properties = parquet::WriterProperties::Builder()
                                .compression(parquet::Compression::ZSTD)
                                ->version(parquet::ParquetVersion::PARQUET_2_6)
                                ->created_by("latentledger " LL_VERSION)
                                ->build();
    const auto pool = arrow::default_memory_pool();
    const auto writer = check(parquet::arrow::FileWriter::Open(*schema(), pool, file, properties));
    check(writer->WriteTable(*table_of(transfers), kRowsPerGroup));
    check(writer->AddKeyValueMetadata(arrow::key_value_metadata({kVersionKey}, {kVersion})));
    check(writer->Close());
    check(file->Close());
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(ErrorCode::io, fmt::format("{}: cannot write: {}", path.string(), error.what()), path.string());
  }
  pending.commit();
}

Result<std::vector<DatasetTransfer>> read(ByteSpan bytes, const std::string& name) {
  try {
    return read_checked(bytes, name);
  } catch (const std::exception& error) {  // Arrow's own complaints, and its allocations for sizes that are lies
    return malformed("{}: not a readable Parquet file: {}", name, error.what());
  }
}

}  // namespace
}  // namespace ll::ledger

extern "C" const void* ll_transfers_parquet() {
  static const ll::ledger::TransfersParquet functions{
      .write = ll::ledger::write, .read = ll::ledger::read, .open_table = ll::ledger::open_parquet_records};
  return &functions;
}
