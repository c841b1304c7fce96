#pragma once
#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "algebra/g1.hpp"
#include "algebra/g2.hpp"
#include "algebra/kernels.hpp"

// What the tests of several files share: samples, and how GoogleTest prints our values.
namespace ll::algebra {

inline constexpr std::uint64_t kSeed = 20240229;

template <class Params>
void PrintTo(const PrimeField<Params>& value, std::ostream* out) {
  *out << value.to_hex();
}
inline void PrintTo(const Fq2& value, std::ostream* out) { *out << value.c0.to_hex() << " + u·" << value.c1.to_hex(); }
template <class Curve>
void PrintTo(const AffinePoint<Curve>& point, std::ostream* out) {
  PrintTo(point.x, out);
  *out << ", ";
  PrintTo(point.y, out);
}

/// 0, ±1, ±2, R and R² (whose Montgomery limbs are those of R and 1), halves and limb edges, then seeded random.
template <class Field>
std::vector<Field> edge_and_random(std::uint64_t seed, std::size_t random_count = 20) {
  std::vector<Field> out = {Field(), Field::one(), -Field::one(), Field::from_u64(2), Field::from_i64(-2)};
  Field power = Field::one();
  for (int i = 1; i <= 512; ++i) {
    power = power.doubled();
    const bool limb_edge = i % 64 <= 1 || i % 64 == 63;
    if (!limb_edge) continue;
    out.push_back(power);
    out.push_back(power - Field::one());
    out.push_back(-power);
  }
  out.push_back(*Field::from_u64(2).inverse());
  SeededRng rng(seed);
  for (std::size_t i = 0; i < random_count; ++i) out.push_back(Field::random(rng));
  return out;
}

/// Runs each test with each kernel of this machine, and restores the machine's choice.
class EachKernel : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    before_ = kernels_name();
    use_kernels(GetParam());
  }
  void TearDown() override { use_kernels(before_); }

 private:
  std::string before_;
};
inline std::string kernel_test_name(const ::testing::TestParamInfo<std::string>& kernel) {
  std::string name = kernel.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

inline G1 random_g1(Rng& rng) { return G1::generator() * Fr::random(rng); }
inline G2 random_g2(Rng& rng) { return G2::generator() * Fr::random(rng); }

}  // namespace ll::algebra
