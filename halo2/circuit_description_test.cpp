// A circuit as data gives the same key, file and proofs as the circuit itself.
#include "halo2/circuit_description.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "halo2/mock_prover.hpp"
#include "halo2/prover.hpp"
#include "halo2/test_circuits.hpp"

namespace ll::halo2 {
namespace {

using testing::CircuitA;
using testing::CircuitB;
using ::testing::HasSubstr;

const Srs& test_srs() {
  SeededRng rng(42);
  static const Srs srs = unsafe_srs::generate(6, rng);
  return srs;
}

struct Case {
  const char* name;
  bool circuit_a, compress;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class Described : public ::testing::TestWithParam<Case> {
 protected:
  CircuitA a_;
  CircuitB b_;
  Circuit& circuit() { return GetParam().circuit_a ? static_cast<Circuit&>(a_) : b_; }
  unsigned k() const { return GetParam().circuit_a ? 5 : 6; }
  CircuitDescription description() { return describe(circuit(), k(), GetParam().compress); }
};

TEST_P(Described, KeyFromTheTextIsTheKeyOfTheCircuit) {
  const std::string text = encode_circuit(description());
  const CircuitDescription read = decode_circuit(text, "circuit.json").value_or_throw();
  EXPECT_EQ(encode_circuit(read), text);
  DescribedCircuit described(read);
  const Srs srs = test_srs().truncated(k());
  const ProvingKey own = keygen(srs, circuit(), k(), GetParam().compress);
  const ProvingKey from_text = keygen(srs, described, k(), GetParam().compress);
  EXPECT_EQ(from_text.vk.pinned_text(), own.vk.pinned_text());
  EXPECT_EQ(from_text.vk.digest(), own.vk.digest());
  const Bytes bytes = own.vk.write(SerdeFormat::processed);
  EXPECT_EQ(from_text.vk.write(SerdeFormat::processed), bytes);
  // The description stands for the circuit where a key is read, too, and in another profile.
  EXPECT_EQ(VerifyingKey::read(bytes, SerdeFormat::processed, Profile::pse_v030, described).value().digest(),
            own.vk.digest());
  EXPECT_EQ(keygen(srs, described, k(), GetParam().compress, Profile::pse_main).vk.pinned_text(),
            keygen(srs, circuit(), k(), GetParam().compress, Profile::pse_main).vk.pinned_text());
  EXPECT_EQ(proving_key(own.vk, described).fixed_values, own.fixed_values);
  EXPECT_EQ(proving_key(own.vk, described).sigma_values, own.sigma_values);
  // Described again, it is the same text: one region and absolute rows change nothing.
  EXPECT_EQ(encode_circuit(describe(described, k(), GetParam().compress)), text);
}

INSTANTIATE_TEST_SUITE_P(Circuits, Described,
                         ::testing::Values(Case{"A", true, true}, Case{"ANoCompress", true, false},
                                           Case{"B", false, true}, Case{"BNoCompress", false, false}),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

TEST(CircuitDescription, KeyOfTheVectorsFollowsFromData) {
  const std::filesystem::path folder = std::filesystem::path(LL_SOURCE_DIR) / "tests/vectors/halo2/v030/A";
  const Srs srs = Srs::read(read_file(folder / "srs.raw"), SerdeFormat::raw).value_or_throw();
  CircuitA circuit;
  DescribedCircuit described(
      decode_circuit(encode_circuit(describe(circuit, 5, true)), "circuit.json").value_or_throw());
  EXPECT_EQ(keygen(srs, described, 5).vk.write(SerdeFormat::raw), read_file(folder / "vk.raw"));
}

TEST(CircuitDescription, AWitnessAsDataProves) {
  CircuitB circuit;
  const CircuitDescription description = describe(circuit, 6, true);
  WitnessDescription witness = testing::circuit_b_witness();
  const std::string text = encode_witness(description, witness);
  witness = decode_witness(text, "witness.json", description).value_or_throw();
  EXPECT_EQ(encode_witness(description, witness), text);
  DescribedCircuit described(description, witness);
  EXPECT_THAT(MockProver::run(6, described, witness.instances), ::testing::IsEmpty());
  const ProvingKey pk = keygen(test_srs(), circuit, 6);
  std::array<Circuit*, 1> circuits = {&described};
  SeededRng rng(7), same(7);
  const std::vector<Instances> instances = {witness.instances};
  const Bytes proof = create_proof(test_srs(), pk, circuits, instances, rng);
  EXPECT_TRUE(verify_proof({test_srs().s_g2}, pk.vk, instances, proof).accepted);
  circuits = {&circuit};
  EXPECT_EQ(create_proof(test_srs(), pk, circuits, instances, same), proof);  // the same witness, cell by cell
  witness.rules[0].value = witness.rules[0].value + Expression::constant(Fr::one());
  DescribedCircuit lie(description, witness);
  EXPECT_FALSE(MockProver::run(6, lie, witness.instances).empty());
}

std::string refusal(const nlohmann::json& document) {
  const auto read = decode_circuit(document.dump(), "c.json");
  return read.ok() ? "accepted" : read.error().message();
}

TEST(CircuitDescription, RefusalsNameTheirPlace) {
  CircuitB circuit;
  const std::string text = encode_circuit(describe(circuit, 6, true));
  const auto changed = [&](const char* pointer, const nlohmann::json& value) {
    nlohmann::json document = nlohmann::json::parse(text);
    document[nlohmann::json::json_pointer(pointer)] = value;
    return refusal(document);
  };
  EXPECT_EQ(refusal(nlohmann::json::parse(text)), "accepted");
  EXPECT_EQ(changed("/k", 2), "c.json: k: at least 8 rows for blinding are expected, found 2");
  EXPECT_THAT(changed("/instance/0/rows", 60), HasSubstr("instance[0]: at most as many values as usable rows"));
  EXPECT_THAT(changed("/k", 7), HasSubstr("fixed[0]: 128 values are expected"));
  EXPECT_THAT(changed("/format", "x"), HasSubstr("format: \"latentledger-circuit\" is expected, found \"x\""));
  EXPECT_THAT(changed("/schema_version", 2), HasSubstr("schema_version: this program reads version 1, found 2"));
  EXPECT_THAT(changed("/more", 2), HasSubstr("unknown key \"more\""));
  EXPECT_THAT(changed("/advice/5/phase", 2), HasSubstr("advice[5].phase: a phase whose predecessor"));
  EXPECT_THAT(changed("/advice/0/unblinded", 0), HasSubstr("advice[0].unblinded: true or false"));
  EXPECT_THAT(changed("/gates/0/constraints/0/polynomial/2/1/1/2", 5),
              HasSubstr("gates[0].constraints[0].polynomial[2][1][1]: a query of the lists"));
  EXPECT_THAT(changed("/gates/0/constraints/0/polynomial/0", "power"),
              HasSubstr("gates[0].constraints[0].polynomial[0]: advice, fixed or instance"));
  EXPECT_THAT(changed("/gates/0/constraints/0/polynomial/1/1", 77), HasSubstr("polynomial[1][1]: an integer from 0"));
  EXPECT_THAT(changed("/lookups/0/tables", nlohmann::json::array()), HasSubstr("lookups[0].tables: 2 expressions"));
  EXPECT_THAT(changed("/copies/0/2", 63), HasSubstr("copies[0][2]: an integer from 0 to"));
  EXPECT_THAT(changed("/copies/0", {"fixed", 1, 0, "advice", 0, 0}),
              HasSubstr("copies[0]: columns of the permutation"));
  EXPECT_THAT(changed("/fixed/0/0/0", "0x01"), HasSubstr("fixed[0][0][0]: a field element"));
  EXPECT_THAT(changed("/fixed/0/0/1", 1000), HasSubstr("fixed[0][0][1]: an integer from 1 to 64"));
  EXPECT_THAT(changed("/fixed/3/0", "0x7"), HasSubstr("fixed[3]: another value follows from the selectors"));
  EXPECT_THAT(changed("/pinned_num_selectors", 5), HasSubstr("pinned_num_selectors: another value"));
  EXPECT_THAT(changed("/selectors/0/rows/0/0", 60), HasSubstr("selectors[0].rows[0][0]"));
  EXPECT_THAT(changed("/permutation/1", {"advice", 0}), HasSubstr("permutation[1]: a column that did not come"));
  EXPECT_THAT(changed("/minimum_degree", 0), HasSubstr("minimum_degree: an integer from 1"));
  EXPECT_THAT(decode_circuit(std::string(5000, '['), "c.json").error().message(), HasSubstr("deeper than 1000"));
}

TEST(CircuitDescription, EveryCutAndEveryChangedByteIsAnAnswer) {
  CircuitA circuit;
  const std::string text = encode_circuit(describe(circuit, 5, true));
  for (std::size_t length = 0; length + 3 < text.size(); length += 7)
    EXPECT_FALSE(decode_circuit(text.substr(0, length), "c.json").ok()) << length;
  SeededRng rng(5);
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::string changed = text;
    changed[i] = static_cast<char>(rng.below(256));
    const auto read = decode_circuit(changed, "c.json");
    if (read.ok() && changed != text) {
      EXPECT_EQ(encode_circuit(read.value()) == text, text[i] == ' ' || text[i] == '\n') << i;
    }
  }
}

TEST(CircuitDescription, EveryCutOfAWitnessIsAnError) {
  CircuitB circuit;
  const CircuitDescription description = describe(circuit, 6, true);
  const std::string text = encode_witness(description, testing::circuit_b_witness());
  for (std::size_t length = 0; length + 3 < text.size(); length += 3)
    EXPECT_FALSE(decode_witness(text.substr(0, length), "w.json", description).ok()) << length;
  const auto changed = [&](const char* pointer, const nlohmann::json& value) {
    nlohmann::json document = nlohmann::json::parse(text);
    document[nlohmann::json::json_pointer(pointer)] = value;
    const auto read = decode_witness(document.dump(), "w.json", description);
    return read.ok() ? "accepted" : read.error().message();
  };
  EXPECT_THAT(changed("/instances/0", {"0x3"}), HasSubstr("instances[0]: 3 values are expected"));
  EXPECT_THAT(changed("/advice/2", nlohmann::json::parse("[[\"0x3\",60]]")),
              HasSubstr("advice[2][0][1]: an integer from 1 to"));
  EXPECT_THAT(changed("/rules/0/rows/1", 60), HasSubstr("rules[0].rows[1]: an integer from 1 to"));
  EXPECT_THAT(changed("/rules/0/column", 6), HasSubstr("rules[0].column: an integer from 0 to 5"));
  EXPECT_THAT(changed("/rules/0/value", {"selector", 0}), HasSubstr("rules[0].value: an expression without selectors"));
}

TEST(CircuitDescription, WitnessRulesSeeOnlyEarlierPhases) {
  CircuitB circuit;
  const CircuitDescription description = describe(circuit, 6, true);
  WitnessDescription witness = testing::circuit_b_witness();
  witness.rules[0].column = 0;  // phase 0 cannot wait for a challenge
  const auto read = decode_witness(encode_witness(description, witness), "w.json", description);
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().message(), HasSubstr("w.json: rules[0].value: only what is known in phase 0"));
}

}  // namespace
}  // namespace ll::halo2
