#pragma once
// Writing ONNX on the protobuf wire: what onnx_export.cpp and onnx_transformer.cpp share. A graph of a few nodes needs
// no protobuf library, whose symbols would meet those that libtorch and Arrow export. Source:
// https://github.com/onnx/onnx/blob/v1.12.0/onnx/onnx.proto3 for the field numbers.
#include <array>
#include <bit>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/bytes.hpp"

namespace ll::model::onnx {

/// A protobuf message being written: (field number, wire type) and a value, in the order of the calls.
/// Source: https://protobuf.dev/programming-guides/encoding.
class Message {
 public:
  Message& number(std::uint32_t field, std::uint64_t value) {
    varint(std::uint64_t{field} << 3);  // wire type 0: varint
    varint(value);
    return *this;
  }
  Message& bytes(std::uint32_t field, ByteSpan value) {
    varint(std::uint64_t{field} << 3 | 2);  // wire type 2: length, then bytes
    varint(value.size());
    append(bytes_, value);
    return *this;
  }
  Message& text(std::uint32_t field, std::string_view value) {
    return bytes(field, {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
  }
  Message& message(std::uint32_t field, const Message& value) { return bytes(field, value.bytes_); }
  const Bytes& finish() const { return bytes_; }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<std::uint8_t>(value | 0x80));
    bytes_.push_back(static_cast<std::uint8_t>(value));
  }
  Bytes bytes_;
};

enum DataType : std::uint64_t { kFloat = 1, kInt16 = 5, kInt64 = 7, kDouble = 11 };  // TensorProto.DataType

/// NodeProto: input 1, output 2, name 3, op_type 4, attribute 5, domain 7.
inline Message node(std::string_view op, std::initializer_list<std::string_view> inputs, std::string_view output) {
  Message result;
  for (const auto input : inputs) result.text(1, input);
  return result.text(2, output).text(3, output).text(4, op);
}

/// AttributeProto: name 1, i 3, t 5, ints 8, type 20 (INT 2, TENSOR 4, INTS 7).
inline Message integer_attribute(std::string_view name, std::int64_t value) {
  return Message().text(1, name).number(3, static_cast<std::uint64_t>(value)).number(20, 2);
}
inline Message integers_attribute(std::string_view name, std::initializer_list<std::int64_t> values) {
  Message result = Message().text(1, name);
  for (const std::int64_t value : values) result.number(8, static_cast<std::uint64_t>(value));
  return result.number(20, 7);
}
inline Message tensor_attribute(std::string_view name, const Message& tensor) {
  return Message().text(1, name).message(5, tensor).number(20, 4);
}

inline Message cast(std::string_view input, std::string_view output, DataType to) {
  return node("Cast", {input}, output).message(5, integer_attribute("to", to));
}

/// TensorProto: dims 1, data_type 2, name 8, raw_data 9 (little-endian).
inline Message tensor(std::string_view name, DataType type, std::span<const std::uint64_t> dims, ByteSpan raw) {
  static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");
  Message result;
  for (const auto extent : dims) result.number(1, extent);
  return result.number(2, type).text(8, name).bytes(9, raw);
}
template <class Number>
Message tensor(std::string_view name, DataType type, std::initializer_list<std::uint64_t> dims,
               std::span<const Number> values) {
  return tensor(name, type, std::span(dims.begin(), dims.size()),
                {reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()});
}
inline Message scalar(std::string_view name, double value) {
  return tensor<double>(name, kDouble, {}, std::span(&value, 1));
}

/// An extent: a number, or a name where it may be any.
inline Message extent(std::uint64_t value) { return Message().number(1, value); }
inline Message extent(std::string_view name) { return Message().text(2, name); }

/// ValueInfoProto: name 1, type 2 {tensor_type 1 {elem_type 1, shape 2 {dim 1}}}, doc 3.
inline Message value_info(std::string_view name, DataType type, std::initializer_list<Message> extents,
                          std::string_view doc) {
  Message shape;
  for (const Message& dim : extents) shape.message(1, dim);
  const Message tensor_type = Message().number(1, type).message(2, shape);
  return Message().text(1, name).message(2, Message().message(1, tensor_type)).text(3, doc);
}

inline Message property(std::string_view key, std::string_view value) { return Message().text(1, key).text(2, value); }

/// ModelProto before its metadata (14): ir_version 1, producer_name 2, producer_version 3, graph 7, opset_import 8.
inline Message model_of(const Message& graph) {
  return Message()
      .number(1, 8)
      .text(2, "latentledger")
      .text(3, LL_VERSION)
      .message(7, graph)
      .message(8, Message().text(1, "").number(2, 17));
}

}  // namespace ll::model::onnx
