// Prices of the prover's elementary operations: halo2/estimate.hpp.
#include <algorithm>
#include <ctime>
#include <functional>

#include "algebra/batch_inverse.hpp"
#include "algebra/msm.hpp"
#include "algebra/ntt.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"
#include "base/random.hpp"
#include "halo2/estimate.hpp"
#include "halo2/row_program.hpp"

namespace ll::halo2 {
namespace {

using algebra::G1;
using algebra::G1Affine;

constexpr unsigned kLogSize = 13;
constexpr std::size_t kSize = std::size_t{1} << kLogSize;

enum class On { one_thread, all_threads };

/// Milliseconds: processor time of this thread, or time on the wall when all threads work, waiting for each other
/// included. The fastest of a few runs is what a quiet machine shows.
double now_ms(On on) {
  timespec now{};
  clock_gettime(on == On::one_thread ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

/// Nanoseconds of the fastest of a few runs, for each of `operations`.
double fastest(On on, double operations, const std::function<void()>& run) {
  double best = 0, spent = 0;
  for (int i = 0; i < 9 && (i < 3 || spent < 60); ++i) {
    const double before = now_ms(on);
    run();
    const double ms = now_ms(on) - before;
    spent += ms;
    if (i == 0 || ms < best) best = ms;
  }
  return best * 1e6 / operations;
}

/// G, 2 G, 3 G, ...
std::vector<G1Affine> multiples_of_generator(std::size_t count) {
  std::vector<G1> points(count);
  std::vector<algebra::Fq> z(count);
  G1 sum;
  for (std::size_t i = 0; i < count; ++i) {
    sum += G1Affine::generator();
    points[i] = sum;
    z[i] = sum.z();
  }
  algebra::batch_inverse_vartime<algebra::Fq>(z);
  std::vector<G1Affine> affine(count);
  for (std::size_t i = 0; i < count; ++i) affine[i] = points[i].to_affine(z[i]);
  return affine;
}

/// Nanoseconds a row of one more operation in a program.
double program_cost(std::span<const std::span<const Fr>> sources, bool products) {
  constexpr std::size_t kOperations = 64;
  RowProgram program;
  RowProgram::Value value = program.load(0, 0);
  for (std::size_t i = 0; i < kOperations; ++i) {
    const RowProgram::Value other = program.load(static_cast<std::uint32_t>(i % sources.size()), static_cast<int>(i));
    value = products ? program.mul(value, other) : program.add(value, other);
  }
  std::vector<Fr> out(kSize);
  return fastest(On::all_threads, static_cast<double>(kSize * kOperations), [&] { program.run(sources, value, out); });
}

}  // namespace

UnitCosts reference_costs() {
  UnitCosts costs;
  costs.product = 25;
  costs.threaded_product = 19;
  costs.butterfly = 14;
  costs.msm = 14;
  costs.program_product = 14;
  costs.program_sum = 1.6;
  costs.comparison = 30;
  costs.random = 600;
  return costs;
}

UnitCosts measure_costs() {
  UnitCosts costs;
  OsRng rng;
  const double n = static_cast<double>(kSize);
  std::vector<Fr> a(kSize), b(kSize), c(kSize);
  costs.random = fastest(On::one_thread, n, [&] { std::ranges::generate(a, [&] { return Fr::random(rng); }); });
  std::ranges::generate(b, [&] { return Fr::random(rng); });
  const Fr factor = b[0];
  costs.product = fastest(On::one_thread, n, [&] {
    for (std::size_t i = 0; i < kSize; ++i) c[i] += a[i] * factor;
  });
  costs.threaded_product = fastest(On::all_threads, n, [&] { algebra::scale_by_powers(c, factor); });
  const algebra::NttDomain domain(kLogSize);
  costs.butterfly = fastest(On::all_threads, n / 2 * kLogSize, [&] { domain.ntt(c); });
  costs.comparison = fastest(On::one_thread, n * kLogSize, [&] {
    c = a;
    std::ranges::sort(c, [](const Fr& x, const Fr& y) { return canonical_less(x, y); });
  });
  const std::vector<std::span<const Fr>> sources = {a, b};
  costs.program_product = program_cost(sources, true);
  costs.program_sum = program_cost(sources, false);
  const std::vector<G1Affine> bases = multiples_of_generator(kSize);
  std::vector<std::size_t> bits(254);
  bits[253] = kSize;
  costs.msm = fastest(On::all_threads, algebra::msm_cost(bits), [&] { (void)algebra::msm_vartime(bases, a); });
  return costs;
}

}  // namespace ll::halo2
