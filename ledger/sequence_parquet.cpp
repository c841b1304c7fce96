// The module that links Arrow (base/module.hpp).
#include "ledger/sequence_parquet.hpp"

#include "ledger/arrow_support.hpp"
#include "ledger/sequence_encoder.hpp"

namespace ll::ledger {
namespace {

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
  const auto file = open_own_parquet(bytes, name, *schema(), kSequenceSchemaVersion);
  if (!file) return file.error();
  DecodedSequences result;
  result.source = file.value().value(kSequenceSourceKey);
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
  static const ll::ledger::SequenceParquet functions{.decode = ll::ledger::decode};
  return &functions;
}
