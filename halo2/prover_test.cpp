// Prove, verify, and lie: small circuits through the whole protocol.
#include "halo2/prover.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(Prover, EachArgumentRefusesItsLie) {
  CircuitB circuit;
  const ProvingKey pk = keygen(test_srs(6), circuit, 6);
  expect_refused(pk, "copy", [](CircuitB& c) { c.break_copy = true; });
  expect_refused(pk, "mirror", [](CircuitB& c) { c.break_shuffle = true; });
  expect_refused(pk, "pair", [](CircuitB& c) { c.break_lookup = true; });
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
  const Bytes bytes = pk.vk.write(SerdeFormat::processed, VkLayout::pse_v030);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(
        VerifyingKey::read(ByteSpan(bytes).first(length), SerdeFormat::processed, VkLayout::pse_v030, circuit).ok());
  }
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(VerifyingKey::read(longer, SerdeFormat::processed, VkLayout::pse_v030, circuit).ok());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes changed = bytes;
    changed[i] ^= 0x10;
    const auto read = VerifyingKey::read(changed, SerdeFormat::processed, VkLayout::pse_v030, circuit);
    if (read.ok()) {
      EXPECT_NE(read.value().write(SerdeFormat::processed, VkLayout::pse_v030), bytes);
    }
  }
}

TEST(MockProver, NamesGateRegionRowAndValues) {
  CircuitA lie;
  lie.advice[3] = 13;
  const auto failures = MockProver::run(5, lie, CircuitA::honest_instances());
  ASSERT_THAT(failures, SizeIs(2));  // 2 + 5 * 2 = 13 and 13 + 3 * 2 = 18 both fail
  EXPECT_EQ(
      failures[0].to_string(),
      "\"a + b c = d\" fails in \"all\", row 0 (absolute 0): advice 0 @ +0 = 2, advice 0 @ +1 = 5, advice 0 @ +2 = 2, "
      "advice 0 @ +3 = 13");
}

TEST(MockProver, FindsCopiesAndInstances) {
  CircuitA lie;
  lie.advice[7] = 6;
  EXPECT_THAT(MockProver::run(5, lie, CircuitA::honest_instances()), SizeIs(1));
  CircuitA honest;
  Instances wrong = CircuitA::honest_instances();
  wrong[0][0] = Fr::from_i64(-18);
  const auto failures = MockProver::run(5, honest, wrong);
  ASSERT_THAT(failures, SizeIs(1));
  EXPECT_EQ(failures[0].cells[1], (std::pair<std::string, std::string>{"instance 0 row 0", "-18"}));
}

}  // namespace
}  // namespace ll::halo2
