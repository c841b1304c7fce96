#pragma once
#include <array>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "ledger/sequences.hpp"

namespace ll::ledger {

// Sequences as Parquet (docs/formats/sequence-files.md), written by ourselves and read back by Arrow: the columns are
// arrays of small numbers already, so a page is a few copies, and row groups can be made at the same time by different
// threads. Source: Apache Parquet, README.md (file format, nested encoding) and parquet.thrift (headers, footer).

inline constexpr const char* kSequenceSchemaVersion = "1";
inline constexpr const char* kSequenceSourceKey = "latentledger.source";
/// Columns in the order of the schema.
enum SequenceColumn { kSequence, kAccountIds, kStartBalances, kBlock, kTxIndex, kSender, kReceiver, kAmount };
inline constexpr std::size_t kSequenceColumns = 8;

/// One row group, wherever it comes to stand in the file.
struct SequenceGroup {
  struct Chunk {
    std::uint64_t begin = 0, data = 0, end = 0;  ///< in `bytes`; a dictionary page is [begin, data)
    std::uint64_t values = 0;
    std::uint8_t encoding = 0;  ///< of the data page
  };
  Bytes bytes;
  std::array<Chunk, kSequenceColumns> chunks{};
  std::uint64_t rows = 0;
};

/// Makes `group` that of the batch, a row a sequence; memory it has is used again. Every page below 2^31 bytes, else it
/// throws Error{invalid_argument}.
void encode_group(const SequenceBatch& batch, SequenceGroup& group);

/// What comes before the first group, and after the last.
Bytes sequence_file_head();
Bytes sequence_file_tail(std::span<const SequenceGroup> groups, const std::string& source);

}  // namespace ll::ledger
