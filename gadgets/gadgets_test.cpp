#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "gadgets/digit_sum.hpp"
#include "gadgets/memory_check.hpp"
#include "gadgets/random_combination.hpp"
#include "gadgets/row_type.hpp"
#include "halo2/mock_prover.hpp"

namespace ll::gadgets {
namespace {

using halo2::AdviceColumn;
using halo2::Expression;
using halo2::FixedColumn;
using halo2::Fr;
using halo2::Rotation;
using halo2::VirtualCells;

std::vector<std::string> broken(halo2::Circuit& circuit, unsigned k) {
  std::vector<std::string> names;
  for (const auto& failure : halo2::MockProver::run(k, circuit, {})) names.push_back(failure.name);
  return names;
}

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(RowType, IsNonZeroOnItsOwnKindOnly) {
  halo2::ConstraintSystem cs;
  const FixedColumn column = cs.fixed_column();
  for (unsigned largest = 1; largest <= 5; ++largest) {
    for (unsigned value = 1; value <= largest; ++value) {
      const Expression on = row_is(VirtualCells(cs).query(column, Rotation::cur()), value, largest);
      EXPECT_EQ(on.degree(), largest);
      for (unsigned type = 0; type <= largest; ++type) {
        const Fr at = on.evaluate([&](const auto&) { return Fr::from_u64(type); }, [](auto) { return Fr(); },
                                  [](auto) { return Fr(); });
        EXPECT_EQ(at.is_zero(), type != value) << value << " of " << largest << " in a row of type " << type;
      }
    }
  }
  EXPECT_THROW(row_is(Expression(), 0, 3), Error);  // blinding rows have type 0
  EXPECT_THROW(row_is(Expression(), 4, 3), Error);
}

/// One running sum from row 0.
struct DigitCircuit : halo2::Circuit {
  std::vector<Fr> z;
  AdviceColumn column;
  FixedColumn type;

  void configure(halo2::ConstraintSystem& cs) override {
    column = cs.advice_column();
    type = cs.fixed_column();
    cs.create_gate("digit", [&](VirtualCells& cells) -> halo2::ConstraintSystem::NamedPolynomials {
      return {{"", row_is(cells.query(type, Rotation::cur()), 1, 2) *
                       digit_constraint(cells.query(column, Rotation::cur()), cells.query(column, Rotation::next()))}};
    });
    cs.create_gate("end", [&](VirtualCells& cells) -> halo2::ConstraintSystem::NamedPolynomials {
      return {{"", row_is(cells.query(type, Rotation::cur()), 2, 2) * cells.query(column, Rotation::cur())}};
    });
  }
  void synthesize(halo2::Layouter& layouter) const override {
    layouter.assign_region("sum", [&](halo2::Region& region) {
      for (std::size_t j = 0; j < z.size(); ++j) {
        region.assign_fixed("type", type, j, Fr::from_u64(j + 1 < z.size() ? 1 : 2));
        region.assign_advice("z", column, j, [&] { return z[j]; });
      }
    });
  }
};

TEST(DigitSum, AcceptsExactlyTheRange) {
  for (const unsigned digits : {1u, 2u, 3u}) {
    const std::int64_t range = std::int64_t{1} << (2 * digits);
    for (std::int64_t value = -range; value < 3 * range; ++value) {
      DigitCircuit circuit;
      circuit.z = digit_sum(Fr::from_i64(value), digits);
      const auto names = broken(circuit, 5);
      if (value >= 0 && value < range) {
        EXPECT_THAT(names, IsEmpty()) << value;
      } else {
        EXPECT_THAT(names, ElementsAre("end")) << value;
        circuit.z.back() = Fr();
        EXPECT_THAT(broken(circuit, 5), ElementsAre("digit")) << value;
      }
    }
  }
}

TEST(DigitSum, HoldsTheLongestRange) {
  DigitCircuit circuit;
  circuit.z = digit_sum(Fr::from_u64(2).pow_vartime(252) - Fr::one(), 126);
  EXPECT_THAT(broken(circuit, 8), IsEmpty());
  circuit.z = digit_sum(Fr::from_u64(2).pow_vartime(252), 126);
  EXPECT_THAT(broken(circuit, 8), ElementsAre("end"));
  EXPECT_THROW(digit_sum(Fr(), 127), Error);
}

TEST(DigitSum, DividesByFour) {
  EXPECT_EQ(digit_sum(Fr::from_u64(0b111001), 3),
            (std::vector<Fr>{Fr::from_u64(0b111001), Fr::from_u64(0b1110), Fr::from_u64(0b11), Fr()}));
}

MemoryTuple<Fr> tuple(std::uint64_t address, std::uint64_t value, std::uint64_t time) {
  return {Fr::from_u64(address), Fr::from_u64(value), Fr::from_u64(time)};
}

MemoryChallenges<Fr> random_challenges(Rng& rng) {
  const Fr alpha = Fr::random(rng), beta = Fr::random(rng);
  return {alpha, beta, beta * beta};
}

TEST(MemoryCheck, StepHoldsForEqualMultisetsOnly) {
  SeededRng rng(1);
  const auto c = random_challenges(rng);
  const auto a = tuple(3, 100, 4), b = tuple(5, 100, 4);
  const Fr t = Fr::random(rng);
  EXPECT_TRUE(memory_step<Fr>(c, t, t, {a, b}, {b, a}).is_zero());
  const MemoryTuple<Fr> others[] = {tuple(4, 100, 4), tuple(5, 101, 4), tuple(5, 100, 5),
                                    tuple(4, 5, 100), tuple(100, 5, 4), a};
  for (const auto& other : others) EXPECT_FALSE(memory_step<Fr>(c, t, t, {a, b}, {other, a}).is_zero());
}

TEST(MemoryCheck, FingerprintIsTheDocumentedOne) {
  const MemoryChallenges<Fr> c{Fr::from_u64(1000), Fr::from_u64(10), Fr::from_u64(100)};
  EXPECT_EQ(fingerprint(c, tuple(1, 2, 3)), Fr::from_u64(1000 - 321));
  EXPECT_EQ(fingerprints(c, {tuple(1, 2, 3), tuple(0, 0, 1)}), Fr::from_u64(679 * 900));
}

TEST(MemoryCheck, GateIsTheProversFormula) {
  SeededRng rng(2);
  const auto c = random_challenges(rng);
  const auto e = [](const Fr& value) { return Expression::constant(value); };
  const auto lift = [&](const MemoryTuple<Fr>& t) {
    return MemoryTuple<Expression>{e(t.address), e(t.value), e(t.time)};
  };
  const auto a = tuple(1, 2, 3), b = tuple(4, 5, 6);
  const Fr t = Fr::random(rng), next = Fr::random(rng);
  const Expression gate =
      memory_step<Expression>({e(c.alpha), e(c.beta), e(c.beta_squared)}, e(t), e(next), {lift(a)}, {lift(b)});
  const Fr value =
      gate.evaluate([](const auto&) { return Fr(); }, [](auto) { return Fr(); }, [](auto) { return Fr(); });
  EXPECT_EQ(value, memory_step<Fr>(c, t, next, {a}, {b}));
  EXPECT_EQ(value, next * fingerprint(c, a) - t * fingerprint(c, b));
}

TEST(RandomCombination, HornerIsThePolynomialFromItsHighestCoefficient) {
  SeededRng rng(3);
  const Fr gamma = Fr::random(rng);
  std::vector<Fr> coefficients(9);
  for (Fr& coefficient : coefficients) coefficient = Fr::random(rng);
  Fr run, sum;
  for (std::size_t q = 0; q < coefficients.size(); ++q) {
    run = horner_step(run, gamma, coefficients[q]);
    sum += coefficients[q] * gamma.pow_vartime(coefficients.size() - 1 - q);
  }
  EXPECT_EQ(run, sum);
}

}  // namespace
}  // namespace ll::gadgets
