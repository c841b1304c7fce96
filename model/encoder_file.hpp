#pragma once
#include <filesystem>

#include "base/bytes.hpp"
#include "model/quantized_encoder.hpp"

namespace ll::model {

inline constexpr int kEncoderFileVersion = 1;

/// `vhat.safetensors`: tensors ids (u32 [N]) and vhat (i16 [N, D]); shape, version and the encoder's SHA-256 in the
/// metadata (docs/formats/encoder-files.md). Equal encoders give equal bytes.
Bytes encode_quantized_encoder(const QuantizedEncoder& encoder);

/// Error{malformed} for bytes that are not a safetensors file, Error{mismatch} for another format or schema version.
Result<QuantizedEncoder> decode_quantized_encoder(ByteSpan bytes);

/// The same with a file; errors carry the path, reading throws them.
void write_quantized_encoder(const std::filesystem::path& path, const QuantizedEncoder& encoder);
QuantizedEncoder read_quantized_encoder(const std::filesystem::path& path);

}  // namespace ll::model
