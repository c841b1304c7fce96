// Part of the module that links Arrow (base/module.hpp).
#include "ledger/parquet_table.hpp"

#include <charconv>
#include <cmath>

#include "base/hash.hpp"
#include "ledger/arrow_support.hpp"

namespace ll::ledger {
namespace {

/// A double as the shortest digits that read back as it, always with a point or an exponent: it went through floating
/// point, and what reads it must see that.
std::string float_text(double value) {
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string text(buffer, end);
  if (std::isfinite(value) && text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

/// The cells of one column of a batch as text; a nested type has none.
class ColumnText {
 public:
  explicit ColumnText(std::shared_ptr<arrow::Array> array) : array_(std::move(array)) {
    using Type = arrow::Type;
    switch (array_->type_id()) {
      case Type::LIST:
      case Type::STRUCT:
      case Type::MAP:
      case Type::LARGE_LIST:
      case Type::FIXED_SIZE_LIST:
        skipped_ = true;
        break;  // nothing that a transfer is told by
      default:
        break;
    }
  }

  std::string at(std::int64_t row) const {
    using Type = arrow::Type;
    if (skipped_ || array_->IsNull(row)) return {};
    switch (array_->type_id()) {
      case Type::FLOAT:
        return float_text(static_cast<const arrow::FloatArray&>(*array_).Value(row));
      case Type::DOUBLE:
        return float_text(static_cast<const arrow::DoubleArray&>(*array_).Value(row));
      case Type::STRING:
        return std::string(static_cast<const arrow::StringArray&>(*array_).GetView(row));
      case Type::LARGE_STRING:
        return std::string(static_cast<const arrow::LargeStringArray&>(*array_).GetView(row));
      case Type::BINARY:
        return hex(static_cast<const arrow::BinaryArray&>(*array_).GetView(row));
      case Type::LARGE_BINARY:
        return hex(static_cast<const arrow::LargeBinaryArray&>(*array_).GetView(row));
      case Type::FIXED_SIZE_BINARY:
        return hex(static_cast<const arrow::FixedSizeBinaryArray&>(*array_).GetView(row));
      default:
        break;
    }
    auto scalar = array_->GetScalar(row);
    if (!scalar.ok()) throw std::runtime_error(scalar.status().ToString());
    return scalar.ValueUnsafe()->ToString();
  }

 private:
  static std::string hex(std::string_view bytes) {
    return "0x" + to_hex(ByteSpan(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
  }
  std::shared_ptr<arrow::Array> array_;
  bool skipped_ = false;
};

class ParquetRecords final : public RecordReader {
 public:
  explicit ParquetRecords(const std::filesystem::path& path) : path_(path.string()) {
    file_ = check(arrow::io::ReadableFile::Open(path_));
    parquet::arrow::FileReaderBuilder builder;
    check(builder.Open(file_));
    check(builder.Build(&reader_));
    reader_->set_batch_size(1 << 14);
    batches_ = check(reader_->GetRecordBatchReader());
  }

  Result<bool> next() override {
    try {
      return next_record();
    } catch (const std::exception& error) {  // Arrow's own complaints
      return Error(ErrorCode::malformed, fmt::format("{}: {}: not readable: {}", path_, place(), error.what()),
                   fmt::format("{}, {}", path_, place()));
    }
  }
  std::string place() const override { return header_read_ && rows_ > 0 ? fmt::format("row {}", rows_) : "the schema"; }
  std::uint64_t bytes_read() const noexcept override {
    const auto position = file_->Tell();
    return position.ok() ? static_cast<std::uint64_t>(*position) : 0;
  }
  std::string finish_sha256() override { return sha256_file(path_); }

 private:
  bool next_record() {
    cells_.clear();
    if (!header_read_) {
      header_read_ = true;
      const auto schema = batches_->schema();
      names_ = schema->field_names();
      for (const std::string& name : names_) cells_.emplace_back(name);
      return true;
    }
    while (batch_ == nullptr || row_ == batch_->num_rows()) {
      batch_ = check(batches_->Next());
      if (batch_ == nullptr) return false;
      check(batch_->ValidateFull());
      row_ = 0;
      columns_.clear();
      for (int c = 0; c < batch_->num_columns(); ++c) columns_.emplace_back(batch_->column(c));
      texts_.resize(columns_.size());
    }
    ++rows_;
    for (std::size_t c = 0; c < columns_.size(); ++c) texts_[c] = columns_[c].at(row_);
    for (const std::string& text : texts_) cells_.emplace_back(text);
    ++row_;
    return true;
  }

  std::string path_;
  std::shared_ptr<arrow::io::ReadableFile> file_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::shared_ptr<arrow::RecordBatchReader> batches_;
  std::shared_ptr<arrow::RecordBatch> batch_;
  std::vector<ColumnText> columns_;
  std::vector<std::string> names_, texts_;
  std::int64_t row_ = 0;
  std::uint64_t rows_ = 0;
  bool header_read_ = false;
};

}  // namespace

Result<std::unique_ptr<RecordReader>> open_parquet_records(const std::filesystem::path& path) {
  try {
    return std::unique_ptr<RecordReader>(std::make_unique<ParquetRecords>(path));
  } catch (const std::exception& error) {
    return Error(ErrorCode::malformed, fmt::format("{}: not a readable Parquet file: {}", path.string(), error.what()),
                 path.string());
  }
}

}  // namespace ll::ledger
