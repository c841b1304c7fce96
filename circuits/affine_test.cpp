#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "circuits/affine_circuit.hpp"
#include "circuits/affine_lies.hpp"
#include "halo2/keygen.hpp"
#include "halo2/mock_prover.hpp"
#include "halo2/prover.hpp"
#include "halo2/verifier.hpp"

namespace ll::circuits {
namespace {

using ::testing::IsEmpty;

std::vector<std::string> failures(AffineCircuit& circuit, const halo2::Instances& instances) {
  std::vector<std::string> texts;
  for (const auto& failure : halo2::MockProver::run(circuit.k(), circuit, instances))
    texts.push_back(failure.to_string() + " [" + circuit.describe_row(failure.row) + "]");
  return texts;
}

void expect_accepted(const AffineSetting& s) {
  AffineCircuit circuit(s.statement, trace_affine(s.statement, s.values));
  const auto entries = affine_entries(s.statement, s.values);
  EXPECT_THAT(failures(circuit, {pack_entries(entries, s.statement.entry_bits())}), IsEmpty());
}

TEST(AffineLayout, AnEncodersIsTheDocumentedOne) {
  const auto s = dense_affine_setting(128, 512, 32, 1);
  const AffineLayout at = AffineLayout::smallest(s.statement);
  EXPECT_LE(at.entry_bits, 53u);
  EXPECT_EQ(at.words, 128u);
  EXPECT_EQ(at.columns, 5u);
  EXPECT_EQ(at.blocks[0].constants, 26u);
  EXPECT_EQ(at.public_row, 1u + 128 * 26 + 1);
  EXPECT_EQ(at.used_rows, 3459u);
  EXPECT_EQ(at.k, 12u);
  halo2::ConstraintSystem cs;
  AffineCircuit(s.statement).configure(cs);
  EXPECT_EQ(cs.degree(), 5u);
  EXPECT_EQ(cs.blinding_factors(), 5u);
  EXPECT_EQ(cs.advice_columns(), 3u);
  EXPECT_EQ(cs.fixed_columns(), 8u);
  EXPECT_EQ(cs.permutation_sets(), 0u);
  EXPECT_EQ(cs.lookups().size(), 0u);
  EXPECT_EQ(cs.proof_bytes(), 832u);
}

TEST(AffineCircuit, GatesComeInTheDocumentedOrderAndDegrees) {
  halo2::ConstraintSystem cs;
  AffineCircuit(small_affine_setting().statement).configure(cs);
  const std::vector<std::pair<std::string, std::size_t>> expected{
      {"digit", 5},    {"end of range", 3}, {"constants start", 5}, {"constants", 5}, {"shift", 5},
      {"boundary", 5}, {"public", 4},       {"carry", 4},           {"product", 5}};
  ASSERT_EQ(cs.gates().size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(cs.gates()[i].name, expected[i].first);
    ASSERT_EQ(cs.gates()[i].polynomials.size(), 1u);
    EXPECT_EQ(cs.gates()[i].polynomials[0].degree(), expected[i].second) << expected[i].first;
  }
}

TEST(AffineCircuit, AcceptsWhatTheMapComputes) {
  expect_accepted(small_affine_setting());
  AffineSetting ends = small_affine_setting();
  for (const bool high : {false, true}) {
    for (std::size_t j = 0; j < ends.values.size(); ++j)
      ends.values[j] = high ? (i128{1} << ends.statement.values[j].bits) - 1 : 0;
    expect_accepted(ends);
  }
  expect_accepted(dense_affine_setting(128, 512, 32, 2));
  expect_accepted(dense_affine_setting(1, 1, 2, 3));
  expect_accepted(dense_affine_setting(3, 40, 8, 4));
}

/// Sparse statements of every form: each layout has room for everything, whatever the order of values.
TEST(AffineCircuit, AcceptsRandomSparseMaps) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    SeededRng rng(seed);
    AffineSetting s;
    const std::size_t entries = 1 + rng.below(60), inputs = 1 + rng.below(12);
    for (std::size_t e = 0; e < entries; ++e) s.statement.constants.push_back(static_cast<i128>(rng.below(9)) - 4);
    for (std::size_t j = 0; j < inputs; ++j) {
      AffineStatement::Value value{fmt::format("v{}", j), static_cast<unsigned>(2 + 2 * rng.below(8)), {}};
      const std::uint64_t keep = 1 + rng.below(20);
      for (std::uint32_t e = 0; e < entries; ++e)
        if (rng.below(keep) == 0) value.terms.push_back({e, (i128{1} << rng.below(80)) * (rng.below(2) == 0 ? 1 : -1)});
      s.values.push_back(static_cast<i128>(rng.below(std::uint64_t{1} << value.bits)));
      s.statement.values.push_back(std::move(value));
    }
    expect_accepted(s);
    for (const std::size_t columns : {1u, 3u, 16u}) {
      const AffineLayout at(s.statement, columns);
      for (std::size_t b = 1; b < at.blocks.size(); ++b) EXPECT_GT(at.blocks[b].row, at.blocks[b - 1].row);
    }
  }
}

/// All values of two digits each against all claims: the circuit accepts exactly the map.
TEST(AffineCircuit, AgreesWithTheMapOnEverySmallCase) {
  AffineSetting s;
  s.statement.constants = {1, -2, 1000};  // the last one makes room for what is out of range
  s.statement.values = {{"x", 2, {{0, 3}, {1, 1}}}, {"y", 2, {{1, -2}}}};
  for (i128 x = 0; x < 6; ++x) {
    for (i128 y = 0; y < 6; ++y) {
      s.values = {x, y};
      AffineTrace trace = trace_affine(s.statement, s.values);
      const Fr honest = trace.words[0];
      AffineCircuit circuit(s.statement, trace);
      EXPECT_EQ(failures(circuit, trace.instances()).empty(), x < 4 && y < 4);
      if (x >= 4 || y >= 4) continue;
      for (const i128 first : {i128{-4}, 1 + 3 * x, i128{10}}) {
        for (i128 second = -8; second < 8; ++second) {
          trace.words = pack_entries(std::vector<i128>{first, second, 1000}, s.statement.entry_bits());
          AffineCircuit claim(s.statement, trace);
          EXPECT_EQ(failures(claim, trace.instances()).empty(), trace.words[0] == honest);
          EXPECT_EQ(trace.words[0] == honest, first == 1 + 3 * x && second == -2 + x - 2 * y);
        }
      }
    }
  }
}

TEST(AffineCircuit, BindsEveryCell) {
  const AffineSetting s = small_affine_setting();
  const AffineTrace trace = trace_affine(s.statement, s.values);
  LyingAffineCircuit circuit(s.statement, trace);
  const AffineLayout& at = circuit.layout();
  for (const auto& block : at.blocks) {
    if (block.constants == 0) continue;  // a value that nothing depends on may be anything in its range
    for (std::size_t row = block.row; row <= block.row + s.statement.values[block.value].bits / 2; ++row) {
      circuit.lie_in_d = [row](auto& d) { d[row] += Fr::one(); };
      EXPECT_FALSE(failures(circuit, trace.instances()).empty()) << "D " << circuit.describe_row(row);
    }
    circuit.lie_in_d = nullptr;
    for (std::size_t row = block.row + 1 - block.constants; row <= block.row; ++row) {
      circuit.lie_in_u = [row](auto& u, const Fr&) { u[row] += Fr::one(); };
      EXPECT_FALSE(failures(circuit, trace.instances()).empty()) << "U " << circuit.describe_row(row);
    }
    circuit.lie_in_u = nullptr;
  }
  for (std::size_t row = 0; row <= at.last_row; ++row) {
    circuit.lie_in_s = [row](auto& sum, const Fr&) { sum[row] += Fr::one(); };
    EXPECT_FALSE(failures(circuit, trace.instances()).empty()) << "S " << circuit.describe_row(row);
  }
}

TEST(AffineStatement, RefusesWhatItCannotHold) {
  const auto refused = [](auto change) {
    AffineStatement statement = small_affine_setting().statement;
    change(statement);
    EXPECT_THROW(check(statement), Error);
  };
  refused([](auto& s) { s.values[0].bits = 31; });
  refused([](auto& s) { s.values[0].bits = 66; });
  refused([](auto& s) { s.values[0].terms.push_back({9, 1}); });
  refused([](auto& s) { s.values[0].terms.push_back({10, 1}); });
  refused([](auto& s) { s.constants.clear(); });
  refused([](auto& s) { s.values.clear(); });
  refused([](auto& s) { s.values[2].terms[0].factor = i128{1} << 57; });  // 2^57 (2^64 - 1) reaches 2^120
  EXPECT_THROW(pack_entries(std::vector<i128>{8}, 3), Error);
  EXPECT_THROW(pack_entries(std::vector<i128>{-8}, 3), Error);
  EXPECT_NE(pack_entries(std::vector<i128>{7, -7}, 3), pack_entries(std::vector<i128>{-7, 7}, 3));
  EXPECT_EQ(entries_per_word(53), 4u);
}

class AffineLies : public ::testing::TestWithParam<AffineLie> {};

TEST_P(AffineLies, IsRefusedByTheRightGate) {
  const auto attempt = GetParam().tell(small_affine_setting());
  std::set<std::string> names;
  for (const auto& failure : halo2::MockProver::run(attempt.circuit->k(), *attempt.circuit, attempt.instances))
    names.insert(failure.name);
  EXPECT_EQ(names, GetParam().breaks);
}

INSTANTIATE_TEST_SUITE_P(Every, AffineLies, ::testing::ValuesIn(affine_lies()),
                         [](const auto& lie) { return lie.param.name; });

TEST(AffineLies, ThereIsOneForEachConstraint) {
  halo2::ConstraintSystem cs;
  AffineCircuit(small_affine_setting().statement).configure(cs);
  std::set<std::string> constraints, lied_about;
  for (const auto& gate : cs.gates()) constraints.insert(gate.name);
  for (const AffineLie& lie : affine_lies())
    if (lie.breaks.size() == 1) lied_about.insert(lie.breaks.begin(), lie.breaks.end());
  EXPECT_EQ(lied_about, constraints);
}

/// Keys of one statement with a TEST-ONLY SRS.
class Prover {
 public:
  explicit Prover(const AffineStatement& statement) {
    AffineCircuit circuit(statement);
    SeededRng rng(1);
    srs_ = halo2::unsafe_srs::generate(circuit.k(), rng);
    pk_ = halo2::keygen(srs_, circuit, circuit.k(), false);
  }
  Bytes prove(AffineCircuit& circuit, const halo2::Instances& instances) const {
    SeededRng rng(2);
    halo2::Circuit* const circuits[] = {&circuit};
    return halo2::create_proof(srs_, pk_, circuits, {&instances, 1}, rng);
  }
  bool accepts(const halo2::Instances& instances, ByteSpan proof) const {
    return halo2::verify_proof({srs_.s_g2}, pk_.vk, {&instances, 1}, proof).accepted;
  }
  const halo2::VerifyingKey& vk() const { return pk_.vk; }

 private:
  halo2::Srs srs_;
  halo2::ProvingKey pk_;
};

TEST(AffineProof, EveryLieIsRefusedByTheVerifier) {
  const AffineSetting s = small_affine_setting();
  const Prover prover(s.statement);
  for (const AffineLie& lie : affine_lies()) {
    SCOPED_TRACE(lie.name);
    const auto attempt = lie.tell(s);
    try {
      const Bytes proof = prover.prove(*attempt.circuit, attempt.instances);
      EXPECT_FALSE(prover.accepts(attempt.instances, proof));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::unsatisfied) << error.what();
    }
  }
  const AffineTrace honest = trace_affine(s.statement, s.values);
  AffineCircuit circuit(s.statement, honest);
  const Bytes proof = prover.prove(circuit, honest.instances());
  EXPECT_TRUE(prover.accepts(honest.instances(), proof));
  for (std::size_t word = 0; word < honest.words.size(); ++word) {
    halo2::Instances altered = honest.instances();
    altered[0][word] += Fr::one();
    EXPECT_FALSE(prover.accepts(altered, proof)) << word;
  }
}

TEST(AffineProof, AKeyNamesTheDescription) {
  AffineSetting s = small_affine_setting();
  const Prover first(s.statement);
  s.statement.description[0] ^= 1;
  const Prover second(s.statement);
  EXPECT_EQ(first.vk().fixed_commitments, second.vk().fixed_commitments);
  EXPECT_NE(first.vk().digest(), second.vk().digest());
  AffineCircuit of_shape(AffineCircuit(s.statement).shape());
  const auto read = halo2::VerifyingKey::read(second.vk().write(halo2::SerdeFormat::processed),
                                              halo2::SerdeFormat::processed, halo2::Profile::pse_v030, of_shape);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value().digest(), second.vk().digest());
}

}  // namespace
}  // namespace ll::circuits
