#include "bench/gate_circuit.hpp"

#include <gmock/gmock.h>

#include "halo2/keygen.hpp"
#include "halo2/mock_prover.hpp"

namespace ll::bench {
namespace {

constexpr unsigned kSmall = 6;

TEST(GateCircuit, IsSatisfied) {
  GateCircuit circuit(kSmall);
  EXPECT_THAT(halo2::MockProver::run(kSmall, circuit, {}), testing::IsEmpty());
}

TEST(GateCircuit, HasTheShapeThatItIsQuotedFor) {
  GateCircuit circuit(kSmall);
  halo2::ConstraintSystem cs;
  circuit.configure(cs);
  EXPECT_EQ(cs.advice_columns(), 6u);
  EXPECT_EQ(cs.degree(), 5u);
  EXPECT_EQ(cs.permutation_columns().size(), 3u);
  EXPECT_TRUE(cs.lookups().empty());
  EXPECT_EQ(cs.proof_bytes(), 1024u);
  EXPECT_EQ(circuit.constraints(), 4u << kSmall);
}

TEST(GateCircuit, IsTheSameFromItsDescription) {
  GateCircuit circuit(kSmall);
  const halo2::CircuitDescription description = halo2::describe(circuit, kSmall, false);
  halo2::DescribedCircuit described(description, circuit.describe_witness());
  EXPECT_THAT(halo2::MockProver::run(kSmall, described, {}), testing::IsEmpty());
  SeededRng rng(1);
  const halo2::Srs srs = halo2::unsafe_srs::generate(kSmall, rng);
  EXPECT_EQ(halo2::keygen(srs, described, kSmall, false).vk.digest(),
            halo2::keygen(srs, circuit, kSmall, false).vk.digest());
}

}  // namespace
}  // namespace ll::bench
