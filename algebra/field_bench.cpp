#include <benchmark/benchmark.h>

#include "algebra/batch_inverse.hpp"
#include "algebra/g1.hpp"
#include "algebra/pairing.hpp"

namespace ll::algebra {
namespace {

template <class Field>
void multiply(benchmark::State& state) {  // a chain: latency
  SeededRng rng(1);
  Field a = Field::random(rng);
  const Field b = Field::random(rng);
  for (auto _ : state) a *= b;
  benchmark::DoNotOptimize(a);
}
BENCHMARK(multiply<Fr>);
BENCHMARK(multiply<Fq>);

void multiply_four_at_once(benchmark::State& state) {  // independent products: throughput of four
  SeededRng rng(1);
  Fr a = Fr::random(rng), b = Fr::random(rng), c = Fr::random(rng), d = Fr::random(rng);
  const Fr e = Fr::random(rng);
  for (auto _ : state) {
    a *= e;
    b *= e;
    c *= e;
    d *= e;
  }
  benchmark::DoNotOptimize(a + b + c + d);
}
BENCHMARK(multiply_four_at_once);

void add(benchmark::State& state) {
  SeededRng rng(1);
  Fr a = Fr::random(rng);
  const Fr b = Fr::random(rng);
  for (auto _ : state) a += b;
  benchmark::DoNotOptimize(a);
}
BENCHMARK(add);

void invert(benchmark::State& state) {
  SeededRng rng(1);
  Fq a = Fq::random(rng);
  for (auto _ : state) a = *a.inverse();
  benchmark::DoNotOptimize(a);
}
BENCHMARK(invert);

void g1_double(benchmark::State& state) {
  G1 p = G1::generator();
  for (auto _ : state) p = p.doubled();
  benchmark::DoNotOptimize(p);
}
BENCHMARK(g1_double);

void g1_add_affine(benchmark::State& state) {
  G1 p = G1::generator().doubled();
  const G1Affine g = G1Affine::generator();
  for (auto _ : state) p += g;
  benchmark::DoNotOptimize(p);
}
BENCHMARK(g1_add_affine);

void g1_times_scalar(benchmark::State& state) {
  SeededRng rng(1);
  const Fr k = Fr::random(rng);
  G1 p = G1::generator();
  for (auto _ : state) p = p * k;
  benchmark::DoNotOptimize(p);
}
BENCHMARK(g1_times_scalar)->Unit(benchmark::kMicrosecond);

void two_pairings(benchmark::State& state) {
  const std::pair<G1Affine, G2Affine> pairs[] = {{G1Affine::generator(), G2Affine::generator()},
                                                 {-G1Affine::generator(), G2Affine::generator()}};
  for (auto _ : state) benchmark::DoNotOptimize(pairing_product_is_one(pairs));
}
BENCHMARK(two_pairings)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace ll::algebra
