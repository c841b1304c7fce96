#include "model/onnx_export.hpp"

#include <bit>
#include <cmath>
#include <cstring>

#include <fmt/ranges.h>

#include "base/files.hpp"

namespace ll::model {
namespace {

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

enum DataType : std::uint64_t { kInt16 = 5, kInt64 = 7, kDouble = 11 };  // TensorProto.DataType

/// NodeProto: input 1, output 2, name 3, op_type 4, attribute 5.
Message node(std::string_view op, std::initializer_list<std::string_view> inputs, std::string_view output) {
  Message result;
  for (const auto input : inputs) result.text(1, input);
  return result.text(2, output).text(3, output).text(4, op);
}

Message cast(std::string_view input, std::string_view output, DataType to) {
  // AttributeProto: name 1, i 3, type 20 (2 = INT)
  return node("Cast", {input}, output).message(5, Message().text(1, "to").number(3, to).number(20, 2));
}

/// TensorProto: dims 1, data_type 2, name 8, raw_data 9 (little-endian).
Message tensor(std::string_view name, DataType type, std::initializer_list<std::uint64_t> dims, ByteSpan raw) {
  Message result;
  for (const auto extent : dims) result.number(1, extent);
  return result.number(2, type).text(8, name).bytes(9, raw);
}

/// ValueInfoProto of a [batch, columns] tensor: name 1, type 2 {tensor_type 1 {elem_type 1, shape 2 {dim 1}}, doc 3.
Message value_info(std::string_view name, DataType type, std::uint64_t columns, std::string_view doc) {
  Message shape;
  shape.message(1, Message().text(2, "batch")).message(1, Message().number(1, columns));
  const Message tensor_type = Message().number(1, type).message(2, shape);
  return Message().text(1, name).message(2, Message().message(1, tensor_type)).text(3, doc);
}

Message property(std::string_view key, std::string_view value) { return Message().text(1, key).text(2, value); }

}  // namespace

Bytes encode_onnx(const QuantizedEncoder& encoder) {
  static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");
  const EncoderShape& shape = encoder.shape();
  const std::span<const std::int16_t> vhat = encoder.vhat();
  const double unit = std::ldexp(1.0, -static_cast<int>(shape.scale_bits()));
  std::array<std::uint8_t, 8> unit_bytes{};
  std::memcpy(unit_bytes.data(), &unit, 8);

  Message graph;  // GraphProto: node 1, name 2, initializer 5, input 11, output 12
  graph.message(1, cast("balances", "balances_f64", kDouble))
      .message(1, cast("vhat", "vhat_f64", kDouble))
      .message(1, node("MatMul", {"balances_f64", "vhat_f64"}, "embedding_f64"))
      .message(1, cast("embedding_f64", "embedding_int", kInt64))
      .message(1, node("Mul", {"embedding_f64", "unit"}, "embedding"))
      .text(2, "latentledger-encoder")
      .message(5, tensor("vhat", kInt16, {shape.accounts, shape.dims},
                         {reinterpret_cast<const std::uint8_t*>(vhat.data()), vhat.size_bytes()}))
      .message(5, tensor("unit", kDouble, {}, unit_bytes))
      .message(11, value_info("balances", kInt64, shape.accounts,
                              fmt::format("balances in slot order, each in [0, 2^{})", shape.balance_bits)))
      .message(12, value_info("embedding_int", kInt64, shape.dims, "exact integer embedding"))
      .message(12,
               value_info("embedding", kDouble, shape.dims, fmt::format("embedding_int / 2^{}", shape.scale_bits())));

  Message model;  // ModelProto: ir_version 1, producer_name 2, producer_version 3, graph 7, opset_import 8, metadata 14
  model.number(1, 8)
      .text(2, "latentledger")
      .text(3, LL_VERSION)
      .message(7, graph)
      .message(8, Message().text(1, "").number(2, 17))
      .message(14, property("schema_version", "1"))
      .message(14, property("account_ids", fmt::format("{}", fmt::join(encoder.account_ids(), ","))))
      .message(14, property("v_frac_bits", std::to_string(shape.v_frac_bits)))
      .message(14, property("balance_bits", std::to_string(shape.balance_bits)))
      .message(14, property("vhat_digest", to_hex(encoder.digest())))
      .message(14, property("weights_sha256", encoder.weights_sha256()));
  return model.finish();
}

void write_onnx(const std::filesystem::path& path, const QuantizedEncoder& encoder) {
  write_file(path, encode_onnx(encoder));
}

}  // namespace ll::model
