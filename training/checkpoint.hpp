#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "model/safetensors.hpp"
#include "training/network.hpp"

namespace ll::training {

/// What stands in an encoder.safetensors (docs/formats/encoder-files.md).
struct Checkpoint {
  std::shared_ptr<Network> network;
  std::string training_json = "{}";  ///< options and progress of the run (trainer.cpp)
  std::int64_t step = 0;             ///< steps done
  /// Optimiser state by parameter name, F32 of the parameter's shape; empty when the run cannot be resumed from here.
  std::map<std::string, torch::Tensor> adam_m{}, adam_v{};
};

Bytes encode_checkpoint(const Checkpoint& checkpoint);
/// Error{malformed} or {mismatch} for anything else than what encode_checkpoint writes; never throws for bytes.
Result<Checkpoint> decode_checkpoint(ByteSpan bytes);

}  // namespace ll::training
