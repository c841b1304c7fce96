// What a proof lets through of its witness: nothing that repeats from one proof to the next. The blinding comes from
// the generator alone, and the last test shows that these tests notice when it does not.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "algebra/polynomial.hpp"
#include "halo2/prover.hpp"
#include "halo2/test_circuits.hpp"
#include "halo2/verifier.hpp"

namespace ll::halo2 {
namespace {

using testing::CircuitA;
using testing::CircuitB;

const Srs& test_srs() {
  static const Srs srs = [] {
    SeededRng rng(42);
    return unsafe_srs::generate(6, rng);
  }();
  return srs;
}

/// Counts what is drawn; gives zeros instead when `broken`.
class WatchedRng final : public Rng {
 public:
  explicit WatchedRng(bool broken) : broken_(broken) {}
  void fill(std::span<std::uint8_t> out) override {
    drawn += out.size();
    if (broken_) {
      std::fill(out.begin(), out.end(), std::uint8_t{0});
    } else {
      os_.fill(out);
    }
  }
  std::size_t drawn = 0;

 private:
  bool broken_;
  OsRng os_;
};

struct Made {
  std::vector<Bytes> messages;  ///< 32 bytes each: commitments, then evaluations, then the openings
  std::size_t drawn;
};

template <class C>
Made prove(const ProvingKey& pk, C& circuit, bool broken_rng = false) {
  std::array<Circuit*, 1> circuits = {&circuit};
  const std::array<Instances, 1> inputs = {C::honest_instances()};
  WatchedRng rng(broken_rng);
  const Bytes proof = create_proof(test_srs(), pk, circuits, inputs, rng);
  EXPECT_TRUE(verify_proof({test_srs().s_g2}, pk.vk, inputs, proof).accepted);
  Made made{{}, rng.drawn};
  for (std::size_t i = 0; i < proof.size(); i += 32)
    made.messages.emplace_back(proof.begin() + i, proof.begin() + i + 32);
  return made;
}

std::size_t shared_messages(const Made& a, const Made& b) {
  const std::set<Bytes> first(a.messages.begin(), a.messages.end());
  return static_cast<std::size_t>(
      std::ranges::count_if(b.messages, [&](const Bytes& message) { return first.contains(message); }));
}

TEST(Secrecy, TwoProofsOfOneWitnessShareNoMessage) {
  CircuitA a;
  const ProvingKey pk_a = keygen(test_srs(), a, 6);
  EXPECT_EQ(shared_messages(prove(pk_a, a), prove(pk_a, a)), 0u);
  CircuitB b;
  const ProvingKey pk_b = keygen(test_srs(), b, 6);
  EXPECT_EQ(shared_messages(prove(pk_b, b), prove(pk_b, b)), 0u);
}

/// As halo2_proofs v0.3.0: advice and permuted lookup columns from row u, products from row u + 1; but two elements for
/// the random polynomial instead of n (docs/security.md says why two do). 64 bytes an element.
TEST(Secrecy, EveryBlindingRowIsDrawn) {
  CircuitB b;
  const ProvingKey pk = keygen(test_srs(), b, 6);
  const ConstraintSystem& cs = pk.vk.cs;
  const std::size_t blinding = cs.blinding_factors();
  const std::size_t elements = (cs.advice_columns() + 2 * cs.lookups().size()) * (blinding + 1) +
                               (cs.permutation_sets() + cs.lookups().size() + cs.shuffles().size()) * blinding + 2;
  EXPECT_EQ(prove(pk, b).drawn, 64 * elements);
}

/// What a proof holds of the random polynomial R: [R(tau)], R(x), and as part of the opening [(R(tau) - R(x))/(tau -
/// x)]. One of full degree with the same two values gives the same three, so degree 1 hides as much.
TEST(Secrecy, RandomPolynomialOfDegreeOneOpensLikeOneOfFullDegree) {
  SeededRng rng(12);
  const Fr tau = Fr::random(rng), x = Fr::random(rng);
  const Srs srs = unsafe_srs::from_tau(6, tau);
  const std::vector<Fr> line = {Fr::random(rng), Fr::random(rng)};
  std::vector<Fr> full(srs.size());  // line + (X - tau)(X - x) times a random polynomial
  for (std::size_t i = 0; i + 2 < full.size(); ++i) {
    const Fr random = Fr::random(rng);
    full[i] += random * tau * x;
    full[i + 1] -= random * (tau + x);
    full[i + 2] += random;
  }
  for (std::size_t i = 0; i < 2; ++i) full[i] += line[i];
  EXPECT_EQ(srs.commit(full), srs.commit(line));
  EXPECT_EQ(algebra::evaluate(full, x), algebra::evaluate(line, x));
  EXPECT_EQ(srs.commit(algebra::divide_by_linear(full, x)), srs.commit(algebra::divide_by_linear(line, x)));
}

/// Pearson's statistic of the messages' lowest bytes over 16 cells; each evaluation is uniform when blinded.
double chi_square(const std::vector<Made>& proofs, std::size_t message) {
  std::array<double, 16> cells{};
  for (const Made& made : proofs) cells[made.messages[message][0] % 16] += 1;
  const double expected = static_cast<double>(proofs.size()) / 16;
  double sum = 0;
  for (const double cell : cells) sum += (cell - expected) * (cell - expected) / expected;
  return sum;
}

struct Statistics {
  double largest = 0;        ///< chi-square over all advice evaluations
  std::size_t distinct = 0;  ///< fewest distinct values of one advice evaluation over all proofs
};

Statistics advice_statistics() {
  constexpr std::size_t kProofs = 256;
  CircuitA circuit;
  const ProvingKey pk = keygen(test_srs(), circuit, 6);
  std::vector<Made> proofs;
  for (std::size_t i = 0; i < kProofs; ++i) {
    CircuitA own;
    proofs.push_back(prove(pk, own));
  }
  // 1 advice, 2 lookup, 1 permutation, 1 lookup product, 1 random, 4 quotient commitments stand before the evaluations.
  Statistics out{0, kProofs};
  for (std::size_t message = 10; message < 14; ++message) {
    std::set<Bytes> values;
    for (const Made& made : proofs) values.insert(made.messages[message]);
    out.distinct = std::min(out.distinct, values.size());
    out.largest = std::max(out.largest, chi_square(proofs, message));
  }
  return out;
}

/// The openings of the advice column at the proof's random points. P(chi-square with 15 degrees of freedom > 60) is
/// about 2e-7 for each of the four.
TEST(Secrecy, OpeningsOfAdviceLookUniform) {
  const Statistics statistics = advice_statistics();
  EXPECT_EQ(statistics.distinct, 256u);
  EXPECT_LT(statistics.largest, 60);
}

TEST(Secrecy, AGeneratorThatDrawsNothingIsNoticed) {
  CircuitA circuit;
  const ProvingKey pk = keygen(test_srs(), circuit, 6);
  const Made first = prove(pk, circuit, true), second = prove(pk, circuit, true);
  EXPECT_EQ(shared_messages(first, second), first.messages.size());
}

}  // namespace
}  // namespace ll::halo2
