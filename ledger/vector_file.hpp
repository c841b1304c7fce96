#pragma once
#include <cstdint>
#include <filesystem>
#include <span>

#include "base/files.hpp"
#include "base/hash.hpp"

namespace ll::ledger {

/// What the vectors of a file are (docs/formats/vector-file.md).
struct VectorFileHead {
  enum class Kind : std::uint32_t { states = 0, deltas = 1 };
  Kind kind = Kind::states;
  std::uint32_t size = 0;        ///< int64 numbers of a vector: D, or 4 D in exact wei
  std::uint32_t scale_bits = 0;  ///< a real embedding is a number / 2^scale_bits
  std::uint64_t rows = 0;
  Digest32 encoder{};  ///< model::QuantizedEncoder::digest
  friend bool operator==(const VectorFileHead&, const VectorFileHead&) = default;
};

/// Writes integer vectors, each with the index it belongs to, to a temporary name; commit() puts the file in place.
/// Throws Error{io} with the path.
class VectorFileWriter {
 public:
  VectorFileWriter(const std::filesystem::path& path, const VectorFileHead& head);
  /// `vector` has head.size numbers.
  void append(std::uint64_t index, std::span<const std::int64_t> vector);
  /// Throws Error{invalid_argument} unless head.rows vectors were written.
  void commit();

 private:
  PendingFile pending_;
  FileWriter file_;
  VectorFileHead head_;
  Bytes buffer_;
  std::uint64_t rows_ = 0;
};

struct VectorFile {
  VectorFileHead head;
  std::vector<std::uint64_t> indices;  ///< [rows]
  std::vector<std::int64_t> vectors;   ///< [rows, size] row-major
};
/// Reads such bytes. Error{malformed} for another magic or version, or bytes missing or left over.
Result<VectorFile> read_vector_file(ByteSpan bytes, const std::string& name);

}  // namespace ll::ledger
