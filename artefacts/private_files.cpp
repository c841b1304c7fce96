#include "artefacts/private_files.hpp"

#include "algebra/encoding.hpp"
#include "artefacts/json_checksum.hpp"
#include "base/json_fields.hpp"

namespace ll::artefacts {
namespace {

constexpr const char* kProofFormat = "latentledger-proof";
constexpr const char* kStateFormat = "latentledger-private-state";
constexpr std::uint64_t kProofVersion = 1, kStateVersion = 2;

void read_head(JsonFields& fields, const std::string& name, const char* format, std::uint64_t expected) {
  if (fields.text("format") != format) throw fields.wrong("format", fmt::format("\"{}\" is expected", format));
  const std::uint64_t version = fields.number("schema_version", 0, UINT32_MAX);
  if (version == expected) return;
  throw Error(ErrorCode::mismatch,
              fmt::format("{}: schema_version {}, this program reads {}", name, version, expected));
}

PrivateProofFile decode_proof(std::string_view text, const std::string& name, const VkFile& vk) {
  JsonFields fields = JsonFields::parse(text, name);
  read_head(fields, name, kProofFormat, kProofVersion);
  PrivateProofFile file;
  file.statement = fields.text("statement");
  file.vk_digest = to_hex(fields.hex("vk_digest", 32));
  if (file.vk_digest != vk.key.digest()) {
    throw Error(
        ErrorCode::mismatch,
        fmt::format("{}: made under the key {}, the verifying key given is {}", name, file.vk_digest, vk.key.digest()),
        name, "give the vk.json of the folder that the proof was made with");
  }
  if (file.statement != vk.statement) throw fields.wrong("statement", fmt::format("\"{}\" is expected", vk.statement));
  JsonFields vectors = fields.object("public");
  if (vk.statement != circuits::kUpdatePrivate) {
    file.embedding = vectors.integers("embedding", vk.shape.vector_size(), std::int64_t{1} << circuits::kEntryBits);
  }
  vectors.expect_all_read();
  file.proof = fields.hex("proof", vk.key.cs.proof_bytes());
  fields.expect_all_read();
  return file;
}

PrivateStateFile decode_state(std::string_view text, const std::string& name, const circuits::UpdateShape& shape) {
  JsonFields fields = JsonFields::parse(text, name);
  read_head(fields, name, kStateFormat, kStateVersion);
  const std::string checksum = to_hex(fields.hex("checksum", 32)), expected = json_checksum(fields.value());
  if (checksum != expected) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: was edited: checksum is {}, its content gives {}", name, checksum, expected));
  }
  PrivateStateFile file;
  file.openings = static_cast<unsigned>(fields.number("openings", 0, circuits::kMostOpenings));
  file.srs_sha256 = to_hex(fields.hex("srs_sha256", 32));
  const Bytes point = fields.hex("commitment", 32);
  const auto commitment = algebra::decompress_g1(std::span(point).first<32>(), algebra::PointFlags::old_flags);
  if (!commitment) throw fields.wrong("commitment", "a canonical point of G1 is expected");
  file.commitment = *commitment;
  const std::vector<std::string> balances = fields.texts("balances", shape.encoder.accounts);
  if (balances.size() != shape.encoder.accounts)
    throw fields.wrong("balances", fmt::format("{} balances are expected", shape.encoder.accounts));
  for (const std::string& decimal : balances) {
    const auto balance = parse_u128(decimal);
    if (!balance || *balance > circuits::largest_balance(shape) || ll::to_string(*balance) != decimal) {
      throw fields.wrong("balances", fmt::format("decimal numbers from 0 to {} as texts are expected",
                                                 ll::to_string(circuits::largest_balance(shape))));
    }
    file.state.balances.push_back(*balance);
  }
  const Bytes random = fields.hex("random", 32 * circuits::kRandomRows);
  for (std::size_t j = 0; j < circuits::kRandomRows; ++j) {
    const auto value = algebra::Fr::from_bytes_le(std::span(random).subspan(32 * j).first<32>());
    if (!value) throw fields.wrong("random", fmt::format("value {} is no canonical element of F_r", j));
    file.state.random.push_back(*value);
  }
  fields.expect_all_read();
  return file;
}

}  // namespace

bool about_private_states(std::string_view statement) {
  return statement == circuits::kUpdatePrivate || statement == circuits::kGenesis || statement == circuits::kOpen;
}

std::string encode_private_proof_file(const PrivateProofFile& file) {
  Json vectors = Json::object();
  if (file.statement != circuits::kUpdatePrivate) vectors["embedding"] = file.embedding;
  return Json{{"format", kProofFormat},      {"schema_version", kProofVersion}, {"statement", file.statement},
              {"vk_digest", file.vk_digest}, {"public", std::move(vectors)},    {"proof", to_hex(file.proof)}}
             .dump() +
         "\n";
}

Result<PrivateProofFile> decode_private_proof_file(std::string_view text, const std::string& name, const VkFile& vk) {
  try {
    return decode_proof(text, name, vk);
  } catch (const Error& error) {
    return error;
  }
}

halo2::Instances instances_of(const PrivateProofFile& file) {
  if (file.statement == circuits::kUpdatePrivate) return {};
  return {circuits::pack_words(file.embedding)};
}

void PrivateStateFile::spend_opening() {
  if (openings >= circuits::kMostOpenings) {
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("this state was opened {} times already, the limit: more proofs from it would begin to give "
                    "balances away",
                    openings),
        {}, "go on from a proof that was made, or make the batch before it again: that is a fresh state");
  }
  ++openings;
}

std::string encode_private_state_file(const PrivateStateFile& file) {
  Bytes random;
  for (const auto& value : file.state.random) {
    const auto bytes = value.to_bytes_le();
    random.insert(random.end(), bytes.begin(), bytes.end());
  }
  std::vector<std::string> balances;
  for (const u128 balance : file.state.balances) balances.push_back(ll::to_string(balance));
  Json json = {{"format", kStateFormat},
               {"schema_version", kStateVersion},
               {"openings", file.openings},
               {"srs_sha256", file.srs_sha256},
               {"commitment", to_hex(algebra::compress(file.commitment, algebra::PointFlags::old_flags))},
               {"balances", balances},
               {"random", to_hex(random)}};
  json["checksum"] = json_checksum(nlohmann::json(json));
  return json.dump() + "\n";
}

Result<PrivateStateFile> decode_private_state_file(std::string_view text, const std::string& name,
                                                   const circuits::UpdateShape& shape) {
  try {
    return decode_state(text, name, shape);
  } catch (const Error& error) {
    return error;
  }
}

}  // namespace ll::artefacts
