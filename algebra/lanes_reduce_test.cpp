// The edges of FieldLanes::reduce: multiples of p and their neighbours, with and without carries done.
#include <gtest/gtest.h>

#include "algebra/kernels/machine_emulated.hpp"

namespace ll::algebra::kernels {
namespace {

template <class Modulus>
class Reduce : public ::testing::Test {};
using Moduli = ::testing::Types<FqModulus, FrModulus>;
TYPED_TEST_SUITE(Reduce, Moduli);

/// times p + difference, limbs below 2^52.
template <class Modulus>
Limbs52 near_multiple(Word times, int difference) {
  Limbs52 out = Modulus::multiple(times);
  std::int64_t carry = difference;
  for (Word& limb : out) {
    const auto sum = static_cast<std::int64_t>(limb) + carry;
    carry = sum >> kLimbBits;
    limb = static_cast<Word>(sum) & kLimbMask;
  }
  return out;
}

template <class Value>
Value in_all_lanes(const Limbs52& limbs) {
  Value out{};
  for (int i = 0; i < kLimbs; ++i) out.limb[i] = out.limb[i] + limbs[i];
  return out;
}

TYPED_TEST(Reduce, TakesMultiplesOfTheModulusAndTheirNeighboursBelowIt) {
  using F = FieldLanes<Emulated, TypeParam>;
  std::size_t needed_one_more = 0;
  for (Word times = 0; times < 84; ++times) {
    for (const int difference : {-1, 0, 1}) {
      if (times == 0 && difference < 0) continue;
      const Limbs52 limbs = near_multiple<TypeParam>(times, difference);
      const Limbs52 expected =
          difference == 0 ? Limbs52{} : near_multiple<TypeParam>(difference < 0 ? 1 : 0, difference);
      Limbs52 lifted = limbs;  // the same value with carries not done, as a lifted difference has them
      for (int i = 0; i + 1 < kLimbs; ++i) {
        lifted[i] += Word{4} << kLimbBits;
        lifted[i + 1] -= 4;
      }
      for (const Limbs52& form : {limbs, lifted}) {
        if (static_cast<std::int64_t>(form[kLimbs - 1]) < 0) continue;  // not what reduce() takes
        const auto v = in_all_lanes<typename F::Value>(form);
        const auto reduced = F::reduce(v), canonical = F::canonical_of(v);
        bool below = true;
        for (int i = 0; i < kLimbs; ++i) {
          EXPECT_EQ(canonical.limb[i][0], expected[i]) << times << " p + " << difference << ", limb " << i;
          EXPECT_EQ(canonical.limb[i][7], expected[i]);
          below = below && reduced.limb[i][0] == expected[i];
        }
        needed_one_more += below ? 0 : 1;
      }
    }
  }
  EXPECT_GT(needed_one_more, 0u);  // else the rare branch of canonical_of was never taken here
}

}  // namespace
}  // namespace ll::algebra::kernels
