// Files of a chain: they come back, and refuse every change.
#include "artefacts/chain_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "artefacts/json_checksum.hpp"

namespace ll::artefacts {
namespace {

using ::testing::HasSubstr;

/// A key of a chain as far as its files ask: statement, shape, digest.
VkFile key_of(const char* statement) {
  VkFile vk;
  vk.statement = statement;
  vk.shape = {.encoder = {.accounts = 3, .dims = 16}, .transfers = 6};
  vk.key.transcript_repr = algebra::Fr::from_u64(5);
  return vk;
}

ChainFile public_chain_file() {
  return {kUpdate, key_of(kUpdate).key.digest(), {}, {7, 0, ~u128{0}}, {std::string(64, 'a'), std::string(64, 'b')}};
}

ChainFile private_chain_file() {
  const std::string g = state_name(circuits::G1Affine::generator());
  return {circuits::kUpdatePrivate, key_of(kUpdate).key.digest(), std::string(64, 'c'), {}, {g, g, g}};
}

std::string edited(const std::string& text, const std::string& key, const nlohmann::json& value) {
  nlohmann::json json = nlohmann::json::parse(text);
  if (value.is_null()) {
    json.erase(key);
  } else {
    json[key] = value;
  }
  json["checksum"] = json_checksum(json);
  return json.dump();
}

std::string refusal(const std::string& text, const VkFile& vk) {
  const auto file = decode_chain_file(text, "chain.json", vk);
  return file ? std::string("accepted") : file.error().message();
}

TEST(ChainFile, ComesBackFromItsText) {
  for (const ChainFile& file : {public_chain_file(), private_chain_file()}) {
    const std::string text = encode_chain_file(file);
    EXPECT_EQ(decode_chain_file(text, "chain.json", key_of(file.statement.c_str())).value_or_throw(), file);
  }
  EXPECT_EQ(public_chain_file().proofs(), 1u);
  EXPECT_EQ(chain_proof_name(42), "proof-000042.json");
  EXPECT_EQ(chain_state_name(1234567), "state-1234567.json");
}

TEST(ChainFile, RefusesEveryChangedByteAndCut) {
  for (const ChainFile& file : {public_chain_file(), private_chain_file()}) {
    const std::string text = encode_chain_file(file);
    const VkFile vk = key_of(file.statement.c_str());
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {  // the last byte is white space
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      EXPECT_FALSE(decode_chain_file(changed, "chain.json", vk)) << i;
      EXPECT_FALSE(decode_chain_file(text.substr(0, i), "chain.json", vk)) << i;
    }
  }
}

TEST(ChainFile, NamesTheFieldThatIsWrong) {
  const std::string text = encode_chain_file(public_chain_file()), hidden = encode_chain_file(private_chain_file());
  const VkFile vk = key_of(kUpdate), hidden_vk = key_of(circuits::kUpdatePrivate);
  EXPECT_EQ(refusal(edited(text, "format", "latentledger-chain"), vk), "accepted");
  EXPECT_THAT(refusal(edited(text, "format", "latentledger-proof"), vk), HasSubstr("format"));
  EXPECT_THAT(refusal(edited(text, "schema_version", 2), vk), HasSubstr("schema_version 2"));
  EXPECT_THAT(refusal(edited(text, "vk_digest", std::string(64, '1')), vk), HasSubstr("the verifying key given is"));
  EXPECT_THAT(refusal(edited(text, "statement", "delta"), vk), HasSubstr("statement"));
  EXPECT_THAT(refusal(text, hidden_vk), HasSubstr("statement"));
  EXPECT_THAT(refusal(edited(text, "more", 1), vk), HasSubstr("unknown key \"more\""));
  EXPECT_THAT(refusal(edited(text, "balances", nullptr), vk), HasSubstr("balances is missing"));
  EXPECT_THAT(refusal(edited(text, "balances", {"1", "2"}), vk), HasSubstr("balances: 3 are expected"));
  for (const char* balance : {"", "-1", "01", "1.5", "0x1", "340282366920938463463374607431768211456", "x"})
    EXPECT_THAT(refusal(edited(text, "balances", {"1", "2", balance}), vk), HasSubstr("balances")) << balance;
  EXPECT_THAT(refusal(edited(text, "balances", {1, 2, 3}), vk), HasSubstr("balances[0]: a string"));
  EXPECT_THAT(refusal(edited(text, "states", {std::string(64, 'a')}), vk), HasSubstr("one proof at least"));
  EXPECT_THAT(refusal(edited(text, "states", {std::string(64, 'a'), std::string(64, 'A')}), vk),
              HasSubstr("states[1]: a SHA-256"));
  const std::string g = private_chain_file().states[0];
  EXPECT_THAT(refusal(edited(hidden, "states", {g, std::string(64, 'f')}), hidden_vk),
              HasSubstr("states[1]: a canonical point"));
  EXPECT_THAT(refusal(edited(hidden, "genesis_vk_digest", nullptr), hidden_vk), HasSubstr("genesis_vk_digest"));
}

TEST(ChainFile, APublicStateIsNamedByItsEmbedding) {
  EXPECT_EQ(state_name(std::vector<std::int64_t>{-1, 20}), sha256_text("-1\n20\n"));
  EXPECT_NE(state_name(std::vector<std::int64_t>{-12, 0}), state_name(std::vector<std::int64_t>{-1, 20}));
}

TEST(ChainPlan, ComesBackAndRefusesEveryChangedByteAndCut) {
  for (const std::string& genesis : {std::string(), std::string(64, 'd')}) {
    const ChainPlan plan{std::string(64, '1'), genesis, std::string(64, '2'), 5, 700, 256};
    const std::string text = encode_chain_plan(plan);
    EXPECT_EQ(decode_chain_plan(text, "plan.json").value_or_throw(), plan);
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      EXPECT_FALSE(decode_chain_plan(changed, "plan.json")) << i;
      EXPECT_FALSE(decode_chain_plan(text.substr(0, i), "plan.json")) << i;
    }
    EXPECT_FALSE(decode_chain_plan(edited(text, "count", 0), "plan.json"));
    EXPECT_FALSE(decode_chain_plan(edited(text, "more", 0), "plan.json"));
  }
}

}  // namespace
}  // namespace ll::artefacts
