// safetensors files and V^ in them: refused with a sentence, or read and written back alike.
#include "model/encoder_file.hpp"
#include "model/safetensors.hpp"
#include "tests/fuzz/fuzz_input.hpp"

using namespace ll;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = model::decode_safetensors(ByteSpan(data, size));
  if (!file) {
    fuzz::require(!file.error().message().empty(), "an error has a message");
    return 0;
  }
  const Bytes written = model::encode_safetensors(file.value());
  const auto again = model::decode_safetensors(written);
  fuzz::require(again.ok() && model::encode_safetensors(again.value()) == written, "tensors have one file");
  const auto encoder = model::decode_quantized_encoder(ByteSpan(data, size));
  if (encoder)
    fuzz::require(model::decode_quantized_encoder(model::encode_quantized_encoder(encoder.value())).ok(),
                  "V^ is read back");
  return 0;
}
