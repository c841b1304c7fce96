#include "model/encoder_file.hpp"

#include <charconv>

#include "base/files.hpp"
#include "model/safetensors.hpp"

namespace ll::model {
namespace {

constexpr const char* kFormat = "latentledger-vhat";

/// Decimal number without sign or leading zero, so that equal content has one spelling.
Result<unsigned> read_number(const Safetensors& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) return malformed("vhat: __metadata__.{} is missing", key);
  const std::string& text = found->second;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || std::to_string(value) != text)
    return malformed("vhat: __metadata__.{} is \"{}\", a number expected", key, text);
  return value;
}

}  // namespace

Bytes encode_quantized_encoder(const QuantizedEncoder& encoder) {
  const EncoderShape& shape = encoder.shape();
  Safetensors file;
  file.metadata = {{"format", kFormat},
                   {"schema_version", std::to_string(kEncoderFileVersion)},
                   {"accounts", std::to_string(shape.accounts)},
                   {"dims", std::to_string(shape.dims)},
                   {"v_frac_bits", std::to_string(shape.v_frac_bits)},
                   {"balance_bits", std::to_string(shape.balance_bits)},
                   {"weights_sha256", encoder.weights_sha256()}};
  file.tensors["ids"] = tensor_of<std::uint32_t>({shape.accounts}, encoder.account_ids());
  file.tensors["vhat"] = tensor_of<std::int16_t>({shape.accounts, shape.dims}, encoder.vhat());
  return encode_safetensors(file);
}

Result<QuantizedEncoder> decode_quantized_encoder(ByteSpan bytes) {
  auto decoded = decode_safetensors(bytes);
  if (!decoded) return decoded.error();
  const Safetensors& file = decoded.value();
  const auto format = file.metadata.find("format");
  if (format == file.metadata.end() || format->second != kFormat)
    return Error(ErrorCode::mismatch, fmt::format("vhat: __metadata__.format is not \"{}\"", kFormat));
  const auto version = read_number(file, "schema_version");
  if (!version) return version.error();
  if (version.value() != kEncoderFileVersion)
    return Error(ErrorCode::mismatch,
                 fmt::format("vhat: schema_version {}, this program reads {}", version.value(), kEncoderFileVersion));
  const auto accounts = read_number(file, "accounts"), dims = read_number(file, "dims");
  const auto v_frac_bits = read_number(file, "v_frac_bits"), balance_bits = read_number(file, "balance_bits");
  for (const auto* number : {&accounts, &dims, &v_frac_bits, &balance_bits})
    if (!*number) return number->error();
  const auto weights = file.metadata.find("weights_sha256");
  if (weights == file.metadata.end()) return malformed("vhat: __metadata__.weights_sha256 is missing");
  if (file.metadata.size() != 7 || file.tensors.size() != 2)
    return malformed("vhat: {} metadata keys and {} tensors, 7 and 2 expected", file.metadata.size(),
                     file.tensors.size());

  const EncoderShape shape{accounts.value(), dims.value(), v_frac_bits.value(), balance_bits.value()};
  auto ids = values_of<std::uint32_t>(file, "ids", {shape.accounts});
  if (!ids) return ids.error();
  auto vhat = values_of<std::int16_t>(file, "vhat", {shape.accounts, shape.dims});
  if (!vhat) return vhat.error();
  try {  // the class checks ranges; from a file they are the file's fault
    return QuantizedEncoder(shape, std::move(ids).value(), std::move(vhat).value(), weights->second);
  } catch (const Error& error) {
    return malformed("vhat: {}", error.message());
  }
}

void write_quantized_encoder(const std::filesystem::path& path, const QuantizedEncoder& encoder) {
  write_file(path, encode_quantized_encoder(encoder));
}

QuantizedEncoder read_quantized_encoder(const std::filesystem::path& path) {
  auto decoded = decode_quantized_encoder(read_file(path));
  if (!decoded) throw decoded.error().at(path.string());
  return std::move(decoded).value();
}

}  // namespace ll::model
