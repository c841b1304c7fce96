#pragma once
#include <string>

#include "base/bytes.hpp"
#include "ledger/sequences.hpp"

namespace ll::ledger {

/// One shard as bytes of a Parquet file (docs/formats/sequence-files.md): a row a sequence. `source` goes into its
/// metadata and says what the sequences are. One row group. The same batch gives the same bytes.
Bytes encode_sequences(const SequenceBatch& batch, const std::string& source);

struct DecodedSequences {
  SequenceBatch batch;
  std::string source;
};
/// Reads such bytes; `name` is how messages call the file. Error{malformed} names file, row and column for anything
/// that is not Parquet with exactly these columns, a null, numbers that do not count up, or lists whose lengths
/// disagree. Whether the transfers are valid is not looked at (ledger::replay).
Result<DecodedSequences> decode_sequences(ByteSpan bytes, const std::string& name);

/// Reading as the module that links Arrow offers it; writing needs no Arrow (ledger/sequence_encoder.hpp).
struct SequenceParquet {
  Result<DecodedSequences> (*decode)(ByteSpan bytes, const std::string& name);
};

}  // namespace ll::ledger
