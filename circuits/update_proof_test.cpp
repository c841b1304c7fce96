// Real proofs of `update`. Each program run makes its SRS anew, so a test holds many checks.
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "circuits/statements.hpp"
#include "circuits/update_lies.hpp"
#include "halo2/circuit_description.hpp"
#include "halo2/keygen.hpp"
#include "halo2/prover.hpp"
#include "halo2/verifier.hpp"

namespace ll::circuits {
namespace {

using halo2::Instances;

/// Keys of one setting with a TEST-ONLY SRS.
class Prover {
 public:
  explicit Prover(const Setting& setting) : setting_(setting) {
    UpdateCircuit circuit(setting.shape, setting.encoder);
    SeededRng rng(1);
    srs_ = halo2::unsafe_srs::generate(circuit.k(), rng);
    pk_ = halo2::keygen(srs_, circuit, circuit.k(), false);
  }

  Bytes prove(UpdateCircuit& circuit, const Instances& instances, std::uint64_t seed = 2) const {
    SeededRng rng(seed);
    halo2::Circuit* const circuits[] = {&circuit};
    return halo2::create_proof(srs_, pk_, circuits, {&instances, 1}, rng);
  }
  Bytes prove(const UpdateWitness& witness) const {
    UpdateCircuit circuit(setting_.shape, setting_.encoder, trace_update(setting_.shape, setting_.encoder, witness));
    return prove(circuit, instances(witness));
  }
  /// The public inputs as the integer encoder gives them.
  Instances instances(const UpdateWitness& witness) const {
    return update_statement(setting_.shape, setting_.encoder, witness).to_instances(setting_.shape);
  }
  bool accepts(const Instances& instances, ByteSpan proof) const {
    return halo2::verify_proof({srs_.s_g2}, pk_.vk, {&instances, 1}, proof).accepted;
  }

 private:
  const Setting& setting_;
  halo2::Srs srs_;
  halo2::ProvingKey pk_;
};

/// Every public word, changed in each of a few ways.
void expect_every_word_bound(const Prover& prover, const Instances& instances, ByteSpan proof,
                             std::span<const Fr> changes) {
  for (std::size_t column = 0; column < instances.size(); ++column) {
    for (std::size_t word = 0; word < instances[column].size(); ++word) {
      for (const Fr& change : changes) {
        Instances altered = instances;
        altered[column][word] += change;
        EXPECT_FALSE(prover.accepts(altered, proof)) << "column " << column << " word " << word;
      }
    }
  }
}

TEST(UpdateProof, KeyFollowsFromTheCircuitAsData) {
  const Setting setting = small_setting();
  UpdateCircuit circuit(setting.shape, setting.encoder);
  const std::string text = halo2::encode_circuit(halo2::describe(circuit, circuit.k(), false));
  halo2::DescribedCircuit described(halo2::decode_circuit(text, "circuit").value_or_throw());
  SeededRng rng(1);
  const halo2::Srs srs = halo2::unsafe_srs::generate(circuit.k(), rng);
  const halo2::VerifyingKey own = halo2::keygen(srs, circuit, circuit.k(), false).vk;
  const halo2::VerifyingKey from_text = halo2::keygen(srs, described, circuit.k(), false).vk;
  EXPECT_EQ(from_text.pinned_text(), own.pinned_text());
  EXPECT_EQ(from_text.write(halo2::SerdeFormat::processed), own.write(halo2::SerdeFormat::processed));
}

TEST(UpdateProof, FullSizeIsAcceptedInExactly928Bytes) {
  const Setting setting = full_setting();
  const Prover prover(setting);
  UpdateWitness witness = setting.witness;
  while (witness.transfers.size() < setting.shape.transfers) {
    const auto t = static_cast<std::uint32_t>(witness.transfers.size());
    witness.transfers.push_back({t % 128, (7 * t + 1) % 128 == t % 128 ? (t + 1) % 128 : (7 * t + 1) % 128, 1 + t % 5});
  }
  const Instances instances = prover.instances(witness);
  const Bytes proof = prover.prove(witness);
  EXPECT_EQ(proof.size(), 928u);
  ASSERT_TRUE(prover.accepts(instances, proof));
  const Fr one[] = {Fr::one()};
  expect_every_word_bound(prover, instances, proof, one);
  for (std::size_t position = 0; position < proof.size(); position += 31) {
    Bytes altered = proof;
    altered[position] ^= 1;
    EXPECT_FALSE(prover.accepts(instances, altered)) << position;
  }
  // Columns of another length are refused, also by words that would be zero anyway.
  for (std::size_t column = 0; column < 3; ++column) {
    Instances longer = instances, shorter = instances;
    longer[column].push_back(Fr::zero());
    shorter[column].pop_back();
    EXPECT_FALSE(prover.accepts(longer, proof));
    EXPECT_FALSE(prover.accepts(shorter, proof));
  }
  // Another batch's proof is not this statement's.
  const Bytes other = prover.prove(setting.witness);
  EXPECT_TRUE(prover.accepts(prover.instances(setting.witness), other));
  EXPECT_FALSE(prover.accepts(instances, other));
}

TEST(UpdateProof, SmallShapeRefusesEveryChangedByteAndCut) {
  const Setting setting = small_setting();
  const Prover prover(setting);
  const Instances instances = prover.instances(setting.witness);
  const Bytes proof = prover.prove(setting.witness);
  EXPECT_EQ(proof.size(), 928u);
  ASSERT_TRUE(prover.accepts(instances, proof));
  for (std::size_t position = 0; position < proof.size(); ++position) {
    Bytes altered = proof;
    altered[position] ^= static_cast<std::uint8_t>(1u << (position % 8));
    EXPECT_FALSE(prover.accepts(instances, altered)) << position;
  }
  for (std::size_t length = 0; length < proof.size(); length += 7) {
    EXPECT_FALSE(prover.accepts(instances, ByteSpan(proof).first(length))) << length;
  }
  Bytes longer = proof;
  longer.push_back(0);
  EXPECT_FALSE(prover.accepts(instances, longer));
  const Fr changes[] = {Fr::one(), -Fr::one(), Fr::from_u64(std::uint64_t{1} << 60)};
  expect_every_word_bound(prover, instances, proof, changes);
}

TEST(UpdateProof, EveryLieIsRefusedByTheVerifier) {
  const Setting setting = small_setting();
  const Prover prover(setting);
  for (const Lie& lie : update_lies(setting.shape)) {
    SCOPED_TRACE(lie.name);
    const Attempt attempt = lie.tell(setting);
    try {
      const Bytes proof = prover.prove(*attempt.circuit, attempt.instances);
      EXPECT_EQ(proof.size(), 928u);
      EXPECT_FALSE(prover.accepts(attempt.instances, proof));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::unsatisfied) << error.what();
    }
  }
  EXPECT_TRUE(prover.accepts(prover.instances(setting.witness), prover.prove(setting.witness)));
}

/// Limbs, columns of transfers, ranged start balances, long runs: a true batch is proved, lies are refused by the real
/// verifier (each by MockProver: UpdateLies), and no public word can be changed.
TEST(UpdateProof, EveryKindOfShape) {
  std::size_t turn = 0;
  for (const auto& [name, setting] : small_settings()) {
    SCOPED_TRACE(name);
    const Prover prover(setting);
    const Instances instances = prover.instances(setting.witness);
    const Bytes proof = prover.prove(setting.witness);
    ASSERT_TRUE(prover.accepts(instances, proof));
    const Fr one[] = {Fr::one()};
    if (instances[0].size() <= 16) expect_every_word_bound(prover, instances, proof, one);
    const std::vector<Lie> lies = update_lies(setting.shape);
    // Where a batch stands alone, all of them, start balances among them; elsewhere one in five.
    const std::size_t step = name == "standalone" ? 1 : 5;
    for (std::size_t i = turn++ % step; i < lies.size(); i += step) {
      SCOPED_TRACE(lies[i].name);
      const Attempt attempt = lies[i].tell(setting);
      try {
        EXPECT_FALSE(prover.accepts(attempt.instances, prover.prove(*attempt.circuit, attempt.instances)));
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::unsatisfied) << error.what();
      }
    }
  }
}

/// Batches and ledgers of other sizes; 65,536 transfers and 1,024 accounts: ll_size_bench.
TEST(UpdateProof, OtherSizes) {
  for (const UpdateShape& shape :
       {UpdateShape{.transfers = 1}, UpdateShape{.encoder = {.accounts = 16}},
        UpdateShape{.encoder = {.accounts = 16, .dims = 64}, .transfers = 4096, .columns = 8}}) {
    SampleStatement sample = sample_statement(kUpdate, shape);
    SCOPED_TRACE(sample.k);
    SeededRng rng(1);
    const halo2::Srs srs = halo2::unsafe_srs::generate(sample.k, rng);
    const halo2::ProvingKey pk = halo2::keygen(srs, *sample.circuit, sample.k, false);
    halo2::Circuit* const circuits[] = {sample.circuit.get()};
    const Bytes proof = halo2::create_proof(srs, pk, circuits, {&sample.instances, 1}, rng);
    EXPECT_TRUE(halo2::verify_proof({srs.s_g2}, pk.vk, {&sample.instances, 1}, proof).accepted);
    sample.instances[1][0] += Fr::one();
    EXPECT_FALSE(halo2::verify_proof({srs.s_g2}, pk.vk, {&sample.instances, 1}, proof).accepted);
  }
}

TEST(UpdateProof, IsForTheKeysEncoder) {
  const Setting setting = small_setting();
  const Prover prover(setting);
  std::vector<std::int16_t> vhat(setting.encoder.vhat().begin(), setting.encoder.vhat().end());
  vhat[20] = static_cast<std::int16_t>(-vhat[20] / 2 + 1);
  const auto ids = setting.encoder.account_ids();
  Setting other = setting;
  other.encoder = model::QuantizedEncoder(setting.shape.encoder, {ids.begin(), ids.end()}, std::move(vhat));
  const UpdateTrace trace = trace_update(other.shape, other.encoder, other.witness);
  UpdateCircuit circuit(other.shape, other.encoder, trace);  // true for the other encoder
  try {
    EXPECT_FALSE(prover.accepts(trace.instances(), prover.prove(circuit, trace.instances())));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsatisfied) << error.what();
  }
  EXPECT_TRUE(Prover(other).accepts(trace.instances(), Prover(other).prove(circuit, trace.instances())));
}

TEST(UpdateProof, NeedsAWitness) {
  const Setting setting = small_setting();
  const Prover prover(setting);
  UpdateCircuit circuit(setting.shape, setting.encoder);
  EXPECT_THROW(prover.prove(circuit, prover.instances(setting.witness)), Error);
}

}  // namespace
}  // namespace ll::circuits
