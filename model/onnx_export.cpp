#include "model/onnx_export.hpp"

#include <cmath>

#include <fmt/ranges.h>

#include "base/files.hpp"
#include "model/onnx_writer.hpp"

namespace ll::model {
using namespace onnx;

Bytes encode_onnx(const QuantizedEncoder& encoder) {
  const EncoderShape& shape = encoder.shape();
  const double unit = std::ldexp(1.0, -static_cast<int>(shape.scale_bits()));

  Message graph;  // GraphProto: node 1, name 2, initializer 5, input 11, output 12
  graph.message(1, cast("balances", "balances_f64", kDouble))
      .message(1, cast("vhat", "vhat_f64", kDouble))
      .message(1, node("MatMul", {"balances_f64", "vhat_f64"}, "embedding_f64"))
      .message(1, cast("embedding_f64", "embedding_int", kInt64))
      .message(1, node("Mul", {"embedding_f64", "unit"}, "embedding"))
      .text(2, "latentledger-encoder")
      .message(5, tensor("vhat", kInt16, {shape.accounts, shape.dims}, encoder.vhat()))
      .message(5, scalar("unit", unit))
      .message(11, value_info("balances", kInt64, {extent("batch"), extent(shape.accounts)},
                              fmt::format("balances in slot order, each in [0, 2^{})", shape.balance_bits)))
      .message(12,
               value_info("embedding_int", kInt64, {extent("batch"), extent(shape.dims)}, "exact integer embedding"))
      .message(12, value_info("embedding", kDouble, {extent("batch"), extent(shape.dims)},
                              fmt::format("embedding_int / 2^{}", shape.scale_bits())));

  return model_of(graph)
      .message(14, property("schema_version", "1"))
      .message(14, property("account_ids", fmt::format("{}", fmt::join(encoder.account_ids(), ","))))
      .message(14, property("v_frac_bits", std::to_string(shape.v_frac_bits)))
      .message(14, property("balance_bits", std::to_string(shape.balance_bits)))
      .message(14, property("vhat_digest", to_hex(encoder.digest())))
      .message(14, property("weights_sha256", encoder.weights_sha256()))
      .finish();
}

void write_onnx(const std::filesystem::path& path, const QuantizedEncoder& encoder) {
  write_file(path, encode_onnx(encoder));
}

}  // namespace ll::model
