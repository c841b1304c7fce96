#include "circuits/delta.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "circuits/delta_lies.hpp"
#include "halo2/mock_prover.hpp"
#include "model/test_encoder.hpp"

namespace ll::circuits {
namespace {

using ::testing::IsEmpty;

std::vector<std::string> failures(DeltaCircuit& circuit, const halo2::Instances& instances) {
  std::vector<std::string> texts;
  for (const auto& failure : halo2::MockProver::run(circuit.k(), circuit, instances))
    texts.push_back(failure.to_string());
  return texts;
}

/// The transfer satisfies the circuit for the delta that the integer encoder computes.
void expect_accepted(const model::QuantizedEncoder& encoder, const DeltaWitness& witness) {
  DeltaCircuit circuit(encoder, trace_delta(encoder, witness));
  EXPECT_THAT(failures(circuit, delta_instances(encoder.shape(), delta_vector(encoder, witness))), IsEmpty());
}

TEST(DeltaLayout, DefaultIsTheDocumentedOne) {
  const DeltaLayout at{model::EncoderShape{}};
  EXPECT_EQ(at.words, 103u);
  EXPECT_EQ(at.blocks, 7u);
  EXPECT_EQ(at.block_rows, 129u);
  EXPECT_EQ(at.public_row, 903u);
  EXPECT_EQ(at.amount_row, 974u);
  EXPECT_EQ(at.last_row, 1006u);
  EXPECT_EQ(at.used_rows, 1007u);
  EXPECT_EQ(at.k, 10u);
  halo2::ConstraintSystem cs;
  DeltaCircuit(model::EncoderShape{}).configure(cs);
  EXPECT_EQ(cs.degree(), 5u);
  EXPECT_EQ(cs.blinding_factors(), 5u);
  EXPECT_EQ(cs.usable_rows(10), 1018u);
  EXPECT_EQ(cs.advice_columns(), 2u);
  EXPECT_EQ(cs.fixed_columns(), 17u);
  EXPECT_EQ(cs.advice_queries().size(), 5u);
  EXPECT_EQ(cs.permutation_sets(), 0u);
  EXPECT_EQ(cs.lookups().size(), 0u);
  EXPECT_EQ(cs.proof_bytes(), 1024u);
  EXPECT_EQ(cs.instance_rows(), std::vector<std::optional<std::size_t>>{103});
}

TEST(DeltaCircuit, GatesComeInTheDocumentedOrderAndDegrees) {
  halo2::ConstraintSystem cs;
  DeltaCircuit(model::EncoderShape{}).configure(cs);
  const std::vector<std::pair<std::string, std::vector<std::size_t>>> expected{
      {"jump", {4}},         {"sum", {5}},        {"same in the next block", {4}},
      {"block end", {4, 5}}, {"public", {5}},     {"sign", {5}},
      {"bit", {5}},          {"boundary", {4, 4}}};
  ASSERT_EQ(cs.gates().size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(cs.gates()[i].name, expected[i].first);
    std::vector<std::size_t> degrees;
    for (const auto& polynomial : cs.gates()[i].polynomials) degrees.push_back(polynomial.degree());
    EXPECT_EQ(degrees, expected[i].second) << expected[i].first;
  }
}

TEST(DeltaCircuit, AcceptsTransfersAtTheEnds) {
  for (const DeltaSetting& s : {small_delta_setting(), full_delta_setting()}) {
    const auto last = static_cast<std::uint32_t>(s.encoder.shape().accounts - 1);
    for (const DeltaWitness& witness :
         {s.witness, DeltaWitness{0, last, 0xffffffff}, DeltaWitness{last, 0, 0xffffffff}, DeltaWitness{0, 1, 0},
          DeltaWitness{1, 0, 1}, DeltaWitness{last - 1, last, 1}}) {
      SCOPED_TRACE(fmt::format("{} to {}, {}", witness.sender, witness.receiver, witness.amount));
      expect_accepted(s.encoder, witness);
    }
  }
}

TEST(DeltaCircuit, OtherShapes) {
  for (const model::EncoderShape& shape :
       {model::EncoderShape{2, 1, 14, 1}, model::EncoderShape{2, 8, 14, 5}, model::EncoderShape{16, 512, 14, 32},
        model::EncoderShape{5, 76, 10, 31}, model::EncoderShape{128, 75, 14, 32}}) {
    SCOPED_TRACE(shape.dims);
    const auto encoder = model::random_encoder(shape, 5);
    expect_accepted(encoder, {0, 1, 1});
    expect_accepted(encoder,
                    {1, 0, (std::uint32_t{1} << (shape.balance_bits - 1)) - 1 + (1u << (shape.balance_bits - 1))});
  }
  EXPECT_THROW(DeltaLayout({1, 8, 14, 32}), Error);
  EXPECT_THROW(DeltaLayout({2, 8, 15, 32}), Error);
}

/// Three accounts, amounts of 3 bits, everything that can be said: the circuit agrees with the rules, and a delta is
/// only ever accepted as what it is.
TEST(DeltaCircuit, AgreesWithTheRulesOnEveryTransferOfATinyLedger) {
  const model::EncoderShape shape{3, 8, 14, 3};
  const auto encoder = model::random_encoder(shape, 6);
  std::vector<std::vector<Fr>> claims;
  std::vector<DeltaTrace> valid;
  for (std::uint32_t sender = 0; sender <= 3; ++sender) {
    for (std::uint32_t receiver = 0; receiver <= 3; ++receiver) {
      for (std::uint32_t amount = 0; amount <= 17; ++amount) {
        const DeltaWitness witness{sender, receiver, amount};
        const DeltaTrace trace = trace_delta(encoder, witness);
        DeltaCircuit circuit(encoder, trace);
        const bool expected = sender != receiver && sender < 3 && receiver < 3 && amount < 8;
        EXPECT_EQ(!why_invalid(shape, witness), expected);
        EXPECT_EQ(failures(circuit, trace.instances()).empty(), expected) << sender << receiver << " " << amount;
        claims.push_back(trace.delta);
        if (expected) valid.push_back(trace);
      }
    }
  }
  EXPECT_EQ(valid.size(), 6u * 8u);
  for (const DeltaTrace& honest : valid) {
    for (const auto& claim : claims) {
      DeltaTrace trace = honest;
      trace.delta = claim;
      DeltaCircuit circuit(encoder, trace);
      EXPECT_EQ(failures(circuit, {claim}).empty(), claim == honest.delta);
    }
  }
}

TEST(DeltaCircuit, BindsEveryCell) {
  const DeltaSetting s = small_delta_setting();
  const DeltaTrace trace = trace_delta(s.encoder, s.witness);
  LyingDeltaCircuit circuit(s.encoder, trace);
  for (std::size_t row = 0; row <= circuit.layout().last_row; ++row) {
    circuit.lie_in_d = [row](auto& d) { d[row] += Fr::one(); };
    circuit.lie_in_r = nullptr;
    EXPECT_FALSE(failures(circuit, trace.instances()).empty()) << "D " << circuit.describe_row(row);
    circuit.lie_in_d = nullptr;
    circuit.lie_in_r = [row](auto& r, const auto&, const Fr&) { r[row] += Fr::one(); };
    EXPECT_FALSE(failures(circuit, trace.instances()).empty()) << "R " << circuit.describe_row(row);
  }
}

TEST(DeltaWitness, TraceAgreesWithTheIntegerEncoder) {
  const DeltaSetting s = full_delta_setting();
  const auto delta = delta_vector(s.encoder, s.witness);
  EXPECT_EQ(delta_instances(s.encoder.shape(), delta), trace_delta(s.encoder, s.witness).instances());
  for (const DeltaWitness& bad : {DeltaWitness{3, 3, 1}, DeltaWitness{128, 3, 1}, DeltaWitness{3, 128, 1}})
    EXPECT_THROW(delta_vector(s.encoder, bad), Error);
  EXPECT_THROW(delta_instances(s.encoder.shape(), std::vector<std::int64_t>(511)), Error);
  EXPECT_THROW(delta_instances(s.encoder.shape(), std::vector<std::int64_t>(512, std::int64_t{1} << 48)), Error);
  EXPECT_THROW(DeltaCircuit(s.encoder, trace_delta(small_delta_setting().encoder, {0, 1, 1})), Error);
}

class DeltaLies : public ::testing::TestWithParam<DeltaLie> {};

std::set<std::string> broken(const DeltaLie::Attempt& lie) {
  std::set<std::string> names;
  for (const auto& failure : halo2::MockProver::run(lie.circuit->k(), *lie.circuit, lie.instances))
    names.insert(failure.name);
  return names;
}

TEST_P(DeltaLies, IsRefusedByTheRightGate) {
  const DeltaLie& lie = GetParam();
  const auto attempt = lie.tell(small_delta_setting());
  EXPECT_EQ(broken(attempt), lie.breaks);
  if (lie.row.empty()) return;
  std::set<std::string> rows;
  for (const auto& failure : halo2::MockProver::run(attempt.circuit->k(), *attempt.circuit, attempt.instances))
    rows.insert(attempt.circuit->describe_row(failure.row));
  EXPECT_EQ(rows, std::set<std::string>{lie.row});
}

TEST_P(DeltaLies, IsRefusedAtFullSize) {
  const DeltaLie& lie = GetParam();
  EXPECT_EQ(broken(lie.tell(full_delta_setting())), lie.breaks);
}

INSTANTIATE_TEST_SUITE_P(Every, DeltaLies, ::testing::ValuesIn(delta_lies()),
                         [](const auto& lie) { return lie.param.name; });

TEST(DeltaLies, ThereIsOneForEachConstraint) {
  halo2::ConstraintSystem cs;
  DeltaCircuit(small_delta_setting().encoder).configure(cs);
  std::set<std::string> constraints, lied_about;
  for (const auto& gate : cs.gates()) {
    for (const auto& name : gate.constraint_names)
      constraints.insert(name.empty() ? gate.name : gate.name + " / " + name);
  }
  for (const DeltaLie& lie : delta_lies()) {
    if (lie.breaks.size() == 1) lied_about.insert(lie.breaks.begin(), lie.breaks.end());
  }
  EXPECT_EQ(lied_about, constraints);
}

}  // namespace
}  // namespace ll::circuits
