// Our side of the interop test (docs/interop.md): makes circuits, keys and proofs for the Rust program, then judges
// what it answered.
//
//   interop_cases make FOLDER RANDOM    srs.bin, cases.jsonl: `update` (full size, small ones of every kind), circuits
//   A and B of the vectors, RANDOM
//                                       random circuits
//   interop_cases check FOLDER          answers.jsonl against cases.jsonl; exit 0 when everything agrees
#include <algorithm>
#include <cstdio>
#include <map>

#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "circuits/update_lies.hpp"
#include "circuits/update_rules.hpp"
#include "halo2/prover.hpp"
#include "halo2/random_circuit.hpp"
#include "halo2/test_circuits.hpp"

namespace {

using namespace ll;
using halo2::CircuitDescription, halo2::WitnessDescription;
using halo2::Fr, halo2::Instances, halo2::SerdeFormat, halo2::Srs;
using Json = nlohmann::json;

constexpr unsigned kLargestK = 14;

class SrsSizes {
 public:
  explicit SrsSizes(Srs largest) { made_.emplace(largest.k, std::move(largest)); }
  const Srs& of(unsigned k) {
    if (!made_.contains(k)) made_.emplace(k, made_.rbegin()->second.truncated(k));
    return made_.at(k);
  }

 private:
  std::map<unsigned, Srs> made_;
};

/// Opening and hash of random circuit number `seed`; everything else is proved with SHPLONK over BLAKE2b.
halo2::ProofFormat random_format(std::uint64_t seed) {
  return {(seed / 2) % 2 == 0 ? halo2::Opening::shplonk : halo2::Opening::gwc,
          seed % 2 == 0 ? halo2::TranscriptHash::blake2b : halo2::TranscriptHash::keccak256};
}

std::string format_name(halo2::ProofFormat format) {
  return fmt::format("{}-{}", format.opening == halo2::Opening::shplonk ? "shplonk" : "gwc",
                     format.hash == halo2::TranscriptHash::blake2b ? "blake2b" : "keccak256");
}

halo2::ProofFormat parse_format(const std::string& name) {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    if (format_name(random_format(seed)) == name) return random_format(seed);
  }
  fail(ErrorCode::malformed, "cases: format \"{}\" is unknown", name);
}

/// One line of cases.jsonl, with a proof of our own.
std::string case_line(const std::string& name, halo2::Circuit& circuit, const CircuitDescription& description,
                      const WitnessDescription& witness, SrsSizes& sizes, std::uint64_t seed,
                      halo2::ProofFormat format = {}) {
  const Srs& srs = sizes.of(description.k);
  const halo2::ProvingKey pk = halo2::keygen(srs, circuit, description.k, description.compress_selectors);
  SeededRng rng(seed);
  halo2::Circuit* const circuits[] = {&circuit};
  const Bytes proof = halo2::create_proof(srs, pk, circuits, {&witness.instances, 1}, rng, format);
  // The same key under halo2-axiom's head; keygen in that profile would refuse degrees that need MAX_DEGREE there.
  halo2::VerifyingKey axiom = pk.vk;
  axiom.profile = halo2::Profile::axiom;
  const auto on_one_line = [](std::string text) {
    std::erase(text, '\n');
    return text;
  };
  return fmt::format(
      "{{\"name\":\"{}\",\"digest\":\"{}\",\"vk_v030\":\"{}\",\"vk\":\"{}\",\"format\":\"{}\",\"proof\":\"{}\","
      "\"circuit\":{},"
      "\"witness\":{}}}\n",
      name, pk.vk.digest(), to_hex(pk.vk.write(SerdeFormat::processed)), to_hex(axiom.write(SerdeFormat::processed)),
      format_name(format), to_hex(proof), on_one_line(halo2::encode_circuit(description)),
      on_one_line(halo2::encode_witness(description, witness)));
}

std::string update_case(const std::string& name, const circuits::Setting& setting, SrsSizes& sizes) {
  circuits::UpdateCircuit circuit(setting.shape, setting.encoder,
                                  circuits::trace_update(setting.shape, setting.encoder, setting.witness));
  const CircuitDescription description = halo2::describe(circuit, circuit.k(), false);
  const WitnessDescription witness = circuits::describe_update_witness(
      circuit, circuits::update_statement(setting.shape, setting.encoder, setting.witness).to_instances(setting.shape));
  return case_line(name, circuit, description, witness, sizes, 1);
}

void make(const std::filesystem::path& folder, std::uint64_t random) {
  SeededRng rng(20);
  SrsSizes sizes(halo2::unsafe_srs::generate(kLargestK, rng));
  write_file(folder / "srs.bin", sizes.of(kLargestK).write(SerdeFormat::raw));
  std::string lines = update_case("update full", circuits::full_setting(), sizes);
  for (const auto& [name, setting] : circuits::small_settings())
    lines += update_case("update small, " + name, setting, sizes);
  for (const bool compress : {true, false}) {
    const std::string suffix = compress ? "" : " uncompressed";
    halo2::testing::CircuitA a;
    lines += case_line("vectors A" + suffix, a, halo2::describe(a, 5, compress), halo2::testing::circuit_a_witness(),
                       sizes, 2);
    halo2::testing::CircuitB b;
    b.with_shuffle = false;
    lines += case_line("vectors B without shuffle" + suffix, b, halo2::describe(b, 6, compress),
                       halo2::testing::circuit_b_witness(), sizes, 3);
  }
  for (std::uint64_t seed = 0; seed < random; ++seed) {
    const halo2::testing::RandomCircuit made = halo2::testing::make_random_circuit(seed);
    halo2::DescribedCircuit circuit(made.circuit, made.witnesses[0]);
    lines += case_line(fmt::format("random {}", seed), circuit, made.circuit, made.witnesses[0], sizes, seed,
                       random_format(seed));
  }
  write_text(folder / "cases.jsonl", lines);
}

/// What the cases of a group went through, for the last lines of the test.
struct Tally {
  std::map<std::string, std::size_t> groups, features;
  std::size_t both_ways = 0, both_ways_random = 0;

  void count(const std::string& name, const halo2::ConstraintSystem& cs, const CircuitDescription& description) {
    ++groups[name.substr(0, name.find(' '))];
    if (!name.starts_with("random")) return;
    const auto feature = [&](const char* what, bool there) { features[what] += there ? 1 : 0; };
    const auto rotates_back = [](const halo2::ColumnQuery& q) { return q.rotation.value < 0; };
    feature("later phases", cs.max_phase() > 0);
    feature("three phases (Rust only verifies)", cs.max_phase() > 1);
    feature("challenges", cs.challenges() > 0);
    feature("degree above 5", cs.degree() > 5);
    feature("minimum degree", cs.minimum_degree().has_value());
    feature("negative rotations", std::ranges::any_of(cs.advice_queries(), rotates_back));
    feature("lookups", !cs.lookups().empty());
    feature("several lookups", cs.lookups().size() > 1);
    feature("lookups of several inputs",
            std::ranges::any_of(cs.lookups(), [](const auto& lookup) { return lookup.inputs.size() > 1; }));
    feature("copies", !description.copies.empty());
    feature("several permutation products", cs.permutation_sets() > 1);
    feature("several instance columns", cs.instance_columns() > 1);
    feature("selectors", !description.selector_rows.empty());
    feature("fewer columns than selectors",
            cs.fixed_columns() < description.fixed.size() + description.selector_rows.size());
    feature("unblinded columns", std::ranges::count(cs.unblinded_advice(), true) > 0);
  }
};

std::vector<std::string> disagreements(const Json& given, const Json& answer, SrsSizes& sizes, Tally& tally) {
  if (answer.contains("error")) return {"Rust: " + answer.at("error").get<std::string>()};
  CircuitDescription description = halo2::decode_circuit(given.at("circuit").dump(), "circuit").value_or_throw();
  const WitnessDescription witness =
      halo2::decode_witness(given.at("witness").dump(), "witness", description).value_or_throw();
  halo2::DescribedCircuit circuit(description);
  const auto bytes = [](const Json& hex) { return from_hex(hex.get<std::string>()).value(); };
  const halo2::VerifyingKey vk =
      halo2::VerifyingKey::read(bytes(given.at("vk_v030")), SerdeFormat::processed, halo2::Profile::pse_v030, circuit)
          .value_or_throw();
  std::vector<std::string> found;
  const auto expect = [&](bool holds, const char* what) {
    if (!holds) found.emplace_back(what);
  };
  const std::string digest = given.at("digest").get<std::string>();
  expect(vk.digest() == digest, "we read another digest from our own key");
  if (!vk.cs.unsupported(halo2::Profile::axiom, vk.k)) {
    const auto axiom =
        halo2::VerifyingKey::read(bytes(given.at("vk")), SerdeFormat::processed, halo2::Profile::axiom, circuit);
    expect(axiom.ok() && axiom.value().digest() == digest, "the key under halo2-axiom's head has another digest");
  }
  expect(answer.at("read") == digest, "Rust reads another digest from our key");
  expect(answer.at("made") == digest, "Rust's keygen gives another digest");
  expect(answer.at("same") == true, "Rust's keygen gives other bytes");
  expect(answer.at("accepted") == true, "Rust refuses our proof");
  expect(answer.at("refused") == true, "Rust accepts a changed proof or changed inputs");
  const halo2::VerifierParams params{sizes.of(vk.k).s_g2};
  const halo2::ProofFormat format = parse_format(given.at("format"));
  const auto accepts = [&](const Instances& instances, ByteSpan proof) {
    return halo2::verify_proof(params, vk, {&instances, 1}, proof, format).accepted;
  };
  tally.count(given.at("name"), vk.cs, description);
  ++tally.features[fmt::format("format {}", format_name(format))];
  if (answer.at("proof").is_null()) {
    expect(vk.cs.max_phase() == 2, "Rust has no proof");  // its prover panics on three phases, its verifier does not
    return found;
  }
  ++tally.both_ways;
  if (given.at("name").get<std::string>().starts_with("random")) ++tally.both_ways_random;
  const Bytes proof = bytes(answer.at("proof"));
  expect(proof.size() == vk.cs.proof_bytes(1, format.opening), "a proof of Rust's has another length");
  expect(accepts(witness.instances, proof), "we refuse Rust's proof");
  for (std::size_t i = 0; i < 4; ++i) {
    Bytes changed = proof;
    changed[i * (proof.size() - 1) / 3] ^= 1;
    expect(!accepts(witness.instances, changed), "we accept a changed proof of Rust's");
  }
  for (std::size_t i = 0; i < witness.instances.size(); ++i) {
    if (witness.instances[i].empty()) continue;
    Instances changed = witness.instances;
    changed[i].back() += Fr::one();
    expect(!accepts(changed, proof), "we accept a proof of Rust's for changed inputs");
  }
  return found;
}

int check(const std::filesystem::path& folder) {
  SrsSizes sizes(Srs::read(read_file(folder / "srs.bin"), SerdeFormat::raw, false).value_or_throw());
  const auto lines = [&](const char* name) {
    std::vector<Json> values;
    const std::string text = read_text(folder / name);
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      values.push_back(Json::parse(text.substr(begin, end - begin)));
      begin = end == std::string::npos ? text.size() : end + 1;
    }
    return values;
  };
  const std::vector<Json> cases = lines("cases.jsonl"), answers = lines("answers.jsonl");
  std::size_t failed = cases.size() == answers.size() ? 0 : 1;
  if (failed > 0) fmt::print("{} cases, {} answers\n", cases.size(), answers.size());
  Tally tally;
  for (std::size_t i = 0; i < std::min(cases.size(), answers.size()); ++i) {
    for (const std::string& what : disagreements(cases[i], answers[i], sizes, tally)) {
      ++failed;
      fmt::print("{}: {}\n", cases[i].at("name").get<std::string>(), what);
    }
  }
  for (const auto& [group, count] : tally.groups) fmt::print("{:4}  {}\n", count, group);
  std::size_t missing = 0;  // the generator must go on to make what this test is for
  for (const auto& [feature, count] : tally.features) {
    fmt::print("{:4}  random, with {}\n", count, feature);
    missing += count == 0 ? 1 : 0;
  }
  fmt::print("{} disagreements in {} circuits, {} of them proved both ways; {} kinds of circuits missing\n", failed,
             cases.size(), tally.both_ways, missing);
  // The promise is at least 200 random circuits each way (docs/interop.md).
  const bool enough = tally.groups["random"] < 200 || tally.both_ways_random >= 200;
  if (!enough) fmt::print("only {} random circuits were proved both ways\n", tally.both_ways_random);
  return failed == 0 && missing == 0 && enough ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() == 3 && arguments[0] == "make") {
      make(arguments[1], std::stoull(arguments[2]));
      return 0;
    }
    if (arguments.size() == 2 && arguments[0] == "check") return check(arguments[1]);
    fmt::print(stderr, "interop_cases make FOLDER RANDOM | interop_cases check FOLDER\n");
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "interop_cases: {}\n", error.what());
    return 1;
  }
}
