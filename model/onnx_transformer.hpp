#pragma once
#include <filesystem>

#include "base/error.hpp"
#include "model/safetensors.hpp"

namespace ll::model {

/// The encoder itself as an ONNX model (IR version 8, opset 17): T_theta for any account set, and E(S) by it.
///
///   account_ids    int64  [N]         all different, each in [0, 2^id_bits), 1 <= N <= hidden
///   balances       int64  [batch, N]  each in [0, 2^32)
///   vhat           int16  [N, D]      V^ = round(2^14 V / max|V|), halves away from zero: QuantizedEncoder::quantize
///   embedding_int  int64  [batch, D]  e^ = balances V^; exact for N <= 128 (EncoderShape)
///   embedding      double [batch, D]  e^ / 2^46
///
/// Weights are the file's float32 numbers; everything runs in float64, as Encoder::directions does. V then agrees with
/// another runtime's to a few units of 1e-16 (sums are formed in another order), so its V^ is the same unless an entry
/// of 2^14 V / max|V| lies that close to a half: odds of about 1e-7 for an account set of 128 x 512. GELU is a function
/// of the model, because ONNX Runtime has no erf in double (model/erfc_coefficients.hpp).
///
/// `weights`: an encoder.safetensors (docs/formats/encoder-files.md), optimiser state is not looked at. Error{mismatch}
/// for another kind of file or an architecture that is not `orthogonalising`, Error{malformed} for weights that are
/// missing, misshapen or not finite. Equal weights give equal bytes.
Result<Bytes> encode_transformer_onnx(const Safetensors& weights, const std::string& weights_sha256);

/// Reads `encoder` and writes `path`. Throws those errors with the path, and Error{io}.
void write_transformer_onnx(const std::filesystem::path& path, const std::filesystem::path& encoder);

}  // namespace ll::model
