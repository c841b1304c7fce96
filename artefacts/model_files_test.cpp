#include "artefacts/model_files.hpp"

#include <gmock/gmock.h>

#include "artefacts/model_keys.hpp"
#include "base/random.hpp"
#include "halo2/keygen.hpp"
#include "halo2/prover.hpp"

namespace ll::artefacts {
namespace {

using ::testing::HasSubstr;

/// y = 3 p - 2 q + 1 for p public, q private, and z the same integers over 4.
model::Graph small_graph() {
  using model::ElementType;
  model::Graph graph;
  graph.opset = 17;
  graph.sha256 = std::string(64, 'a');
  graph.inputs = {{"p", ElementType::int64, {{2, ""}}}, {"q", ElementType::int64, {{std::nullopt, "n"}}}};
  graph.outputs = {{"y", ElementType::int64, {{2, ""}}}, {"z", ElementType::float64, {{2, ""}}}};
  graph.constants = {{"three", {ElementType::int64, {}, {3}, {}}},
                     {"two", {ElementType::int64, {}, {2}, {}}},
                     {"one", {ElementType::int64, {1}, {1}, {}}},
                     {"quarter", {ElementType::float64, {}, {}, {0.25}}}};
  graph.nodes = {{"a", "Mul", {"three", "p"}, {"3p"}, {}},
                 {"b", "Mul", {"q", "two"}, {"2q"}, {}},
                 {"c", "Sub", {"3p", "2q"}, {"d"}, {}},
                 {"e", "Add", {"d", "one"}, {"y"}, {}},
                 {"f", "Cast", {"y"}, {"f"}, {{"to", std::int64_t{11}}}},
                 {"g", "Mul", {"f", "quarter"}, {"z"}, {}}};
  return graph;
}

model::ProgramSettings small_settings() {
  model::ProgramSettings settings;
  settings.extents = {{"n", 2}};
  settings.inputs = {{"p", true, true, 8, 0}, {"q", false, false, 60, 0}};
  settings.outputs = {"y", "z"};
  return settings;
}

CompiledFile small_circuit() { return compiled_file(circuits::compile_model(small_graph(), small_settings())); }

/// One honest run with its key and proof.
struct Made {
  CompiledFile circuit = small_circuit();
  WitnessFile witness;
  ModelVkFile vk;
  ModelProofFile proof;

  Made() {
    SeededRng rng(1);
    circuits::AffineCircuit made(circuit.compiled.statement);
    const halo2::Srs srs = halo2::unsafe_srs::generate(made.k(), rng);
    const halo2::ProvingKey pk = halo2::keygen(srs, made, made.k(), kCompressSelectors);
    vk.description = circuit.compiled.description;
    vk.shape = made.shape();
    vk.circuit_digest = circuit.digest;
    vk.key = pk.vk;
    vk.s_g2 = srs.s_g2;
    vk.srs_sha256 = std::string(64, '0');
    vk.srs_origin = {"a test", Standing::test_only};
    witness = {circuit.digest, circuits::run_compiled(circuit.compiled, {{-128, 127}, {5, (i128{1} << 60) - 1}})};
    const auto values = circuits::statement_values(circuit.compiled.description, witness.values.inputs);
    circuits::AffineCircuit proving(circuit.compiled.statement,
                                    circuits::trace_affine(circuit.compiled.statement, values));
    proof = {vk.key.digest(), witness.values, {}};
    proof.values.inputs[1].clear();
    halo2::Circuit* const list[] = {&proving};
    const halo2::Instances instances = model_instances(vk.description, proof.values);
    proof.proof = halo2::create_proof(srs, pk, list, {&instances, 1}, rng);
  }
};
const Made& made() {
  static const Made once;
  return once;
}

TEST(CompiledModel, IsTheMap) {
  const CompiledFile circuit = small_circuit();
  const auto& description = circuit.compiled.description;
  EXPECT_EQ(description.entries(), 4u);  // p twice, y twice; z has the integers of y
  EXPECT_EQ(description.outputs[1].same_as, "y");
  EXPECT_EQ(description.outputs[1].scale, (model::Scale{2, 1}));
  EXPECT_EQ(description.entry_bits, 62u);
  const auto run = circuits::run_compiled(circuit.compiled, {{-128, 127}, {5, 0}});
  EXPECT_EQ(run.outputs[0], (std::vector<i128>{-384 - 10 + 1, 381 + 1}));
  EXPECT_THROW(circuits::run_compiled(circuit.compiled, {{-129, 0}, {5, 0}}), Error);
  EXPECT_THROW(circuits::run_compiled(circuit.compiled, {{0, 0}, {5, -1}}), Error);
  EXPECT_THROW(circuits::run_compiled(circuit.compiled, {{0, 0}, {5}}), Error);
}

TEST(ModelFiles, GoThereAndBack) {
  const std::string settings = encode_model_settings({std::string(64, 'a'), small_settings()});
  EXPECT_EQ(decode_model_settings(settings, "s").value_or_throw().settings, small_settings());
  const CompiledFile& circuit = made().circuit;
  const std::string compiled = encode_compiled(circuit);
  const CompiledFile again = decode_compiled(compiled, "c").value_or_throw();
  EXPECT_EQ(encode_compiled(again), compiled);
  EXPECT_EQ(again.compiled.description, circuit.compiled.description);
  EXPECT_EQ(again.compiled.statement.description, circuit.compiled.statement.description);
  EXPECT_EQ(encode_compiled(small_circuit()), compiled);  // a pure function
  const std::string witness = encode_model_witness(made().witness, circuit.compiled.description);
  EXPECT_EQ(decode_model_witness(witness, "w", circuit).value_or_throw().values, made().witness.values);
  const std::string vk = encode_model_vk(made().vk);
  EXPECT_TRUE(is_about_a_model(vk));
  const ModelVkFile read = decode_model_vk(vk, "vk").value_or_throw();
  EXPECT_EQ(encode_model_vk(read), vk);
  const std::string proof = encode_model_proof(made().proof, read.description);
  const ModelProofFile file = decode_model_proof(proof, "p", read).value_or_throw();
  EXPECT_TRUE(verify(read, file).accepted);
  EXPECT_EQ(encode_model_proof(file, read.description), proof);
}

TEST(ModelFiles, EveryPublicIntegerCounts) {
  for (const bool output : {false, true}) {
    for (std::size_t e = 0; e < 2; ++e) {
      ModelProofFile file = made().proof;
      (output ? file.values.outputs : file.values.inputs)[0][e] += e == 0 ? 1 : -1;
      EXPECT_FALSE(verify(made().vk, file).accepted) << output << e;
    }
  }
}

/// Every byte of every file changed: refused with a sentence, or it says the same (white space), or a false proof.
TEST(ModelFiles, NoChangedByteIsTaken) {
  const CompiledFile& circuit = made().circuit;
  const auto changed = [](const std::string& text, auto&& decode) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      for (const char change : {'\x01', '\x10'}) {
        std::string bad = text;
        bad[i] = static_cast<char>(bad[i] ^ change);
        EXPECT_TRUE(decode(bad)) << i << " " << bad.substr(i < 20 ? 0 : i - 20, 40);
      }
      if (i + 1 < text.size()) {
        EXPECT_TRUE(decode(text.substr(0, i))) << "cut at " << i;
      }
    }
  };
  const auto white = [](const std::string& bad, const std::string& good) {  // same tokens
    return nlohmann::json::parse(bad, nullptr, false) == nlohmann::json::parse(good);
  };
  const std::string compiled = encode_compiled(circuit);
  changed(compiled, [&](const std::string& bad) { return !decode_compiled(bad, "c").ok() || white(bad, compiled); });
  const std::string vk = encode_model_vk(made().vk);
  changed(vk, [&](const std::string& bad) { return !decode_model_vk(bad, "v").ok() || white(bad, vk); });
  const std::string proof = encode_model_proof(made().proof, made().vk.description);
  std::size_t false_proofs = 0;
  changed(proof, [&](const std::string& bad) {
    const auto file = decode_model_proof(bad, "p", made().vk);
    if (!file.ok() || white(bad, proof)) return true;
    // Half a byte of the proof or an integer: a few hundred verifications are enough.
    return false_proofs++ % 8 != 0 || !verify(made().vk, file.value()).accepted;
  });
  EXPECT_GT(false_proofs, 400u);
}

TEST(ModelFiles, SayWhatIsWrong) {
  const auto& vk = made().vk;
  const auto refusal = [&](auto change) {
    nlohmann::ordered_json json =
        nlohmann::ordered_json::parse(encode_model_proof(made().proof, made().vk.description));
    change(json);
    const auto file = decode_model_proof(json.dump(), "p", vk);
    return file.ok() ? std::string("accepted") : file.error().message();
  };
  EXPECT_EQ(refusal([](auto&) {}), "accepted");
  EXPECT_THAT(refusal([](auto& j) { j["more"] = 1; }), HasSubstr("unknown key \"more\""));
  EXPECT_THAT(refusal([](auto& j) { j["public"]["inputs"]["q"] = {1, 2}; }), HasSubstr("public"));
  EXPECT_THAT(refusal([](auto& j) { j["public"]["outputs"]["z"] = {1, 2}; }), HasSubstr("public"));
  EXPECT_THAT(refusal([](auto& j) { j["public"]["inputs"]["p"][0] = 128; }), HasSubstr("128 is outside -128 to 127"));
  EXPECT_THAT(refusal([](auto& j) { j["public"]["inputs"]["p"][0] = 1.0; }), HasSubstr("an integer is expected"));
  EXPECT_THAT(refusal([](auto& j) { j["public"]["outputs"]["y"][0] = "4611686018427387904"; }),
              HasSubstr("2^62 or more"));
  EXPECT_THAT(refusal([](auto& j) { j["public"]["outputs"]["y"][0] = "1"; }), HasSubstr("written another way"));
  EXPECT_THAT(refusal([](auto& j) { j["public"]["outputs"]["y"] = {1}; }), HasSubstr("a list of 2 integers"));
  EXPECT_THAT(refusal([](auto& j) { j["vk_digest"] = std::string(64, '0'); }), HasSubstr("made under the key 0000"));
  EXPECT_THAT(refusal([](auto& j) { j["statement"] = "update"; }), HasSubstr("\"onnx\" is expected"));
  EXPECT_THAT(refusal([](auto& j) { j["schema_version"] = 2; }), HasSubstr("schema_version 2, this program reads 1"));
  // Another description of the same commitments is another key.
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(encode_model_vk(vk));
  json["description"]["outputs"][0]["scale_shift"] = 1;
  json["checksum"] = digest_without(nlohmann::json(json), "checksum");
  EXPECT_THAT(decode_model_vk(json.dump(), "vk").error().message(), HasSubstr("vk_digest is"));
  const CompiledFile other = compiled_file(circuits::compile_model(small_graph(), [] {
    auto settings = small_settings();
    settings.inputs[0].is_public = false;
    return settings;
  }()));
  EXPECT_NE(other.digest, made().circuit.digest);
  const std::string witness = encode_model_witness(made().witness, made().circuit.compiled.description);
  EXPECT_THAT(decode_model_witness(witness, "w", other).error().message(),
              HasSubstr("the circuit given is " + other.digest));
}

/// The circuit must say what its description says: a hidden input that is called public, say.
TEST(ModelFiles, ACompiledCircuitAgreesWithItsDescription) {
  const auto refusal = [](auto change) {
    nlohmann::ordered_json json = nlohmann::ordered_json::parse(encode_compiled(small_circuit()));
    change(json);
    json["digest"] = digest_without(nlohmann::json(json), "digest");
    const auto file = decode_compiled(json.dump(), "c");
    return file.ok() ? std::string("accepted") : file.error().message();
  };
  EXPECT_EQ(refusal([](auto&) {}), "accepted");
  EXPECT_THAT(refusal([](auto& j) { j["columns"][0]["factors"][0] = 2; }), HasSubstr("not repeated"));
  EXPECT_THAT(refusal([](auto& j) { j["columns"][2]["entries"] = {0, 2}, j["columns"][2]["factors"] = {1, 1}; }),
              HasSubstr("not repeated"));
  EXPECT_THAT(refusal([](auto& j) { j["constants"][0] = 0; }), HasSubstr("lowest value"));
  EXPECT_THAT(refusal([](auto& j) { j["columns"][2]["bits"] = 62; }), HasSubstr("do not agree"));
  EXPECT_THAT(refusal([](auto& j) { j["columns"].erase(3); }), HasSubstr("do not agree"));
  EXPECT_THAT(refusal([](auto& j) { j["columns"].push_back(j["columns"][3]); }), HasSubstr("not as many"));
  EXPECT_THAT(refusal([](auto& j) { j["constants"].push_back(1); }), HasSubstr("a list of 4"));
  EXPECT_THAT(refusal([](auto& j) { j["description"]["entry_bits"] = 63; }), HasSubstr("entry_bits"));
  EXPECT_THAT(refusal([](auto& j) { j["description"]["inputs"][1]["name"] = "p"; }), HasSubstr("different names"));
  EXPECT_THAT(refusal([](auto& j) { j["columns"][2]["factors"][0] = "-1329227995784915872903807060280344576"; }),
              HasSubstr("2^120"));
}

TEST(ModelInputs, IntegersAreExactOrRefused) {
  std::vector<circuits::ModelDescription::Input> inputs{{{"x", false, true, 64, 0}, model::ElementType::int64, {1, 2}},
                                                        {{"f", false, true, 32, 2}, model::ElementType::float32, {2}}};
  const auto read = [&](const std::string& text) { return read_model_inputs(text, "in", inputs); };
  const auto ok = read(R"({"x": [[9223372036854775807, -9223372036854775808]], "f": [0.3, -2]})");
  EXPECT_EQ(ok.integers[0], (std::vector<i128>{INT64_MAX, INT64_MIN}));
  EXPECT_EQ(ok.integers[1], (std::vector<i128>{1, -8}));
  EXPECT_DOUBLE_EQ(ok.largest_rounding, 0.05);
  EXPECT_EQ(ok.reals[1], (std::vector<double>{0.3, -2}));
  EXPECT_EQ(read(R"({"x": [1, "18446744073709551616"], "f": [0, 0]})").integers[0][1], i128{1} << 64);
  for (const char* bad :
       {R"({"x": [1.0, 2], "f": [0, 0]})", R"({"x": [1e3, 2], "f": [0, 0]})", R"({"x": [1, "0x2"], "f": [0, 0]})",
        R"({"x": [1, "02"], "f": [0, 0]})", R"({"x": [1], "f": [0, 0]})", R"({"x": [[1], [2]], "f": [0, 0]})",
        R"({"x": [1, 2]})", R"({"x": [1, 2], "f": [0, 0], "g": 1})", R"({"x": [1, 2], "f": [0, "a"]})",
        R"({"x": [1, 2], "f": [0, 1e300]})", R"({"x": [1, 18446744073709551616], "f": [0, 0]})"})
    EXPECT_THROW(read(bad), Error) << bad;
}

}  // namespace
}  // namespace ll::artefacts
