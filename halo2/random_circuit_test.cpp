// Random circuits through keygen, prover and verifier: shuffles, several circuits in one proof and unblinded columns
// too, which no other implementation at hand can check (docs/interop.md has those it can).
#include "halo2/random_circuit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "halo2/mock_prover.hpp"
#include "halo2/prover.hpp"

namespace ll::halo2 {
namespace {

using testing::make_random_circuit;
using testing::RandomCircuit;

constexpr std::uint64_t kSeeds = 24;

const Srs& srs_of(unsigned k) {
  static std::map<unsigned, Srs> made;
  SeededRng rng(42);
  if (!made.contains(k)) made.emplace(k, unsafe_srs::generate(k, rng));
  return made.at(k);
}

/// Two circuits in one proof; profile, opening and transcript take turns.
struct Pair {
  explicit Pair(std::uint64_t seed)
      : made(make_random_circuit(seed, {.shuffles = true, .witnesses = 2})),
        first(made.circuit, made.witnesses[0]),
        second(made.circuit, made.witnesses[1]),
        format{.opening = seed % 2 == 0 ? Opening::shplonk : Opening::gwc,
               .hash = seed % 4 < 2 ? TranscriptHash::blake2b : TranscriptHash::keccak256},
        pk(keygen(srs(), first, made.circuit.k, made.circuit.compress_selectors, profile(seed))) {}

  static Profile profile(std::uint64_t seed) {
    constexpr std::array kWithShuffles = {Profile::pse_v030, Profile::pse_main, Profile::ezkl};
    return kWithShuffles[seed % kWithShuffles.size()];
  }

  const Srs& srs() const { return srs_of(made.circuit.k); }
  bool accepts(const std::vector<Instances>& instances, ByteSpan proof) const {
    return verify_proof({srs().s_g2}, pk.vk, instances, proof, format).accepted;
  }
  /// Whether a proof of these witnesses comes out and is accepted.
  bool proves(std::vector<Circuit*> circuits, const std::vector<Instances>& instances) const {
    SeededRng rng(7);
    try {
      return accepts(instances, create_proof(srs(), pk, circuits, instances, rng, format));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::unsatisfied) << error.message();
      return false;
    }
  }

  RandomCircuit made;
  DescribedCircuit first, second;
  ProofFormat format;
  ProvingKey pk;
};

TEST(RandomCircuits, SameSeedSameCircuit) {
  const RandomCircuit a = make_random_circuit(3), b = make_random_circuit(3), c = make_random_circuit(4);
  EXPECT_EQ(encode_circuit(a.circuit), encode_circuit(b.circuit));
  EXPECT_EQ(encode_witness(a.circuit, a.witnesses[0]), encode_witness(b.circuit, b.witnesses[0]));
  EXPECT_NE(encode_circuit(a.circuit), encode_circuit(c.circuit));
}

TEST(RandomCircuits, TwoInOneProofAreAcceptedAndChangesRefused) {
  std::size_t shuffles = 0, unblinded = 0, phases = 0, different = 0, beyond_five = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Pair pair(seed);
    const ConstraintSystem& cs = pair.pk.vk.cs;
    shuffles += cs.shuffles().size();
    unblinded += static_cast<std::size_t>(std::ranges::count(cs.unblinded_advice(), true));
    phases += cs.max_phase() > 0 ? 1 : 0;
    beyond_five += cs.degree() > 5 ? 1 : 0;
    const std::vector<Instances> instances = {pair.made.witnesses[0].instances, pair.made.witnesses[1].instances};
    SeededRng rng(seed);
    const std::vector<Circuit*> circuits = {&pair.first, &pair.second};
    const Bytes proof = create_proof(pair.srs(), pair.pk, circuits, instances, rng, pair.format);
    EXPECT_EQ(proof.size(), cs.proof_bytes(2, pair.format.opening));
    ASSERT_TRUE(pair.accepts(instances, proof));
    for (int i = 0; i < 4; ++i) {
      Bytes changed = proof;
      changed[rng.below(proof.size())] ^= static_cast<std::uint8_t>(1u << rng.below(8));
      EXPECT_FALSE(pair.accepts(instances, changed));
    }
    if (instances[0] != instances[1]) {
      ++different;
      EXPECT_FALSE(pair.accepts({instances[1], instances[0]}, proof));
    }
    EXPECT_FALSE(pair.accepts({instances[0]}, proof));
    for (std::size_t column = 0; column < instances[1].size(); ++column) {
      if (instances[1][column].empty()) continue;
      auto changed = instances;
      changed[1][column].back() += Fr::one();
      EXPECT_FALSE(pair.accepts(changed, proof));
    }
  }
  // The generator must go on to make what this test is for.
  EXPECT_GE(shuffles, kSeeds);
  EXPECT_GE(unblinded, kSeeds / 2);
  EXPECT_GE(phases, kSeeds / 4);
  EXPECT_GE(different, kSeeds / 2);
  EXPECT_GE(beyond_five, kSeeds / 4);
}

TEST(RandomCircuits, ProverAndVerifierSayWhatTheRowsSay) {
  std::size_t true_ones = 0, lies = 0;
  for (std::uint64_t seed = 100; seed < 100 + kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Pair pair(seed);
    WitnessDescription witness = pair.made.witnesses[0];
    EXPECT_THAT(MockProver::run(pair.made.circuit.k, pair.first, witness.instances), ::testing::IsEmpty());
    SeededRng rng(seed);
    // One cell of phase 0 changes: MockProver looks at every row and tells whether that is a lie.
    std::size_t column = 0;
    do {
      column = rng.below(witness.advice.size());
    } while (witness.advice[column].empty());
    Fr& cell = witness.advice[column][rng.below(witness.advice[column].size())];
    cell = cell + Fr::one();
    DescribedCircuit changed(pair.made.circuit, witness);
    const bool is_true = MockProver::run(pair.made.circuit.k, changed, witness.instances).empty();
    EXPECT_EQ(pair.proves({&changed}, {witness.instances}), is_true);
    (is_true ? true_ones : lies) += 1;
  }
  EXPECT_GE(lies, kSeeds / 4);
  EXPECT_GE(true_ones, kSeeds / 8);
}

TEST(RandomCircuits, KeysFollowFromTheirText) {
  for (std::uint64_t seed = 200; seed < 200 + kSeeds / 2; ++seed) {
    SCOPED_TRACE(seed);
    Pair pair(seed);
    const std::string text = encode_circuit(pair.made.circuit);
    DescribedCircuit read(decode_circuit(text, "circuit").value_or_throw());
    const ProvingKey pk =
        keygen(pair.srs(), read, pair.made.circuit.k, pair.made.circuit.compress_selectors, Pair::profile(seed));
    EXPECT_EQ(pk.vk.digest(), pair.pk.vk.digest());
    EXPECT_EQ(encode_circuit(describe(read, pair.made.circuit.k, pair.made.circuit.compress_selectors)), text);
  }
}

}  // namespace
}  // namespace ll::halo2
