#include "artefacts/chain_files.hpp"

#include <algorithm>

#include "algebra/encoding.hpp"
#include "artefacts/json_checksum.hpp"
#include "base/hash.hpp"
#include "base/json_fields.hpp"

namespace ll::artefacts {
namespace {

constexpr const char* kChainFormat = "latentledger-chain";
constexpr const char* kPlanFormat = "latentledger-chain-plan";

void read_head(JsonFields& fields, const std::string& name, const char* format) {
  if (fields.text("format") != format) throw fields.wrong("format", fmt::format("\"{}\" is expected", format));
  const std::uint64_t version = fields.number("schema_version", 0, UINT32_MAX);
  if (version != kChainFileVersion) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: schema_version {}, this program reads {}", name, version, kChainFileVersion));
  }
  const std::string checksum = to_hex(fields.hex("checksum", 32)), expected = json_checksum(fields.value());
  if (checksum != expected) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: was edited: checksum is {}, its content gives {}", name, checksum, expected));
  }
}

ChainFile decode_chain(std::string_view text, const std::string& name, const VkFile& vk) {
  JsonFields fields = JsonFields::parse(text, name);
  read_head(fields, name, kChainFormat);
  ChainFile file;
  file.statement = fields.text("statement");
  file.vk_digest = to_hex(fields.hex("vk_digest", 32));
  if (file.vk_digest != vk.key.digest()) {
    throw Error(ErrorCode::mismatch,
                fmt::format("{}: of proofs under the key {}, the verifying key given is {}", name, file.vk_digest,
                            vk.key.digest()),
                name, "give the vk.json of the folder that the proofs were made with");
  }
  const bool hidden = vk.statement == circuits::kUpdatePrivate;
  if (file.statement != vk.statement || (!hidden && file.statement != kUpdate))
    throw fields.wrong("statement", fmt::format("\"{}\" is expected", hidden ? circuits::kUpdatePrivate : kUpdate));
  if (hidden) {
    file.genesis_vk_digest = to_hex(fields.hex("genesis_vk_digest", 32));
  } else {
    const std::size_t accounts = vk.shape.encoder.accounts;
    const std::vector<std::string> balances = fields.texts("balances", accounts);
    for (const std::string& balance : balances) {
      const auto value = parse_u128(balance);
      if (!value || ll::to_string(*value) != balance)
        throw malformed("{}: balances: a decimal number is expected, found {}", name, shown_json(balance));
      file.balances.push_back(*value);
    }
    if (balances.size() != accounts)
      throw malformed("{}: balances: {} are expected, found {}", name, accounts, balances.size());
  }
  file.states = fields.texts("states", kMostChainProofs + 1);
  if (file.states.size() < 2) throw fields.wrong("states", "those before and after one proof at least are expected");
  for (std::size_t t = 0; t < file.states.size(); ++t) {
    const auto bytes = from_hex(file.states[t]);
    const bool is_name = bytes && bytes->size() == 32 && to_hex(*bytes) == file.states[t];
    if (!is_name ||
        (hidden && !algebra::decompress_g1(std::span(*bytes).first<32>(), algebra::PointFlags::old_flags))) {
      throw malformed("{}: states[{}]: {} is expected, found {}", name, t,
                      hidden ? "a canonical point of G1" : "a SHA-256 as lower-case hex", shown_json(file.states[t]));
    }
  }
  fields.expect_all_read();
  return file;
}

ChainPlan decode_plan(std::string_view text, const std::string& name) {
  JsonFields fields = JsonFields::parse(text, name);
  read_head(fields, name, kPlanFormat);
  ChainPlan plan;
  plan.vk_digest = to_hex(fields.hex("vk_digest", 32));
  if (fields.has("genesis_vk_digest")) plan.genesis_vk_digest = to_hex(fields.hex("genesis_vk_digest", 32));
  plan.transfers_sha256 = to_hex(fields.hex("transfers_sha256", 32));
  constexpr std::uint64_t kMost = std::uint64_t{1} << 53;
  plan.from = fields.number("from", 0, kMost);
  plan.count = fields.number("count", 1, kMost);
  plan.batch_size = fields.number("batch_size", 1, kMost);
  fields.expect_all_read();
  return plan;
}

std::string with_checksum(Json json) {
  json["checksum"] = json_checksum(nlohmann::json(json));
  return json.dump() + "\n";
}

}  // namespace

std::string sha256_text(std::string_view text) {
  return to_hex(sha256(ByteSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())));
}

std::string encode_chain_file(const ChainFile& file) {
  Json json = {{"format", kChainFormat},
               {"schema_version", kChainFileVersion},
               {"statement", file.statement},
               {"vk_digest", file.vk_digest}};
  if (file.statement == circuits::kUpdatePrivate) {
    json["genesis_vk_digest"] = file.genesis_vk_digest;
  } else {
    Json balances = Json::array();
    for (const u128 balance : file.balances) balances.push_back(ll::to_string(balance));
    json["balances"] = std::move(balances);
  }
  json["states"] = file.states;
  return with_checksum(std::move(json));
}

Result<ChainFile> decode_chain_file(std::string_view text, const std::string& name, const VkFile& vk) {
  try {
    return decode_chain(text, name, vk);
  } catch (const Error& error) {
    return error;
  }
}

std::string state_name(const circuits::G1Affine& commitment) {
  return to_hex(algebra::compress(commitment, algebra::PointFlags::old_flags));
}

std::string chain_proof_name(std::size_t t) { return fmt::format("proof-{:06}.json", t); }
std::string chain_state_name(std::size_t t) { return fmt::format("state-{:06}.json", t); }

std::string encode_chain_plan(const ChainPlan& plan) {
  Json json = {{"format", kPlanFormat}, {"schema_version", kChainFileVersion}, {"vk_digest", plan.vk_digest}};
  if (!plan.genesis_vk_digest.empty()) json["genesis_vk_digest"] = plan.genesis_vk_digest;
  json["transfers_sha256"] = plan.transfers_sha256;
  json["from"] = plan.from;
  json["count"] = plan.count;
  json["batch_size"] = plan.batch_size;
  return with_checksum(std::move(json));
}

Result<ChainPlan> decode_chain_plan(std::string_view text, const std::string& name) {
  try {
    return decode_plan(text, name);
  } catch (const Error& error) {
    return error;
  }
}

}  // namespace ll::artefacts
