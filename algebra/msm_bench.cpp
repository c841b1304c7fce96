#include <benchmark/benchmark.h>

#include "algebra/msm.hpp"

namespace ll::algebra {
namespace {

std::vector<G1Affine> bases(std::size_t count) {
  std::vector<G1> points(count);
  G1 point = G1::generator();
  for (G1& p : points) p = point += G1Affine::generator();
  return batch_to_affine(points);
}

void msm_random(benchmark::State& state) {
  const std::size_t n = std::size_t{1} << state.range(0);
  const auto points = bases(n);
  SeededRng rng(1);
  std::vector<Fr> scalars(n);
  for (Fr& scalar : scalars) scalar = Fr::random(rng);
  for (auto _ : state) benchmark::DoNotOptimize(msm_vartime(points, scalars));
}
BENCHMARK(msm_random)->DenseRange(10, 18, 2)->Unit(benchmark::kMillisecond)->UseRealTime();

void msm_column(benchmark::State& state) {  // as a witness column: 16-bit signed cells, then six blinding rows
  const std::size_t n = std::size_t{1} << state.range(0);
  const auto points = bases(n);
  SeededRng rng(1);
  std::vector<Fr> scalars(n);
  for (Fr& scalar : scalars) scalar = Fr::from_i64(static_cast<std::int64_t>(rng.below(1 << 16)) - (1 << 15));
  for (std::size_t i = 0; i < 6; ++i) scalars[n - 1 - i] = Fr::random(rng);
  for (auto _ : state) benchmark::DoNotOptimize(msm_vartime(points, scalars));
}
BENCHMARK(msm_column)->DenseRange(10, 18, 4)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace ll::algebra
