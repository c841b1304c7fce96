#include <benchmark/benchmark.h>

#include <numeric>
#include <random>

#include "algebra/affine_sums.hpp"
#include "algebra/line_vector.hpp"
#include "algebra/msm.hpp"

namespace ll::algebra {
namespace {

std::vector<G1Affine> bases(std::size_t count) {
  std::vector<G1> points(count);
  G1 point = G1::generator();
  for (G1& p : points) p = point += G1Affine::generator();
  return batch_to_affine(points);
}

/// Sums of neighbours, or of points in no order.
void affine_sums(benchmark::State& state, bool in_order) {
  constexpr std::uint32_t kPoints = 1 << 17, kPairs = kPoints / 2;
  const auto list = bases(kPoints);
  const LineVector<G1Affine> points(list.begin(), list.end());
  std::vector<std::uint32_t> order(kPoints);
  std::iota(order.begin(), order.end(), 0);
  if (!in_order) std::shuffle(order.begin(), order.end(), std::mt19937(1));
  std::vector<PointPair> pairs;
  for (std::uint32_t i = 0; i < kPairs; ++i) pairs.push_back({order[2 * i], order[2 * i + 1], i});
  LineVector<G1Affine> out(kPairs);
  for (auto _ : state) affine_sums_vartime(points.data(), pairs, out.data());
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kPairs));
}
BENCHMARK_CAPTURE(affine_sums, in_order, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(affine_sums, shuffled, false)->Unit(benchmark::kMillisecond);

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
