#include <benchmark/benchmark.h>

#include "algebra/ntt.hpp"

namespace ll::algebra {
namespace {

void ntt(benchmark::State& state) {
  const NttDomain domain(static_cast<unsigned>(state.range(0)));
  std::vector<Fr> values(domain.size(), fr_delta());
  scale_by_powers(values, fr_delta());
  for (auto _ : state) domain.ntt(values);
}
BENCHMARK(ntt)->DenseRange(10, 20, 2)->Unit(benchmark::kMillisecond)->UseRealTime();

void lagrange_bases(benchmark::State& state) {
  std::vector<G1> points(std::size_t{1} << state.range(0));
  G1 point = G1::generator();
  for (G1& p : points) p = point += G1Affine::generator();
  const auto affine = batch_to_affine(points);
  for (auto _ : state) benchmark::DoNotOptimize(to_lagrange_bases(affine));
}
BENCHMARK(lagrange_bases)->Arg(10)->Arg(14)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace ll::algebra
