// Prove, verify, and lie: small circuits through the whole protocol.
#include "halo2/prover.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "algebra/kernels.hpp"
#include "base/parallel.hpp"
#include "halo2/mock_prover.hpp"
#include "halo2/test_circuits.hpp"
#include "halo2/verifier.hpp"

namespace ll::halo2 {
namespace {

using testing::CircuitA;
using testing::CircuitB;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Srs& test_srs(unsigned k) {
  static std::map<unsigned, Srs> made;
  SeededRng rng(42);
  const auto found = made.find(k);
  return found != made.end() ? found->second : made.emplace(k, unsafe_srs::generate(k, rng)).first->second;
}

/// Proves with what the prover lets through, and tells whether the verifier accepts.
bool proves(Circuit& witness, const ProvingKey& pk, const Instances& instances) {
  SeededRng rng(7);
  std::array<Circuit*, 1> circuits = {&witness};
  const std::array<Instances, 1> inputs = {instances};
  try {
    const Bytes proof = create_proof(test_srs(pk.vk.k), pk, circuits, inputs, rng);
    return verify_proof({test_srs(pk.vk.k).s_g2}, pk.vk, inputs, proof).accepted;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsatisfied) << error.message();
    return false;
  }
}

template <class Break>
void expect_refused(const ProvingKey& pk, const char* name, Break break_it) {
  SCOPED_TRACE(name);
  CircuitB lie;
  break_it(lie);
  const auto failures = MockProver::run(6, lie, CircuitB::honest_instances());
  ASSERT_THAT(failures, SizeIs(::testing::Ge(1u)));
  EXPECT_THAT(failures.front().name, ::testing::HasSubstr(name));
  EXPECT_FALSE(proves(lie, pk, CircuitB::honest_instances()));
}

TEST(Prover, CircuitBWithAndWithoutCompression) {
  for (const bool compress : {true, false}) {
    CircuitB circuit;
    EXPECT_THAT(MockProver::run(6, circuit, CircuitB::honest_instances()), IsEmpty());
    const ProvingKey pk = keygen(test_srs(6), circuit, 6, compress);
    EXPECT_TRUE(proves(circuit, pk, CircuitB::honest_instances()));
  }
}

TEST(Prover, SameBytesFromEveryKernelThreadCountAndWhatIsKept) {
  constexpr unsigned kRows = 9;  // enough for transforms in lanes
  CircuitB circuit;
  ProvingKey pk = keygen(test_srs(kRows), circuit, kRows);
  std::array<Circuit*, 1> circuits = {&circuit};
  const std::array<Instances, 1> inputs = {CircuitB::honest_instances()};
  const std::string before(algebra::kernels_name());
  Bytes first;
  Srs srs = test_srs(kRows);
  for (const bool kept : {false, true}) {
    if (kept) pk.keep_cosets();
    if (kept) srs.sum_suffixes();
    for (const std::string& kernel : algebra::available_kernels()) {
      for (const std::size_t threads : {1, 2, 5}) {
        algebra::use_kernels(kernel);
        set_thread_count(threads);
        SeededRng rng(5);
        const Bytes proof = create_proof(srs, pk, circuits, inputs, rng);
        if (first.empty()) first = proof;
        EXPECT_EQ(proof, first) << kernel << " " << threads << " " << kept;
      }
    }
  }
  algebra::use_kernels(before);
  set_thread_count(0);
  EXPECT_TRUE(verify_proof({test_srs(kRows).s_g2}, pk.vk, inputs, first).accepted);
}

TEST(Prover, EachArgumentRefusesItsLie) {
  CircuitB circuit;
  const ProvingKey pk = keygen(test_srs(6), circuit, 6);
  expect_refused(pk, "copy", [](CircuitB& c) { c.break_copy = true; });
  expect_refused(pk, "sh", [](CircuitB& c) { c.break_shuffle = true; });
  expect_refused(pk, "pairs", [](CircuitB& c) { c.break_lookup = true; });
  expect_refused(pk, "combine", [](CircuitB& c) { c.break_challenge_gate = true; });
  expect_refused(pk, "product", [](CircuitB& c) { c.break_product = true; });
}

TEST(Prover, WrongPublicInputsAreRefused) {
  CircuitB circuit;
  const ProvingKey pk = keygen(test_srs(6), circuit, 6);
  for (const auto& [column, row] : {std::pair{0, 0}, {0, 1}, {1, 1}}) {
    Instances wrong = CircuitB::honest_instances();
    wrong[column][row] += Fr::one();
    EXPECT_FALSE(proves(circuit, pk, wrong)) << column << " " << row;
  }
}

TEST(Prover, PublicInputsOfAnotherLengthAreRefused) {
  CircuitB circuit;
  const ProvingKey pk = keygen(test_srs(6), circuit, 6);
  SeededRng rng(7);
  std::array<Circuit*, 1> circuits = {&circuit};
  const std::array<Instances, 1> inputs = {CircuitB::honest_instances()};
  const Bytes proof = create_proof(test_srs(6), pk, circuits, inputs, rng);
  const VerifierParams params{test_srs(6).s_g2};
  EXPECT_TRUE(verify_proof(params, pk.vk, inputs, proof).accepted);
  std::array<Instances, 1> longer = inputs;
  longer[0][0].push_back(Fr::zero());  // the same polynomial, another statement
  EXPECT_FALSE(verify_proof(params, pk.vk, longer, proof).accepted);
  // The transcript absorbs values, not lengths: moving one across columns absorbs the same bytes.
  std::array<Instances, 1> moved = inputs;
  moved[0][1].insert(moved[0][1].begin(), moved[0][0].back());
  moved[0][0].pop_back();
  EXPECT_FALSE(verify_proof(params, pk.vk, moved, proof).accepted);
}

TEST(Prover, TwoCircuitsInOneProof) {
  CircuitA first, second;
  second.advice = {2, 5, 2, 12, 3, 2, 18, 5};
  const ProvingKey pk = keygen(test_srs(5), first, 5);
  SeededRng rng(3);
  std::array<Circuit*, 2> circuits = {&first, &second};
  const std::array<Instances, 2> inputs = {CircuitA::honest_instances(), CircuitA::honest_instances()};
  const Bytes proof = create_proof(test_srs(5), pk, circuits, inputs, rng);
  EXPECT_TRUE(verify_proof({test_srs(5).s_g2}, pk.vk, inputs, proof).accepted);
  EXPECT_FALSE(verify_proof({test_srs(5).s_g2}, pk.vk, std::span(inputs).first(1), proof).accepted);
}

TEST(Prover, EveryProfileOpeningAndTranscript) {
  for (const Profile profile : kProfiles) {
    CircuitB circuit;
    circuit.with_shuffle = profile != Profile::axiom;
    const ProvingKey pk = keygen(test_srs(6), circuit, 6, true, profile);
    const std::array<Instances, 1> inputs = {CircuitB::honest_instances()};
    std::array<Circuit*, 1> circuits = {&circuit};
    const VerifierParams params{test_srs(6).s_g2};
    for (const Opening opening : {Opening::shplonk, Opening::gwc}) {
      for (const TranscriptHash hash : {TranscriptHash::blake2b, TranscriptHash::keccak256}) {
        const ProofFormat format{opening, hash};
        SeededRng rng(11);
        const Bytes proof = create_proof(test_srs(6), pk, circuits, inputs, rng, format);
        EXPECT_EQ(proof.size(), pk.vk.cs.proof_bytes(1, opening));
        const VerifyResult result = verify_proof(params, pk.vk, inputs, proof, format);
        EXPECT_TRUE(result.accepted) << profile_name(profile) << ": " << result.reason;
        for (const Opening other : {Opening::shplonk, Opening::gwc}) {
          for (const TranscriptHash other_hash : {TranscriptHash::blake2b, TranscriptHash::keccak256}) {
            const ProofFormat wrong{other, other_hash};
            if (wrong == format) continue;
            EXPECT_FALSE(verify_proof(params, pk.vk, inputs, proof, wrong).accepted);
          }
        }
        for (std::size_t i = 0; i < proof.size(); i += 32) {
          Bytes changed = proof;
          changed[i] ^= 1;  // each message in turn
          EXPECT_FALSE(verify_proof(params, pk.vk, inputs, changed, format).accepted) << "byte " << i;
        }
      }
    }
  }
}

TEST(Prover, ManyProofsInOneCheck) {
  CircuitB b;
  CircuitA a;
  const ProvingKey pk_b = keygen(test_srs(6), b, 6), pk_a = keygen(test_srs(6), a, 6);
  const std::vector<Instances> inputs_b = {CircuitB::honest_instances()}, inputs_a = {CircuitA::honest_instances()};
  std::array<Circuit*, 1> circuit_b = {&b}, circuit_a = {&a};
  SeededRng rng(12);
  const ProofFormat gwc{Opening::gwc, TranscriptHash::keccak256};
  const Bytes proof_b = create_proof(test_srs(6), pk_b, circuit_b, inputs_b, rng);
  Bytes proof_a = create_proof(test_srs(6), pk_a, circuit_a, inputs_a, rng, gwc);
  const VerifierParams params{test_srs(6).s_g2};
  std::vector<ProofToVerify> proofs = {
      {&pk_b.vk, inputs_b, proof_b, {}}, {&pk_a.vk, inputs_a, proof_a, gwc}, {&pk_b.vk, inputs_b, proof_b, {}}};
  EXPECT_TRUE(verify_proofs(params, proofs, rng).accepted);
  EXPECT_TRUE(verify_proofs(params, {}, rng).accepted);
  proofs[1].instances[0][0][0] += Fr::one();
  EXPECT_THAT(verify_proofs(params, proofs, rng).reason, ::testing::HasSubstr("at least one of the 3"));
  proofs[1].instances = inputs_a;
  Bytes cut = proof_a;
  cut.pop_back();
  proofs[1].proof = cut;
  EXPECT_THAT(verify_proofs(params, proofs, rng).reason, ::testing::HasSubstr("proof 1: "));
}

/// One column at rotations 1 and 1 - n: one cell of a row, two evaluations in a proof of which an opening binds one.
class CollidingQueries : public Circuit {
 public:
  int rotation = 1;
  void configure(ConstraintSystem& cs) override {
    a_ = cs.advice_column();
    on_ = cs.selector();
    cs.create_gate("equal", [&](VirtualCells& meta) {
      const Expression next = meta.query(a_, {1}), same = meta.query(a_, {rotation});
      return ConstraintSystem::NamedPolynomials{{"", meta.query_selector(on_) * (next - same)}};
    });
  }
  void synthesize(Layouter& layouter) const override {
    layouter.assign_region("one", [&](Region& region) {
      region.enable_selector(on_, 0);
      region.assign_advice("a", a_, 1, [] { return Fr::one(); });
      return 0;
    });
  }

 private:
  AdviceColumn a_;
  Selector on_;
};

TEST(Keygen, RefusesTwoRotationsThatAreOneRow) {
  CollidingQueries circuit;
  EXPECT_NO_THROW(keygen(test_srs(5), circuit, 5));
  for (const int rotation : {1 - 32, 1 + 32}) {
    circuit.rotation = rotation;
    try {
      keygen(test_srs(5), circuit, 5);
      FAIL() << rotation;
    } catch (const Error& error) {
      EXPECT_THAT(error.message(), ::testing::HasSubstr("which are one row"));
    }
    EXPECT_NO_THROW(keygen(test_srs(6), circuit, 6)) << rotation;
  }
}

/// a^6 = 1 where switched on: degree 7 with its selector.
class DegreeSeven : public Circuit {
 public:
  std::optional<std::size_t> minimum_degree;
  void configure(ConstraintSystem& cs) override {
    a_ = cs.advice_column();
    on_ = cs.selector();
    cs.create_gate("power", [&](VirtualCells& meta) {
      const Expression a = meta.query(a_, Rotation::cur()), cube = a * a * a;
      return ConstraintSystem::NamedPolynomials{
          {"", meta.query_selector(on_) * (cube * cube - Expression::constant(Fr::one()))}};
    });
    if (minimum_degree) cs.set_minimum_degree(*minimum_degree);
  }
  void synthesize(Layouter& layouter) const override {
    layouter.assign_region("one", [&](Region& region) {
      region.enable_selector(on_, 0);
      return region.assign_advice("a", a_, 0, [] { return Fr::from_i64(-1); });
    });
  }

 private:
  AdviceColumn a_;
  Selector on_;
};

TEST(Keygen, AxiomRefusesADegreeItWouldCut) {
  DegreeSeven circuit;
  EXPECT_NO_THROW(keygen(test_srs(5), circuit, 5));
  try {
    keygen(test_srs(5), circuit, 5, false, Profile::axiom);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), ::testing::HasSubstr("call set_minimum_degree(7)"));
  }
  circuit.minimum_degree = 7;
  const ProvingKey pk = keygen(test_srs(5), circuit, 5, false, Profile::axiom);
  EXPECT_TRUE(proves(circuit, pk, {}));
}

TEST(Keygen, AxiomRefusesShuffles) {
  CircuitB circuit;
  EXPECT_THROW(keygen(test_srs(6), circuit, 6, true, Profile::axiom), Error);
}

TEST(Prover, SameSeedSameBytesOnAnyThreadCount) {
  CircuitB circuit;
  const ProvingKey pk = keygen(test_srs(6), circuit, 6);
  std::array<Circuit*, 1> circuits = {&circuit};
  const std::array<Instances, 1> inputs = {CircuitB::honest_instances()};
  std::vector<Bytes> proofs;
  for (const std::size_t threads : {1, 2}) {
    set_thread_count(threads);
    SeededRng rng(9);
    proofs.push_back(create_proof(test_srs(6), pk, circuits, inputs, rng));
  }
  set_thread_count(0);
  EXPECT_EQ(proofs[0], proofs[1]);
  SeededRng other(10);
  EXPECT_NE(create_proof(test_srs(6), pk, circuits, inputs, other), proofs[0]);
}

TEST(Prover, ProvingKeyFromAVerifyingKeyProvesTheSame) {
  CircuitB circuit;
  const ProvingKey pk = keygen(test_srs(6), circuit, 6);
  EXPECT_TRUE(proves(circuit, proving_key(pk.vk, circuit), CircuitB::honest_instances()));
  CircuitA other;
  EXPECT_THROW(proving_key(pk.vk, other), Error);
}

TEST(Keygen, RefusesAnSrsThatIsTooSmallAndACircuitThatIsTooLarge) {
  CircuitB circuit;
  try {
    keygen(test_srs(5), circuit, 6);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::srs);
  }
  EXPECT_THROW(keygen(test_srs(6), circuit, 4), Error);  // 16 table rows do not fit
}

TEST(Keygen, LargerSrsGivesTheSameKey) {
  CircuitA circuit;
  const Srs large = test_srs(8);
  EXPECT_EQ(keygen(large, circuit, 5).vk.digest(), keygen(large.truncated(5), circuit, 5).vk.digest());
}

TEST(VerifyingKeyFile, EveryCutIsAnError) {
  CircuitA circuit;
  const ProvingKey pk = keygen(test_srs(5), circuit, 5);
  const Bytes bytes = pk.vk.write(SerdeFormat::processed);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(
        VerifyingKey::read(ByteSpan(bytes).first(length), SerdeFormat::processed, Profile::pse_v030, circuit).ok());
  }
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(VerifyingKey::read(longer, SerdeFormat::processed, Profile::pse_v030, circuit).ok());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes changed = bytes;
    changed[i] ^= 0x10;
    const auto read = VerifyingKey::read(changed, SerdeFormat::processed, Profile::pse_v030, circuit);
    if (read.ok()) {
      EXPECT_NE(read.value().write(SerdeFormat::processed), bytes);
    }
  }
}

}  // namespace
}  // namespace ll::halo2
