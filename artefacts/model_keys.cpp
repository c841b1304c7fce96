#include "artefacts/model_keys.hpp"

#include "algebra/encoding.hpp"
#include "base/error.hpp"

namespace ll::artefacts {
namespace {

using circuits::ModelDescription;

constexpr const char* kVkFormat = "latentledger-vk";
constexpr const char* kProofFormat = "latentledger-proof";
constexpr int kMostLevels = 12;

Json vk_json(const ModelVkFile& file, const std::string& software_version) {
  return {{"format", kVkFormat},
          {"schema_version", kModelFileVersion},
          {"software_version", software_version},
          {"statement", kOnnx},
          {"description", description_json(file.description)},
          {"circuit_digest", file.circuit_digest},
          {"shape",
           {{"words", file.shape.words},
            {"constant_columns", file.shape.constant_columns},
            {"public_row", file.shape.public_row},
            {"steps", file.shape.steps},
            {"shifts", file.shape.shifts}}},
          {"k", file.key.k},
          {"circuit", circuit_json(file.key.cs)},
          {"srs",
           {{"k", file.key.k},
            {"sha256", file.srs_sha256},
            {"name", file.srs_origin.name},
            {"standing", to_string(file.srs_origin.standing)}}},
          {"s_g2", to_hex(algebra::compress(file.s_g2, algebra::PointFlags::old_flags))},
          {"vk", to_hex(file.key.write(artefacts::kVkFormat))},
          {"vk_digest", file.key.digest()}};
}

ModelVkFile decode_vk(std::string_view text, const std::string& name) {
  const nlohmann::json value = parse_json_object(text, name, kMostLevels);
  const JsonReader reader(value, name);
  expect_format(reader, kVkFormat, kModelFileVersion, name);
  const std::string checksum = reader.at("checksum").hex(32), derived = digest_without(value, "checksum");
  if (checksum != derived)
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: was edited: checksum is {}, its content gives {}", name, checksum, derived));
  if (reader.at("statement").text() != kOnnx) throw reader.at("statement").wrong("\"onnx\" is expected");
  ModelVkFile file;
  file.description = read_description(reader.at("description"));
  file.circuit_digest = reader.at("circuit_digest").hex(32);
  const JsonReader shape = reader.at("shape");
  constexpr std::uint64_t kMostRows = std::uint64_t{1} << 28;
  const std::size_t per_word = circuits::entries_per_word(file.description.entry_bits);
  const std::size_t words = (file.description.entries() + per_word - 1) / per_word;
  file.shape = {shape.at("words").number(words, words),
                shape.at("constant_columns").number(1, 16),
                shape.at("public_row").number(1, kMostRows),
                shape.at("steps").boolean(),
                shape.at("shifts").boolean(),
                description_digest(file.description, file.circuit_digest)};
  const Bytes s_g2 = *from_hex(reader.at("s_g2").hex(64));
  const auto point = algebra::decompress_g2(std::span(s_g2).first<64>(), algebra::PointFlags::old_flags);
  if (!point || point->is_identity())
    throw malformed("{}: s_g2: no canonical point of G2's subgroup other than infinity", name);
  file.s_g2 = *point;

  circuits::AffineCircuit circuit(file.shape);
  const auto bytes = from_hex(reader.at("vk").text());
  if (!bytes) throw reader.at("vk").wrong("lower-case hex is expected");
  auto key = halo2::VerifyingKey::read(*bytes, artefacts::kVkFormat, kVkProfile, circuit);
  if (!key) throw key.error().at(name + ": vk");
  file.key = std::move(key).value();
  if (file.key.compressed_selectors != kCompressSelectors)
    throw malformed("{}: vk: its selectors are combined, those of `onnx` never are", name);
  if (file.shape.public_row + file.shape.words >= file.key.cs.usable_rows(file.key.k))
    throw malformed("{}: shape: {} public words from row {} do not fit k = {}", name, file.shape.words,
                    file.shape.public_row, file.key.k);
  const JsonReader srs = reader.at("srs");
  file.srs_sha256 = srs.at("sha256").hex(32);
  file.srs_origin.name = srs.at("name").text();
  const auto standing = parse_standing(srs.at("standing").text());
  if (!standing) throw srs.at("standing").wrong("ceremony, simulated, test-only or unknown is expected");
  file.srs_origin.standing = *standing;
  // Trust in a ceremony follows from its [tau]_2 alone, whatever the file says.
  const auto known = known_ceremony(file.s_g2);
  const bool fits =
      known ? known->name == file.srs_origin.name && known->standing == *standing : *standing != Standing::ceremony;
  if (!fits)
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: srs: says {} \"{}\", but its s_g2 is {}", name, to_string(*standing),
                            file.srs_origin.name, known ? "that of " + known->name : "of no ceremony known here"));
  const std::string digest = reader.at("vk_digest").text();
  if (digest != file.key.digest())
    throw Error(ErrorCode::mismatch, fmt::format("{}: vk_digest is {}, the key and the description give {}", name,
                                                 digest, file.key.digest()));
  Json written = vk_json(file, reader.at("software_version").text());
  written["checksum"] = checksum;
  expect_rewritten(value, written, name);
  return file;
}

Json proof_json(const ModelProofFile& file, const ModelDescription& description) {
  return {{"format", kProofFormat},
          {"schema_version", kModelFileVersion},
          {"statement", kOnnx},
          {"vk_digest", file.vk_digest},
          {"public", values_json(description, file.values, false)},
          {"proof", to_hex(file.proof)}};
}

ModelProofFile decode_proof(std::string_view text, const std::string& name, const ModelVkFile& vk) {
  const nlohmann::json value = parse_json_object(text, name, kMostLevels);
  const JsonReader reader(value, name);
  expect_format(reader, kProofFormat, kModelFileVersion, name);
  ModelProofFile file;
  file.vk_digest = reader.at("vk_digest").hex(32);
  if (file.vk_digest != vk.key.digest())
    throw Error(
        ErrorCode::mismatch,
        fmt::format("{}: made under the key {}, the verifying key given is {}", name, file.vk_digest, vk.key.digest()),
        name, "give the vk.json of the folder that the proof was made with");
  if (reader.at("statement").text() != kOnnx) throw reader.at("statement").wrong("\"onnx\" is expected");
  file.values = read_values(reader.at("public"), vk.description, false);
  for (std::size_t i = 0; i < file.values.inputs.size(); ++i) {
    const model::InputSetting& setting = vk.description.inputs[i].setting;
    for (const i128 integer : file.values.inputs[i]) {
      if (integer < setting.low() || integer > setting.high())
        throw malformed("{}: public: inputs: {}: {} is outside {} to {}", name, setting.name, model::to_string(integer),
                        model::to_string(setting.low()), model::to_string(setting.high()));
    }
  }
  for (const auto& list : file.values.outputs) {
    for (const i128 integer : list) {
      if ((integer < 0 ? -integer : integer) >> vk.description.entry_bits != 0)
        throw malformed("{}: public: outputs: {} is 2^{} or more in size", name, model::to_string(integer),
                        vk.description.entry_bits);
    }
  }
  file.proof = *from_hex(reader.at("proof").hex(vk.key.cs.proof_bytes()));
  expect_rewritten(value, proof_json(file, vk.description), name);
  return file;
}

}  // namespace

bool is_about_a_model(std::string_view json_text) {
  for (std::size_t at = 0; (at = json_text.find("\"statement\"", at)) != json_text.npos; ++at) {
    std::size_t next = json_text.find_first_not_of(" \t\r\n:", at + 11);
    if (next != json_text.npos && json_text.substr(next).starts_with("\"onnx\"")) return true;
  }
  return false;
}

std::string encode_model_vk(const ModelVkFile& file) {
  Json json = vk_json(file, LL_VERSION);
  json["checksum"] = digest_without(nlohmann::json(json), "checksum");
  return json.dump(2) + "\n";
}

Result<ModelVkFile> decode_model_vk(std::string_view text, const std::string& name) {
  try {
    return decode_vk(text, name);
  } catch (const Error& error) {
    return error;
  }
}

std::string encode_model_proof(const ModelProofFile& file, const ModelDescription& description) {
  return proof_json(file, description).dump() + "\n";
}

Result<ModelProofFile> decode_model_proof(std::string_view text, const std::string& name, const ModelVkFile& vk) {
  try {
    return decode_proof(text, name, vk);
  } catch (const Error& error) {
    return error;
  }
}

halo2::Instances model_instances(const ModelDescription& description, const circuits::ModelValues& values) {
  return {circuits::pack_entries(circuits::public_entries(description, values), description.entry_bits)};
}

halo2::VerifyResult verify(const ModelVkFile& vk, const ModelProofFile& file) {
  const halo2::Instances instances[] = {model_instances(vk.description, file.values)};
  return halo2::verify_proof(vk.params(), vk.key, instances, file.proof);
}

}  // namespace ll::artefacts
