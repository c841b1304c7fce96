#pragma once
// For the modules that link Arrow only (base/module.hpp).
#include <memory>
#include <stdexcept>
#include <string>

#include <arrow/api.h>
#include <arrow/io/api.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include "base/bytes.hpp"

namespace ll::ledger {

/// Arrow's failures as exceptions inside these files; they leave them as Error.
inline void check(const arrow::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}
template <class T>
T check(arrow::Result<T> result) {
  check(result.status());
  return std::move(result).ValueUnsafe();
}

inline constexpr const char* kVersionKey = "latentledger.schema_version";

/// A Parquet file of ours that has been opened.
struct OwnParquet {
  std::unique_ptr<parquet::arrow::FileReader> reader;
  /// Key-value metadata; "none" for a key that is not there.
  std::string value(const char* key) const {
    const auto metadata = reader->parquet_reader()->metadata()->key_value_metadata();
    return metadata != nullptr ? metadata->Get(key).ValueOr("none") : std::string("none");
  }
};

/// Opens bytes that must have exactly this schema and version; the bytes must live as long. Error{malformed} that names
/// the file otherwise; throws std::runtime_error for bytes that are no Parquet.
inline Result<OwnParquet> open_own_parquet(ByteSpan bytes, const std::string& name, const arrow::Schema& expected,
                                           const std::string& version) {
  const auto buffer = std::make_shared<arrow::Buffer>(bytes.data(), static_cast<std::int64_t>(bytes.size()));
  parquet::arrow::FileReaderBuilder builder;
  check(builder.Open(std::make_shared<arrow::io::BufferReader>(buffer)));
  OwnParquet file;
  check(builder.Build(&file.reader));
  std::shared_ptr<arrow::Schema> found;
  check(file.reader->GetSchema(&found));
  if (!found->Equals(expected, /*check_metadata=*/false)) {
    return malformed("{}: columns are {}; expected {}", name, found->ToString(), expected.ToString());
  }
  if (file.value(kVersionKey) != version) {
    return malformed("{}: {} is {}, this software reads {}", name, kVersionKey, file.value(kVersionKey), version);
  }
  return file;
}

}  // namespace ll::ledger
