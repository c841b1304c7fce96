#include "algebra/affine_sums.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "algebra/bucket_sums.hpp"
#include "algebra/kernels.hpp"
#include "algebra/test_support.hpp"

namespace ll::algebra {
namespace {

/// Each kernel of this machine, and those of the machine's choice again at the end.
class Kernels : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    before_ = kernels_name();
    use_kernels(GetParam());
  }
  void TearDown() override { use_kernels(before_); }

 private:
  std::string before_;
};

/// Points whose coordinates carry far: multiples of the generator, their negatives and equal ones among them.
std::vector<G1Affine> points(std::size_t count) {
  SeededRng rng(kSeed);
  std::vector<G1> out;
  G1 small = G1::generator();
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(i % 3 == 0 ? small : random_g1(rng));
    small += G1::generator();
  }
  return batch_to_affine(out);
}

TEST_P(Kernels, SumsOfPairsAreThoseOfTheCurve) {
  const std::vector<G1Affine> in = points(300);
  SeededRng rng(kSeed);
  for (const std::size_t count : {0, 1, 7, 8, 9, 15, 16, 17, 100, 1023, 3000}) {
    std::vector<PointPair> pairs(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto place = [&] {
        return static_cast<std::uint32_t>(rng.below(in.size())) | (rng.below(2) == 0 ? 0 : PointPair::kNegated);
      };
      pairs[i] = {place(), place(), static_cast<std::uint32_t>(count - 1 - i)};
    }
    std::vector<G1Affine> out(count);
    affine_sums_vartime(in.data(), pairs, out.data());
    for (const PointPair& pair : pairs) {
      const auto point = [&](std::uint32_t place) {
        const G1Affine& p = in[place & ~PointPair::kNegated];
        return (place & PointPair::kNegated) != 0 ? -p : p;
      };
      ASSERT_EQ(out[pair.out], (G1(point(pair.left)) + point(pair.right)).to_affine()) << count << " " << pair.out;
    }
  }
}

TEST_P(Kernels, SumsWithoutASlopeAreComplete) {
  std::vector<G1Affine> in = points(4);
  in[3] = G1Affine::identity();
  // Every pair of the four and their negatives, repeated so that vectors mix regular and other lanes in all ways.
  std::vector<PointPair> pairs;
  for (std::uint32_t i = 0; i < 640; ++i) {
    const auto place = [](std::uint32_t which) { return which % 4 | (which % 8 >= 4 ? PointPair::kNegated : 0); };
    pairs.push_back({place(i * i), place(i / 8), i});
  }
  std::vector<G1Affine> out(pairs.size());
  affine_sums_vartime(in.data(), pairs, out.data());
  for (const PointPair& pair : pairs) {
    const auto point = [&](std::uint32_t place) {
      const G1Affine& p = in[place & ~PointPair::kNegated];
      return (place & PointPair::kNegated) != 0 ? -p : p;
    };
    ASSERT_EQ(out[pair.out], (G1(point(pair.left)) + point(pair.right)).to_affine()) << pair.out;
  }
}

TEST_P(Kernels, WeightedSumsOfBuckets) {
  const std::vector<G1Affine> in = points(500);
  SeededRng rng(kSeed);
  for (const std::uint32_t first : {1, 2, 37}) {
    for (const std::uint32_t count : {1, 2, 31, 33, 64, 150}) {
      BucketSums buckets(first, count);
      G1 expected;
      for (int round = 0; round < 2; ++round) {
        std::vector<std::int16_t> digits(in.size());
        for (std::size_t i = 0; i < in.size(); ++i) {
          const auto digit = static_cast<int>(rng.below(2 * (first + count + 3))) - static_cast<int>(first + count + 3);
          digits[i] = static_cast<std::int16_t>(digit);
          const auto size = static_cast<std::uint32_t>(std::abs(digit));
          if (size < first || size >= first + count) continue;
          expected += G1(in[i]) * Fr::from_i64(digit);
        }
        buckets.fill(digits, in);
      }
      ASSERT_EQ(buckets.weighted_sum(), expected) << first << " " << count;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Each, Kernels, ::testing::ValuesIn(available_kernels()),
                         [](const ::testing::TestParamInfo<std::string>& kernel) {
                           std::string name = kernel.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace ll::algebra
