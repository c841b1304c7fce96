#include "artefacts/proof_file.hpp"

#include "artefacts/vk_file.hpp"
#include "base/json_fields.hpp"

namespace ll::artefacts {
namespace {

constexpr const char* kFormat = "latentledger-proof";

ProofFile decode(std::string_view text, const std::string& name, const circuits::UpdateShape& shape,
                 const std::string& vk_digest, std::size_t proof_bytes, const std::string& statement) {
  JsonFields fields = JsonFields::parse(text, name);
  if (fields.text("format") != kFormat) throw fields.wrong("format", fmt::format("\"{}\" is expected", kFormat));
  const std::uint64_t version = fields.number("schema_version", 0, UINT32_MAX);
  if (version != kProofFileVersion) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: schema_version {}, this program reads {}", name, version, kProofFileVersion));
  }
  ProofFile file;
  file.name = fields.text("statement");
  file.vk_digest = to_hex(fields.hex("vk_digest", 32));
  if (file.vk_digest != vk_digest) {
    throw Error(
        ErrorCode::mismatch,
        fmt::format("{}: made under the key {}, the verifying key given is {}", name, file.vk_digest, vk_digest), name,
        "give the vk.json of the folder that the proof was made with");
  }
  if (file.name != statement) throw fields.wrong("statement", fmt::format("\"{}\" is expected", statement));
  JsonFields vectors = fields.object("public");
  const bool one_delta = statement == kDelta;
  const std::int64_t bound = std::int64_t{1} << (one_delta ? circuits::kDeltaEntryBits : circuits::kEntryBits);
  const std::size_t dims = shape.vector_size();
  if (!one_delta) file.statement.prev = vectors.integers("prev", dims, bound);
  file.statement.delta = vectors.integers("delta", dims, bound);
  if (!one_delta) file.statement.next = vectors.integers("new", dims, bound);
  vectors.expect_all_read();
  file.proof = fields.hex("proof", proof_bytes);
  fields.expect_all_read();
  return file;
}

}  // namespace

halo2::Instances ProofFile::instances(const circuits::UpdateShape& shape) const {
  return name == kDelta ? circuits::delta_instances(shape.encoder, statement.delta) : statement.to_instances(shape);
}

std::string encode_proof_file(const ProofFile& file) {
  Json vectors = {{"delta", file.statement.delta}};
  if (file.name != kDelta)
    vectors = {{"prev", file.statement.prev}, {"delta", file.statement.delta}, {"new", file.statement.next}};
  const Json json = {
      {"format", kFormat},           {"schema_version", kProofFileVersion}, {"statement", file.name},
      {"vk_digest", file.vk_digest}, {"public", std::move(vectors)},        {"proof", to_hex(file.proof)}};
  return json.dump() + "\n";
}

Result<ProofFile> decode_proof_file(std::string_view text, const std::string& name, const circuits::UpdateShape& shape,
                                    const std::string& vk_digest, std::size_t proof_bytes,
                                    const std::string& statement) {
  try {
    return decode(text, name, shape, vk_digest, proof_bytes, statement);
  } catch (const Error& error) {
    return error;
  }
}

}  // namespace ll::artefacts
