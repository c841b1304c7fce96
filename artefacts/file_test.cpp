// vk.json and proof.json: every byte changed, every length cut; and what JsonFields refuses.
#include <cctype>
#include <functional>
#include <map>

#include <gtest/gtest.h>

#include "artefacts/verify.hpp"
#include "base/hash.hpp"
#include "base/json_fields.hpp"
#include "halo2/prover.hpp"

namespace ll::artefacts {
namespace {

circuits::UpdateShape small_shape() {
  circuits::UpdateShape shape;
  shape.encoder = {.accounts = 2, .dims = 8, .v_frac_bits = 14, .balance_bits = 32};
  shape.transfers = 2;
  return shape;
}

/// A key and a proof for the smallest shape; SRS, blinding and V^ of fixed seeds.
struct Artefacts {
  VkFile vk;
  ProofFile proof;

  Artefacts() {
    const circuits::UpdateShape shape = small_shape();
    const model::QuantizedEncoder encoder = circuits::placeholder_encoder(shape.encoder);
    const circuits::UpdateWitness witness{{100, 7}, {{0, 1, 30}, {1, 0, 37}}};
    circuits::UpdateCircuit circuit(shape, encoder, circuits::trace_update(shape, encoder, witness));
    SeededRng rng(7);
    const halo2::Srs srs = halo2::unsafe_srs::generate(circuit.k(), rng);
    const halo2::ProvingKey pk = halo2::keygen(srs, circuit, circuit.k(), kCompressSelectors);
    vk = {.shape = shape,
          .key = pk.vk,
          .s_g2 = srs.s_g2,
          .srs_sha256 = to_hex(sha256(srs.write(halo2::SerdeFormat::raw))),
          .srs_origin = {"seed 7", Standing::test_only},
          .vhat_digest = to_hex(encoder.digest())};
    proof.vk_digest = pk.vk.digest();
    proof.statement = circuits::update_statement(shape, encoder, witness);
    const std::vector<halo2::Instances> instances = {proof.statement.to_instances(shape)};
    halo2::Circuit* const list[] = {&circuit};
    proof.proof = halo2::create_proof(srs, pk, list, instances, rng);
  }
};

const Artefacts& artefacts() {
  static const Artefacts made;
  return made;
}

Result<ProofFile> decode_proof(std::string_view text) {
  const VkFile& vk = artefacts().vk;
  return decode_proof_file(text, "proof.json", vk.shape, vk.key.digest(), vk.key.cs.proof_bytes());
}

bool accepted(const VkFile& vk, const ProofFile& file) { return verify(vk, file).accepted; }

TEST(VkFile, ComesBackFromItsText) {
  const std::string text = encode_vk_file(artefacts().vk);
  const auto back = decode_vk_file(text, "vk.json");
  ASSERT_TRUE(back.ok()) << back.error().message();
  EXPECT_EQ(encode_vk_file(back.value()), text);
  EXPECT_TRUE(accepted(back.value(), artefacts().proof));
}

TEST(VkFile, AnyShapeIsRefusedOrReadWithoutItsEncoder) {
  // A key that claims 16,384 accounts in 65,536 dimensions: V^ of that size would take 2 GiB.
  auto json = nlohmann::json::parse(encode_vk_file(artefacts().vk));
  json["shape"]["accounts"] = 16384;
  json["shape"]["dims"] = 65536;
  json.erase("checksum");
  const std::string text = json.dump();
  json["checksum"] = to_hex(sha256(ByteSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())));
  const auto result = decode_vk_file(json.dump(), "vk.json");
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().code(), ErrorCode::memory);
}

TEST(Update, AShapeAloneHasNoWitness) {
  circuits::UpdateCircuit circuit(small_shape());
  SeededRng rng(1);
  EXPECT_THROW(halo2::keygen(halo2::unsafe_srs::generate(9, rng), circuit, 9), Error);
}

TEST(VkFile, RefusesEveryChangedByteAndEveryCut) {
  const std::string text = encode_vk_file(artefacts().vk);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char bit : {'\x01', '\x20', '\x80'}) {
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ bit);
      if (std::isspace(static_cast<unsigned char>(text[i])) && std::isspace(static_cast<unsigned char>(changed[i])))
        continue;  // white space between tokens says nothing
      const auto result = decode_vk_file(changed, "vk.json");
      EXPECT_FALSE(result.ok()) << "byte " << i << ": " << changed.substr(i < 20 ? 0 : i - 20, 40);
    }
  }
  for (std::size_t length = 0; length + 1 < text.size(); ++length)
    EXPECT_FALSE(decode_vk_file(std::string_view(text).substr(0, length), "vk.json").ok()) << length;
}

/// Changes one field and makes the checksum fit again: each field has a check of its own.
std::string edited(const std::function<void(nlohmann::json&)>& edit) {
  nlohmann::json json = nlohmann::json::parse(encode_vk_file(artefacts().vk));
  edit(json);
  json.erase("checksum");
  const std::string body = json.dump();
  json["checksum"] = to_hex(sha256(ByteSpan(reinterpret_cast<const std::uint8_t*>(body.data()), body.size())));
  return json.dump();
}

TEST(VkFile, ChecksEachFieldAgainstTheKey) {
  ASSERT_TRUE(decode_vk_file(edited([](auto&) {}), "vk.json").ok());
  const std::map<std::string, std::function<void(nlohmann::json&)>> edits = {
      {"k", [](auto& j) { j["k"] = 9; }},
      {"vk_digest", [](auto& j) { j["vk_digest"] = std::string(64, '0'); }},
      {"circuit", [](auto& j) { j["circuit"]["degree"] = 6; }},
      {"circuit ", [](auto& j) { j["circuit"]["more"] = 6; }},
      {"shape", [](auto& j) { j["shape"]["transfers"] = 3000; }},
      {"shape ", [](auto& j) { j["shape"]["dims"] = 7; }},
      {"srs: k", [](auto& j) { j["srs"]["k"] = 9; }},
      {"srs", [](auto& j) { j["srs"]["standing"] = "ceremony"; }},
      {"s_g2", [](auto& j) { j["s_g2"] = std::string(128, 'f'); }},
      {"unknown key", [](auto& j) { j["more"] = 1; }},
      {"schema_version", [](auto& j) { j["schema_version"] = 3; }},
      {"shape  ", [](auto& j) { j["shape"]["limbs"] = 5; }},
      {"shape: columns", [](auto& j) { j["shape"]["columns"] = 9; }},
      {"shape: standalone", [](auto& j) { j["shape"]["standalone"] = 1; }},
      {"shape   ", [](auto& j) { j["shape"].erase("limbs"); }},
      {"statement", [](auto& j) { j["statement"] = "nonsense"; }},
      {"format", [](auto& j) { j["format"] = "latentledger-proof"; }}};
  for (const auto& [name, edit] : edits) {
    const auto result = decode_vk_file(edited(edit), "vk.json");
    ASSERT_FALSE(result.ok()) << name;
    const std::string field = name.substr(0, name.find_last_not_of(' ') + 1);
    EXPECT_NE(result.error().message().find(field), std::string::npos) << name << ": " << result.error().message();
  }
}

TEST(ProofFile, ComesBackFromItsTextAndVerifies) {
  const auto back = decode_proof(encode_proof_file(artefacts().proof));
  ASSERT_TRUE(back.ok()) << back.error().message();
  EXPECT_EQ(back.value().statement, artefacts().proof.statement);
  EXPECT_EQ(back.value().proof, artefacts().proof.proof);
  EXPECT_TRUE(accepted(artefacts().vk, back.value()));
}

TEST(ProofFile, EveryChangedByteIsMalformedOrFalse) {
  const std::string text = encode_proof_file(artefacts().proof);
  int well_formed = 0;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {  // the last byte is the line end
    for (const char bit : {'\x01', '\x20', '\x80'}) {
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ bit);
      const auto result = decode_proof(changed);
      if (!result) continue;
      ++well_formed;
      // Every well-formed change of the vectors is verified; of the many in the proof, each 16th.
      if (i > text.find("\"proof\":") && i % 16 != 0) continue;
      EXPECT_FALSE(accepted(artefacts().vk, result.value())) << "byte " << i;
    }
  }
  EXPECT_GT(well_formed, 500);
  for (std::size_t length = 0; length + 1 < text.size(); ++length)
    EXPECT_FALSE(decode_proof(std::string_view(text).substr(0, length)).ok()) << length;
}

TEST(ProofFile, NamesBothKeysWhenTheyDiffer) {
  const auto result = decode_proof_file(encode_proof_file(artefacts().proof), "proof.json", artefacts().vk.shape,
                                        std::string(64, 'a'), 1024);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), ErrorCode::mismatch);
  EXPECT_NE(result.error().message().find(artefacts().proof.vk_digest), std::string::npos);
  EXPECT_NE(result.error().message().find(std::string(64, 'a')), std::string::npos);
}

TEST(JsonFields, RefusesWhatItWasNotAskedFor) {
  EXPECT_THROW(JsonFields::parse("", "x"), Error);
  EXPECT_THROW(JsonFields::parse("[1]", "x"), Error);
  EXPECT_THROW(JsonFields::parse(R"({"a":1,"a":1})", "x"), Error);
  EXPECT_THROW(JsonFields::parse(std::string(100'000, '['), "x"), Error);
  EXPECT_THROW(JsonFields::parse(R"({"a":1} 2)", "x"), Error);
  for (const char* text :
       {R"({"a":-1})", R"({"a":1.0})", R"({"a":"1"})", R"({"a":11})", R"({"a":1e0})", R"({"b":1})"}) {
    EXPECT_THROW(JsonFields::parse(text, "x").number("a", 0, 10), Error) << text;
  }
  EXPECT_EQ(JsonFields::parse(R"({"a":10})", "x").number("a", 0, 10), 10u);
  for (const char* text : {R"({"a":"AB"})", R"({"a":"a"})", R"({"a":""})", R"({"a":1})", R"({"a":"ab00"})"})
    EXPECT_THROW(JsonFields::parse(text, "x").hex("a", 1), Error) << text;
  for (const char* text : {R"({"a":[5]})", R"({"a":[-5]})", R"({"a":[18446744073709551615]})", R"({"a":[1,2]})",
                           R"({"a":[1.5]})", R"({"a":[true]})", R"({"a":{}})"})
    EXPECT_THROW(JsonFields::parse(text, "x").integers("a", 1, 5), Error) << text;
  EXPECT_EQ(JsonFields::parse(R"({"a":[-4,4]})", "x").integers("a", 2, 5), (std::vector<std::int64_t>{-4, 4}));
  for (const char* text : {R"({"a":["x",1]})", R"({"a":"x"})", R"({"a":["x","y","z"]})"})
    EXPECT_THROW(JsonFields::parse(text, "x").texts("a", 2), Error) << text;
  EXPECT_EQ(JsonFields::parse(R"({"a":["x",""]})", "x").texts("a", 2), (std::vector<std::string>{"x", ""}));
  JsonFields fields = JsonFields::parse(R"({"a":1,"b":2})", "x");
  fields.number("a", 0, 10);
  EXPECT_THROW(fields.expect_all_read(), Error);
}

}  // namespace
}  // namespace ll::artefacts
