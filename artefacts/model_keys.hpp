#pragma once
#include "artefacts/model_files.hpp"
#include "artefacts/vk_file.hpp"
#include "circuits/affine_circuit.hpp"

namespace ll::artefacts {

/// The statement's name in vk.json and proof.json: a model computes these outputs.
inline constexpr const char* kOnnx = "onnx";

/// vk.json of a compiled model: all that a verifier needs. docs/formats/compiled-circuit.md.
struct ModelVkFile {
  circuits::ModelDescription description;
  circuits::AffineShape shape;  ///< its description is the digest of the one above
  std::string circuit_digest;   ///< of compiled.json
  halo2::VerifyingKey key;
  halo2::G2Affine s_g2;
  std::string srs_sha256;
  SrsOrigin srs_origin;

  halo2::VerifierParams params() const { return {s_g2}; }
};

/// True when the text is that of a key or proof of this statement, as far as a glance tells; decoding is strict.
bool is_about_a_model(std::string_view json_text);

std::string encode_model_vk(const ModelVkFile& file);
Result<ModelVkFile> decode_model_vk(std::string_view text, const std::string& name);

/// proof.json: the public integers and the proof.
struct ModelProofFile {
  std::string vk_digest;
  circuits::ModelValues values;  ///< the public ones
  Bytes proof;
};
std::string encode_model_proof(const ModelProofFile& file, const circuits::ModelDescription& description);
/// For this key: every integer is within its bounds. Error{mismatch} that names both digests for another key's.
Result<ModelProofFile> decode_model_proof(std::string_view text, const std::string& name, const ModelVkFile& vk);

/// The public inputs that the integers stand for.
halo2::Instances model_instances(const circuits::ModelDescription& description, const circuits::ModelValues& values);
halo2::VerifyResult verify(const ModelVkFile& vk, const ModelProofFile& file);

}  // namespace ll::artefacts
