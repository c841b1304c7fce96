#include "base/module.hpp"
#include "ledger/sequence_parquet.hpp"

namespace ll::ledger {
namespace {

const SequenceParquet& functions() {
  static const auto* loaded =
      static_cast<const SequenceParquet*>(module_entry(LL_SEQUENCES_FILE, "ll_sequence_parquet"));
  return *loaded;
}

}  // namespace

Result<DecodedSequences> decode_sequences(ByteSpan bytes, const std::string& name) {
  return functions().decode(bytes, name);
}

}  // namespace ll::ledger
