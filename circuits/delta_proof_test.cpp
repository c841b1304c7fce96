// Real proofs of `delta`.
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "circuits/delta_lies.hpp"
#include "halo2/keygen.hpp"
#include "halo2/prover.hpp"
#include "halo2/verifier.hpp"
#include "model/test_encoder.hpp"

namespace ll::circuits {
namespace {

using halo2::Instances;

/// Keys of one encoder with a TEST-ONLY SRS.
class Prover {
 public:
  explicit Prover(const model::QuantizedEncoder& encoder) : encoder_(encoder) {
    DeltaCircuit circuit(encoder);
    SeededRng rng(1);
    srs_ = halo2::unsafe_srs::generate(circuit.k(), rng);
    pk_ = halo2::keygen(srs_, circuit, circuit.k(), false);
  }
  Bytes prove(DeltaCircuit& circuit, const Instances& instances) const {
    SeededRng rng(2);
    halo2::Circuit* const circuits[] = {&circuit};
    return halo2::create_proof(srs_, pk_, circuits, {&instances, 1}, rng);
  }
  Bytes prove(const DeltaWitness& witness) const {
    DeltaCircuit circuit(encoder_, trace_delta(encoder_, witness));
    return prove(circuit, instances(witness));
  }
  Instances instances(const DeltaWitness& witness) const {
    return delta_instances(encoder_.shape(), delta_vector(encoder_, witness));
  }
  bool accepts(const Instances& instances, ByteSpan proof) const {
    return halo2::verify_proof({srs_.s_g2}, pk_.vk, {&instances, 1}, proof).accepted;
  }

 private:
  const model::QuantizedEncoder& encoder_;
  halo2::Srs srs_;
  halo2::ProvingKey pk_;
};

TEST(DeltaProof, FullSizeIsAcceptedInExactly1024Bytes) {
  const DeltaSetting s = full_delta_setting();
  const Prover prover(s.encoder);
  const Instances instances = prover.instances(s.witness);
  const Bytes proof = prover.prove(s.witness);
  EXPECT_EQ(proof.size(), 1024u);
  ASSERT_TRUE(prover.accepts(instances, proof));
  for (std::size_t word = 0; word < instances[0].size(); ++word) {
    Instances altered = instances;
    altered[0][word] += Fr::one();
    EXPECT_FALSE(prover.accepts(altered, proof)) << word;
  }
  for (std::size_t position = 0; position < proof.size(); position += 31) {
    Bytes altered = proof;
    altered[position] ^= 1;
    EXPECT_FALSE(prover.accepts(instances, altered)) << position;
  }
  Instances longer = instances, shorter = instances;
  longer[0].push_back(Fr::zero());
  shorter[0].pop_back();
  EXPECT_FALSE(prover.accepts(longer, proof));
  EXPECT_FALSE(prover.accepts(shorter, proof));
  EXPECT_FALSE(prover.accepts(prover.instances({17, 101, 3'999'999'999}), proof));
  EXPECT_FALSE(prover.accepts(prover.instances({101, 17, 4'000'000'000}), proof));
}

TEST(DeltaProof, EveryLieIsRefusedByTheVerifier) {
  const DeltaSetting s = small_delta_setting();
  const Prover prover(s.encoder);
  for (const DeltaLie& lie : delta_lies()) {
    SCOPED_TRACE(lie.name);
    const auto attempt = lie.tell(s);
    try {
      const Bytes proof = prover.prove(*attempt.circuit, attempt.instances);
      EXPECT_FALSE(prover.accepts(attempt.instances, proof));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::unsatisfied) << error.what();
    }
  }
  EXPECT_TRUE(prover.accepts(prover.instances(s.witness), prover.prove(s.witness)));
}

/// Every transfer of three accounts and amounts below 8 has a proof, which is of that delta and of no other.
TEST(DeltaProof, EveryTransferOfATinyLedger) {
  const auto encoder = model::random_encoder({3, 8, 14, 3}, 6);
  const Prover prover(encoder);
  std::vector<Instances> all;
  std::vector<Bytes> proofs;
  for (std::uint32_t code = 0; code < 3 * 3 * 8; ++code) {
    const DeltaWitness witness{code / 24, code / 8 % 3, code % 8};
    if (witness.sender == witness.receiver) continue;
    all.push_back(prover.instances(witness));
    proofs.push_back(prover.prove(witness));
    EXPECT_EQ(proofs.back().size(), 992u);  // one block: no query of the next one
  }
  ASSERT_EQ(all.size(), 48u);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_TRUE(prover.accepts(all[i], proofs[i]));
    const std::size_t other = (i + 9) % all.size();
    EXPECT_EQ(prover.accepts(all[other], proofs[i]), all[other] == all[i]);
  }
}

}  // namespace
}  // namespace ll::circuits
