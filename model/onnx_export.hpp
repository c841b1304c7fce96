#pragma once
#include <filesystem>

#include "base/bytes.hpp"
#include "model/quantized_encoder.hpp"

namespace ll::model {

/// E(S) of one account set as an ONNX model (IR version 8, opset 17).
///
///   balances  int64  [batch, N]  each in [0, 2^balance_bits); slot order is metadata `account_ids`
///   embedding_int  int64  [batch, D]  e^, the same integers as QuantizedEncoder::embed
///   embedding      double [batch, D]  e^ / 2^scale_bits
///
///   balances - Cast(double) - MatMul(Cast(V^ int16 -> double)) - Cast(int64) - embedding_int
///                                              \- Mul(2^-scale_bits) - embedding
///
/// MatMul runs in float64: every partial sum stays below 2^53, so each runtime gets the same numbers in any order.
/// Equal encoders give equal bytes. Written on the protobuf wire here, field numbers of onnx.proto3: a graph of five
/// nodes needs no protobuf library, whose symbols would meet those that libtorch and Arrow export.
/// Source: https://github.com/onnx/onnx/blob/v1.12.0/onnx/onnx.proto3.
Bytes encode_onnx(const QuantizedEncoder& encoder);
void write_onnx(const std::filesystem::path& path, const QuantizedEncoder& encoder);

}  // namespace ll::model
