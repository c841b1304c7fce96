#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace ll::model {

/// Element types that we read and write; names as in the file ("F32", ...).
enum class Dtype { f64, i64, f32, i32, u32, i16, u8 };
const char* to_string(Dtype dtype) noexcept;
std::size_t size_of(Dtype dtype) noexcept;

/// One tensor: row-major, little-endian elements as they lie in the file.
struct Tensor {
  Dtype dtype = Dtype::f32;
  std::vector<std::uint64_t> shape;  // empty for a scalar
  Bytes data;                        // product(shape)·size_of(dtype) bytes
  friend bool operator==(const Tensor&, const Tensor&) = default;
};

/// Content of a safetensors file.
struct Safetensors {
  std::map<std::string, std::string> metadata;
  std::map<std::string, Tensor> tensors;
  friend bool operator==(const Safetensors&, const Safetensors&) = default;
};

/// Canonical bytes: tensors by element size descending, then by name; header keys sorted, padded with spaces to 8
/// bytes. Equal content gives equal bytes. Throws Error{invalid_argument} when a tensor's data disagrees with its
/// shape. Source: https://github.com/huggingface/safetensors, README, "Format".
Bytes encode_safetensors(const Safetensors& file);

/// Strict reader: known dtypes, every key expected, no name twice, offsets in range, and the tensors cover the data
/// section exactly, without gap or overlap. Error{malformed} with tensor and field otherwise; never throws for bytes.
Result<Safetensors> decode_safetensors(ByteSpan bytes);

/// Little-endian copies between a tensor and numbers of this machine. `values_of` gives Error{malformed} when the dtype
/// or the shape is not the one asked for; `name` is for the message.
template <class T>
Tensor tensor_of(std::vector<std::uint64_t> shape, std::span<const T> values);
template <class T>
Result<std::vector<T>> values_of(const Safetensors& file, const std::string& name,
                                 const std::vector<std::uint64_t>& shape);

}  // namespace ll::model
