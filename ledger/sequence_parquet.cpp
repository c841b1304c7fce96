// The module that links Arrow (base/module.hpp).
#include "ledger/sequence_parquet.hpp"

#include <numeric>

#include <parquet/arrow/writer.h>

#include "ledger/arrow_support.hpp"

namespace ll::ledger {
namespace {

constexpr const char* kVersion = "1";
constexpr const char* kSourceKey = "latentledger.source";
/// Columns in the order of the schema.
enum Column { kSequence, kAccountIds, kStartBalances, kBlock, kTxIndex, kSender, kReceiver, kAmount };

std::shared_ptr<arrow::Schema> schema() {
  const auto field = [](const char* name, std::shared_ptr<arrow::DataType> type) {
    return arrow::field(name, std::move(type), /*nullable=*/false);
  };
  const auto list = [&](const char* name, const std::shared_ptr<arrow::DataType>& type) {
    return field(name, arrow::list(arrow::field("element", type, /*nullable=*/false)));
  };
  return arrow::schema({field("sequence", arrow::uint64()), list("account_ids", arrow::uint32()),
                        list("start_balances", arrow::uint32()), list("block", arrow::uint32()),
                        list("tx_index", arrow::uint32()), list("sender", arrow::uint8()),
                        list("receiver", arrow::uint8()), list("amount", arrow::uint32())});
}

// ---- writing

template <class T>
std::shared_ptr<arrow::Buffer> wrap(const std::vector<T>& values) {
  return arrow::Buffer::Wrap(values);
}

template <class T>
std::shared_ptr<arrow::Array> list_of(const std::vector<T>& values, const std::vector<std::int32_t>& offsets,
                                      const std::shared_ptr<arrow::DataType>& type) {
  const auto items = arrow::MakeArray(arrow::ArrayData::Make(static_cast<const arrow::ListType&>(*type).value_type(),
                                                             static_cast<std::int64_t>(values.size()),
                                                             {nullptr, wrap(values)}, /*null_count=*/0));
  return std::make_shared<arrow::ListArray>(type, static_cast<std::int64_t>(offsets.size()) - 1, wrap(offsets), items,
                                            nullptr, /*null_count=*/0);
}

Bytes encode_checked(const SequenceBatch& batch, const std::string& source) {
  const auto rows = static_cast<std::int64_t>(batch.size());
  std::vector<std::uint64_t> numbers(batch.size());
  std::iota(numbers.begin(), numbers.end(), batch.first);
  std::vector<std::int32_t> strides(batch.size() + 1);
  for (std::size_t i = 0; i < strides.size(); ++i) strides[i] = static_cast<std::int32_t>(i * batch.accounts);

  const auto columns = schema();
  const auto type = [&](int c) { return columns->field(c)->type(); };
  const auto table = arrow::Table::Make(
      columns,
      std::vector<std::shared_ptr<arrow::Array>>{
          arrow::MakeArray(arrow::ArrayData::Make(arrow::uint64(), rows, {nullptr, wrap(numbers)}, 0)),
          list_of(batch.account_ids, strides, type(kAccountIds)),
          list_of(batch.start_balances, strides, type(kStartBalances)),
          list_of(batch.block, batch.offsets, type(kBlock)), list_of(batch.tx_index, batch.offsets, type(kTxIndex)),
          list_of(batch.sender, batch.offsets, type(kSender)), list_of(batch.receiver, batch.offsets, type(kReceiver)),
          list_of(batch.amount, batch.offsets, type(kAmount))},
      rows);

  // Ids and balances are random bits: nothing to gain from a dictionary or a compressor. Blocks rise and amounts vary
  // without end: differences, bit-packed. The rest are few values: a dictionary.
  auto properties = parquet::WriterProperties::Builder();
  properties.version(parquet::ParquetVersion::PARQUET_2_6)
      ->created_by("latentledger " LL_VERSION)
      ->disable_statistics();
  const auto item = [](const char* name) { return std::string(name) + ".list.element"; };
  for (const char* name : {"account_ids", "start_balances"}) properties.disable_dictionary(item(name));
  for (const char* name : {"block", "amount"}) {
    properties.disable_dictionary(item(name))->encoding(item(name), parquet::Encoding::DELTA_BINARY_PACKED);
  }
  for (const char* name : {"block", "tx_index", "sender", "receiver", "amount"}) {
    properties.compression(item(name), parquet::Compression::ZSTD)->compression_level(item(name), 1);
  }
  const auto pool = arrow::default_memory_pool();
  const auto room = static_cast<std::int64_t>((1 << 16) + batch.size() * batch.accounts * 9 + batch.transfers() * 8);
  const auto out = check(arrow::io::BufferOutputStream::Create(room, pool));
  const auto writer = check(parquet::arrow::FileWriter::Open(*columns, pool, out, properties.build()));
  check(writer->WriteTable(*table, std::max<std::int64_t>(rows, 1)));
  check(writer->AddKeyValueMetadata(arrow::key_value_metadata({kVersionKey, kSourceKey}, {kVersion, source})));
  check(writer->Close());
  const auto buffer = check(out->Finish());
  return Bytes(buffer->data(), buffer->data() + buffer->size());
}

Bytes encode(const SequenceBatch& batch, const std::string& source) {
  try {
    return encode_checked(batch, source);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(ErrorCode::io, fmt::format("cannot encode sequences as Parquet: {}", error.what()));
  }
}

// ---- reading

std::string column_name(int column) { return schema()->field(column)->name(); }

/// Rows [0, batch.num_rows()) of one record batch, behind the rows that are there.
class Appender {
 public:
  Appender(const std::string& name, SequenceBatch& out) : name_(name), out_(out) {}

  std::optional<Error> append(const arrow::RecordBatch& batch) {
    check(batch.ValidateFull());
    for (int c = 0; c < batch.num_columns(); ++c) {
      if (batch.column(c)->null_count() > 0) return fault(0, c, "a null behind this row");
    }
    const auto& numbers = static_cast<const arrow::UInt64Array&>(*batch.column(kSequence));
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      if (out_.size() == 0 && row == 0) out_.first = numbers.Value(0);
      const std::uint64_t expected = out_.first + out_.size() + static_cast<std::uint64_t>(row);
      if (numbers.Value(row) != expected) {
        return fault(row, kSequence, fmt::format("expected {}, found {}", expected, numbers.Value(row)));
      }
    }
    if (auto error = per_account(batch, kAccountIds, out_.account_ids)) return error;
    if (auto error = per_account(batch, kStartBalances, out_.start_balances)) return error;
    if (auto error = per_transfer<arrow::UInt32Array>(batch, kBlock, out_.block)) return error;
    if (auto error = per_transfer<arrow::UInt32Array>(batch, kTxIndex, out_.tx_index)) return error;
    if (auto error = per_transfer<arrow::UInt8Array>(batch, kSender, out_.sender)) return error;
    if (auto error = per_transfer<arrow::UInt8Array>(batch, kReceiver, out_.receiver)) return error;
    if (auto error = per_transfer<arrow::UInt32Array>(batch, kAmount, out_.amount)) return error;
    const auto& lists = static_cast<const arrow::ListArray&>(*batch.column(kAmount));
    for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
      out_.offsets.push_back(out_.offsets.back() + lists.value_length(row));
    }
    return std::nullopt;
  }

 private:
  Error fault(std::int64_t row, int column, const std::string& what) const {
    return malformed("{}: row {}, column \"{}\": {}", name_, out_.size() + static_cast<std::uint64_t>(row),
                     column_name(column), what);
  }

  template <class Array, class T>
  std::optional<Error> append_items(const arrow::ListArray& lists, int column, std::vector<T>& out) {
    const auto& items = static_cast<const Array&>(*lists.values());
    if (items.null_count() > 0) return fault(0, column, "a null in a list behind this row");
    if (lists.length() == 0) return std::nullopt;
    out.insert(out.end(), items.raw_values() + lists.value_offset(0),
               items.raw_values() + lists.value_offset(lists.length()));
    return std::nullopt;
  }

  std::optional<Error> per_account(const arrow::RecordBatch& batch, int column, std::vector<std::uint32_t>& out) {
    const auto& lists = static_cast<const arrow::ListArray&>(*batch.column(column));
    for (std::int64_t row = 0; row < lists.length(); ++row) {
      const auto count = static_cast<std::size_t>(lists.value_length(row));
      if (column == kAccountIds && out_.size() == 0 && row == 0) {
        if (count < kMinAccounts || count > kMaxAccounts) {
          return fault(row, column,
                       fmt::format("expected {} to {} accounts, found {}", kMinAccounts, kMaxAccounts, count));
        }
        out_.accounts = count;
      }
      if (count != out_.accounts) {
        return fault(row, column, fmt::format("expected {} numbers, found {}", out_.accounts, count));
      }
    }
    return append_items<arrow::UInt32Array>(lists, column, out);
  }

  template <class Array, class T>
  std::optional<Error> per_transfer(const arrow::RecordBatch& batch, int column, std::vector<T>& out) {
    const auto& lists = static_cast<const arrow::ListArray&>(*batch.column(column));
    const auto& first = static_cast<const arrow::ListArray&>(*batch.column(kBlock));
    for (std::int64_t row = 0; row < lists.length(); ++row) {
      if (lists.value_length(row) != first.value_length(row)) {
        return fault(row, column,
                     fmt::format("expected {} numbers as in \"block\", found {}", first.value_length(row),
                                 lists.value_length(row)));
      }
    }
    if (out.size() + static_cast<std::size_t>(lists.values()->length()) > INT32_MAX) {
      return fault(0, column, "more than 2^31 - 1 transfers");
    }
    return append_items<Array>(lists, column, out);
  }

  const std::string& name_;
  SequenceBatch& out_;
};

Result<DecodedSequences> decode_checked(ByteSpan bytes, const std::string& name) {
  const auto file = open_own_parquet(bytes, name, *schema(), kVersion);
  if (!file) return file.error();
  DecodedSequences result;
  result.source = file.value().value(kSourceKey);
  Appender appender(name, result.batch);
  const auto batches = check(file.value().reader->GetRecordBatchReader());
  while (true) {
    const std::shared_ptr<arrow::RecordBatch> batch = check(batches->Next());
    if (batch == nullptr) return result;
    if (auto error = appender.append(*batch)) return *error;
  }
}

Result<DecodedSequences> decode(ByteSpan bytes, const std::string& name) {
  try {
    return decode_checked(bytes, name);
  } catch (const std::exception& error) {  // Arrow's own complaints, and its allocations for sizes that are lies
    return malformed("{}: not a readable Parquet file: {}", name, error.what());
  }
}

}  // namespace
}  // namespace ll::ledger

extern "C" const void* ll_sequence_parquet() {
  static const ll::ledger::SequenceParquet functions{.encode = ll::ledger::encode, .decode = ll::ledger::decode};
  return &functions;
}
