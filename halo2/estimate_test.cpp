// Estimates against real keys and proofs. Time and memory: tools/estimate_report.py.
#include "halo2/estimate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "algebra/msm.hpp"
#include "base/error.hpp"
#include "halo2/prover.hpp"
#include "halo2/test_circuits.hpp"

namespace ll::halo2 {
namespace {

/// Everything that can be counted agrees with the key and with a proof.
template <class C>
void expect_exact(unsigned k, bool compress) {
  C circuit;
  const Instances instances = C::honest_instances();
  const Estimate e = estimate(circuit, k, compress, reference_costs(), &instances);
  SeededRng rng(3);
  const Srs srs = unsafe_srs::generate(k, rng);
  const ProvingKey pk = keygen(srs, circuit, k, compress);
  EXPECT_EQ(e.k, pk.vk.k);
  EXPECT_EQ(e.advice_columns, pk.vk.cs.advice_columns());
  EXPECT_EQ(e.fixed_columns, pk.vk.fixed_commitments.size());
  EXPECT_EQ(e.instance_columns, pk.vk.cs.instance_columns());
  EXPECT_EQ(e.copied_columns, pk.vk.permutation_commitments.size());
  EXPECT_EQ(e.lookups, pk.vk.cs.lookups().size());
  EXPECT_EQ(e.degree, pk.vk.cs.degree());
  EXPECT_EQ(e.usable_rows, pk.vk.cs.usable_rows(k));
  Circuit* const circuits[] = {&circuit};
  const Instances inputs[] = {instances};
  EXPECT_EQ(e.proof_bytes, create_proof(srs, pk, circuits, inputs, rng).size());
  EXPECT_GT(e.prove_ms, 0);
}

TEST(Estimate, CountsWhatKeyAndProofHave) {
  for (const bool compress : {true, false}) {
    SCOPED_TRACE(compress);
    expect_exact<testing::CircuitA>(5, compress);
    expect_exact<testing::CircuitB>(6, compress);
  }
}

TEST(Estimate, NamesRowsRegionsAndCopies) {
  testing::CircuitA circuit;
  const Estimate e = estimate(circuit, 5, true, reference_costs());
  EXPECT_EQ(e.used_rows, 16u);  // of the table
  EXPECT_EQ(e.regions, 2u);
  EXPECT_EQ(e.copies, 5u);
  EXPECT_EQ(e.selectors, 2u);
  EXPECT_EQ(e.constraints, 1u);
}

TEST(Estimate, GrowsWithTheRows) {
  testing::CircuitA circuit;
  Estimate smaller = estimate(circuit, 8, true, reference_costs());
  for (unsigned k = 9; k <= 13; ++k) {
    const Estimate larger = estimate(circuit, k, true, reference_costs());
    // From 2^8 to 2^9 rows what a commitment costs at least still shows.
    EXPECT_GT(larger.prove_ms, (k == 9 ? 1.45 : 1.6) * smaller.prove_ms) << k;
    EXPECT_GT(larger.prove_bytes, smaller.prove_bytes) << k;
    EXPECT_EQ(larger.proof_bytes, smaller.proof_bytes) << k;
    smaller = larger;
  }
}

TEST(Estimate, SmallWitnessesAreCheaperToCommitTo) {
  testing::CircuitA circuit;
  const Instances instances = testing::CircuitA::honest_instances();
  const Estimate with = estimate(circuit, 12, true, reference_costs(), &instances);
  const Estimate without = estimate(circuit, 12, true, reference_costs());
  EXPECT_LT(with.operations.msm, 0.9 * without.operations.msm);
  EXPECT_EQ(with.operations.butterflies, without.operations.butterflies);
}

TEST(Estimate, RefusesWhatKeygenRefuses) {
  testing::CircuitA circuit;
  EXPECT_THROW((void)estimate(circuit, 4, true, reference_costs()), Error);
  const Instances none{{}, {}};
  EXPECT_THROW((void)estimate(circuit, 5, true, reference_costs(), &none), Error);
}

TEST(UnitCosts, AreMeasured) {
  const UnitCosts costs = measure_costs();
  for (const double cost : {costs.product, costs.threaded_product, costs.butterfly, costs.msm, costs.program_product,
                            costs.program_sum, costs.comparison, costs.random}) {
    EXPECT_GT(cost, 0);
  }
}

TEST(MsmCost, GrowsWithBitsAndForgivesZeros) {
  std::vector<std::size_t> terms(254);
  terms[0] = 1000;
  EXPECT_EQ(algebra::msm_cost(terms), 0);
  double before = 0;
  for (const std::size_t bits : {8u, 64u, 253u}) {
    std::vector<std::size_t> some(254);
    some[bits] = 4096;
    EXPECT_GT(algebra::msm_cost(some), before);
    before = algebra::msm_cost(some);
  }
  EXPECT_THROW((void)algebra::msm_cost(std::vector<std::size_t>(255)), Error);
}

}  // namespace
}  // namespace ll::halo2
