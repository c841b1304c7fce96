// Programs over rows: each kernel against the portable code. What is hard in lanes is where to reduce: values there are
// bounded, not reduced.
#include "halo2/row_program.hpp"

#include <gtest/gtest.h>

#include "algebra/test_support.hpp"

namespace ll::halo2 {
namespace {

using algebra::edge_and_random;
using algebra::kSeed;
using algebra::use_kernels;

class RowPrograms : public algebra::EachKernel {};

/// A program of `length` operations on values drawn from all made so far, mostly the last ones so that sums pile up.
RowProgram::Value random_program(RowProgram& program, Rng& rng, std::size_t sources, std::size_t length, bool sums) {
  std::vector<RowProgram::Value> values;
  for (std::uint32_t s = 0; s < sources; ++s) values.push_back(program.load(s, static_cast<int>(rng.below(9)) - 4));
  const auto pick = [&] { return values[rng.below(3) == 0 ? rng.below(values.size()) : values.size() - 1]; };
  const std::vector<Fr> scalars = edge_and_random<Fr>(kSeed, 2);
  for (std::size_t i = 0; i < length; ++i) {
    const auto scalar = program.scalar(scalars[rng.below(scalars.size())]);
    switch (rng.below(sums ? 4 : 7)) {
      case 0:
        values.push_back(program.add(pick(), pick()));
        break;
      case 1:
        values.push_back(program.sub(pick(), pick()));
        break;
      case 2:
        values.push_back(program.neg(pick()));
        break;
      case 3:
        values.push_back(program.add(pick(), scalar));
        break;
      case 4:
        values.push_back(program.mul(pick(), scalar));
        break;
      default:
        values.push_back(program.mul(pick(), pick()));
    }
  }
  return values.back();
}

TEST_P(RowPrograms, EqualThePortableCode) {
  const std::string kernel(algebra::kernels_name());
  SeededRng rng(kSeed);
  for (int round = 0; round < 60; ++round) {
    for (const std::size_t n : {8, 16, 64, 256}) {
      std::vector<std::vector<Fr>> columns(3);
      for (auto& column : columns) {
        column = edge_and_random<Fr>(rng.below(1000), n);
        column.resize(n);
        if (round % 3 == 0) std::ranges::fill(column, -Fr::one());
      }
      const std::vector<std::span<const Fr>> sources(columns.begin(), columns.end());
      RowProgram program;
      const auto result = random_program(program, rng, columns.size(), 5 + rng.below(60), round % 2 == 0);
      const Fr factor = round % 4 == 0 ? Fr::one() : Fr::random(rng);
      std::vector<Fr> in_lanes(n), expected(n);
      program.run(sources, result, in_lanes, factor);
      use_kernels("portable");
      program.run(sources, result, expected, factor);
      use_kernels(kernel);
      ASSERT_EQ(in_lanes, expected) << round << " " << n;
    }
  }
}

TEST_P(RowPrograms, AScalarFillsTheRows) {
  RowProgram program;
  std::vector<Fr> out(20);
  program.run({}, program.scalar(Fr::from_u64(3)), out, Fr::from_u64(5));
  EXPECT_EQ(out, std::vector<Fr>(20, Fr::from_u64(15)));
}

INSTANTIATE_TEST_SUITE_P(Each, RowPrograms, ::testing::ValuesIn(algebra::available_kernels()),
                         algebra::kernel_test_name);

}  // namespace
}  // namespace ll::halo2
