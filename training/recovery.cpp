#include "training/recovery.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <numbers>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "base/random.hpp"
#include "base/resources.hpp"
#include "model/balance_decoder.hpp"
#include "model/batch_product.hpp"

namespace ll::training {
namespace {

constexpr std::size_t kBatch = 64;             // states that step together
constexpr std::size_t kYardstickStates = 500;  // of the solve, of random directions, and of each row of noise
constexpr int kFirstNoise = 4, kLastNoise = 20;

std::vector<double> doubles(const model::QuantizedEncoder& encoder) {
  return {encoder.vhat().begin(), encoder.vhat().end()};
}

std::vector<double> transposed(const model::QuantizedEncoder& encoder) {
  const std::size_t n = encoder.shape().accounts, d = encoder.shape().dims;
  std::vector<double> result(n * d);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < d; ++k) result[k * n + i] = encoder.vhat()[i * d + k];
  return result;
}

/// V^ and its transpose, for b <- b + c V^ (e - V^^T b).
class Iteration {
 public:
  Iteration(const model::QuantizedEncoder& encoder, double step)
      : n_(encoder.shape().accounts),
        d_(encoder.shape().dims),
        limit_(std::ldexp(1.0, int(encoder.shape().balance_bits))),
        step_(step),
        forward_(doubles(encoder), n_, d_),
        backward_(transposed(encoder), d_, n_) {}

  std::size_t accounts() const { return n_; }
  std::size_t dims() const { return d_; }

  /// e [count, D] of balances [count, N].
  void embed(std::span<const double> b, std::span<double> e) const { forward_.multiply(b, e); }

  /// One step of `count` states. Returns the largest change of a balance.
  double advance(std::span<double> b, std::span<const double> e) const {
    std::vector<double> residual(e.size()), change(b.size());
    forward_.multiply(b, residual);
    for (std::size_t i = 0; i < e.size(); ++i) residual[i] = e[i] - residual[i];
    backward_.multiply(residual, change);
    double largest = 0;
    for (std::size_t i = 0; i < b.size(); ++i) {
      b[i] += step_ * change[i];
      largest = std::max(largest, std::abs(step_ * change[i]));
    }
    return largest;
  }

  /// Rounded balances [N], when all of them are balances.
  bool round(std::span<const double> b, std::span<double> rounded) const {
    bool fits = true;
    for (std::size_t i = 0; i < n_; ++i) {
      rounded[i] = std::round(b[i]);
      fits = fits && rounded[i] >= 0 && rounded[i] < limit_;
    }
    return fits;
  }
  /// Whether a state has left the range for good: its steps diverge.
  bool diverged(std::span<const double> b) const {
    return std::ranges::any_of(b, [&](double value) { return !(std::abs(value) < 256 * limit_); });
  }

 private:
  std::size_t n_, d_;
  double limit_, step_;
  model::BatchProduct<double> forward_, backward_;
};

/// Calls work(first, count) on batches of the states, on all threads.
template <class Work>
void for_batches(std::size_t states, Progress& progress, Work&& work) {
  parallel_for((states + kBatch - 1) / kBatch, 1, [&](std::size_t first, std::size_t end) {
    for (std::size_t batch = first; batch < end; ++batch) {
      if (progress.stop_requested()) fail(ErrorCode::interrupted, "recovery stopped");
      work(batch * kBatch, std::min(kBatch, states - batch * kBatch));
    }
  });
}

std::size_t states_of(const RecoveryCase& states) {
  const model::EncoderShape& shape = states.encoder.shape();
  LL_CHECK(states.balances.size() % shape.accounts == 0, "recovery: {} balances for {} slots", states.balances.size(),
           shape.accounts);
  for (const std::uint64_t balance : states.balances)
    LL_CHECK(balance >> shape.balance_bits == 0, "recovery: balance {} is not below 2^{}", balance, shape.balance_bits);
  return states.balances.size() / shape.accounts;
}

/// Steps of each state of a batch until it is accepted; 0: it never was.
std::vector<std::uint64_t> steps_of_batch(const Iteration& iteration, std::span<const double> truth,
                                          std::uint64_t most_steps) {
  const std::size_t n = iteration.accounts(), d = iteration.dims(), count = truth.size() / n;
  std::vector<double> e(count * d), b(count * n, 0.0), rounded(count * n), again(count * d);
  iteration.embed(truth, e);
  std::vector<std::size_t> open(count);  // states still on their way; row r of e, b is state open[r]
  for (std::size_t s = 0; s < count; ++s) open[s] = s;
  std::vector<std::uint64_t> steps(count, 0);
  for (std::uint64_t step = 1; step <= most_steps && !open.empty(); ++step) {
    iteration.advance(b, e);
    std::vector<bool> fits(open.size());
    for (std::size_t r = 0; r < open.size(); ++r)
      fits[r] = iteration.round(std::span(b).subspan(r * n, n), std::span(rounded).subspan(r * n, n));
    iteration.embed(rounded, again);
    std::size_t kept = 0;
    for (std::size_t r = 0; r < open.size(); ++r) {
      const bool accepted = fits[r] && std::equal(e.begin() + r * d, e.begin() + (r + 1) * d, again.begin() + r * d);
      if (accepted) {
        const bool right =
            std::equal(rounded.begin() + r * n, rounded.begin() + (r + 1) * n, truth.begin() + open[r] * n);
        steps[open[r]] = right ? step : 0;  // other balances of the same embedding exist only where V^ lacks rank
        continue;
      }
      if (iteration.diverged(std::span(b).subspan(r * n, n))) continue;
      std::copy_n(b.begin() + r * n, n, b.begin() + kept * n);
      std::copy_n(e.begin() + r * d, d, e.begin() + kept * d);
      open[kept++] = open[r];
    }
    open.resize(kept);
    b.resize(kept * n), rounded.resize(kept * n), e.resize(kept * d), again.resize(kept * d);
  }
  return steps;
}

std::vector<double> normal_numbers(std::size_t count, Rng& rng) {  // Box-Muller
  std::vector<double> result(count);
  for (double& value : result) {
    const double u = std::ldexp(double((rng.next_u64() >> 11) + 1), -53);  // (0, 1]
    const double angle = 2 * std::numbers::pi * std::ldexp(double(rng.next_u64() >> 11), -53);
    value = std::sqrt(-2 * std::log(u)) * std::cos(angle);
  }
  return result;
}

/// States that come back from e^ + amplitude · noise, noise [D] a state.
std::uint64_t recovered_from_noise(const Iteration& iteration, std::span<const double> truth,
                                   std::span<const double> noise, double amplitude, Progress& progress) {
  const std::size_t n = iteration.accounts(), d = iteration.dims();
  std::atomic<std::uint64_t> recovered = 0;
  for_batches(truth.size() / n, progress, [&](std::size_t first, std::size_t count) {
    std::vector<double> e(count * d), b(count * n, 0.0), rounded(n);
    iteration.embed(truth.subspan(first * n, count * n), e);
    for (std::size_t i = 0; i < e.size(); ++i) e[i] += amplitude * noise[first * d + i];
    for (std::uint64_t step = 0; step < kMostSteps && iteration.advance(b, e) > 1e-3; ++step) {
    }
    for (std::size_t s = 0; s < count; ++s) {
      iteration.round(std::span(b).subspan(s * n, n), rounded);
      if (std::equal(rounded.begin(), rounded.end(), truth.begin() + (first + s) * n)) ++recovered;
    }
  });
  return recovered;
}

std::vector<NoiseRow> noise_rows(const RecoveryCase& states, std::uint64_t seed, Progress& progress) {
  const model::EncoderShape& shape = states.encoder.shape();
  const std::size_t count = std::min(kYardstickStates, states_of(states)), n = shape.accounts;
  const std::vector<double> truth(states.balances.begin(), states.balances.begin() + std::ptrdiff_t(count * n));
  const Iteration iteration(states.encoder, plain_step(states.encoder));
  SeededRng rng(seed, 1);
  const std::vector<double> gaussian = normal_numbers(count * shape.dims, rng);
  std::vector<double> uniform(count * shape.dims);
  for (double& value : uniform) value = std::ldexp(double(std::int64_t(rng.next_u64())), -63);
  std::vector<NoiseRow> rows;
  for (int bits = kFirstNoise; bits <= kLastNoise; ++bits) {
    const double amplitude = std::ldexp(1.0, bits);
    rows.push_back({.log2_amplitude = bits,
                    .embedding_units = std::ldexp(1.0, bits - int(shape.scale_bits())),
                    .states = count,
                    .uniform = recovered_from_noise(iteration, truth, uniform, amplitude, progress),
                    .gaussian = recovered_from_noise(iteration, truth, gaussian, amplitude, progress)});
    if (rows.back().uniform + rows.back().gaussian == 0) break;  // nothing comes back any more
  }
  return rows;
}

/// Largest eigenvalue of V^ V^^T, or of shift - V^ V^^T, by power iteration.
double top_eigenvalue(const Iteration& unit_step, double shift, std::size_t n, std::size_t d) {
  SeededRng rng(7);
  std::vector<double> x = normal_numbers(n, rng), y(n);
  const std::vector<double> zero(d, 0.0);
  double value = 0;
  for (int round = 0; round < 1000; ++round) {
    y = x;
    unit_step.advance(y, zero);  // y = x - G x
    double length = 0, product = 0;
    for (std::size_t i = 0; i < n; ++i) {
      y[i] = shift == 0 ? x[i] - y[i] : shift * x[i] - (x[i] - y[i]);
      product += x[i] * y[i], length += y[i] * y[i];
    }
    double before = 0;
    for (const double entry : x) before += entry * entry;
    value = product / before;
    for (std::size_t i = 0; i < n; ++i) x[i] = y[i] / std::sqrt(length);
  }
  return value;
}

void add(RecoveryCount& total, const RecoveryCount& part) {
  const double steps = total.mean_steps * double(total.recovered) + part.mean_steps * double(part.recovered);
  total.states += part.states, total.recovered += part.recovered;
  total.mean_steps = total.recovered == 0 ? 0 : steps / double(total.recovered);
  total.max_steps = std::max(total.max_steps, part.max_steps);
  total.seconds += part.seconds;
}

}  // namespace

double plain_step(const model::QuantizedEncoder& encoder) {
  double squares = 0;
  for (const std::int16_t v : encoder.vhat()) squares += double(v) * double(v);
  LL_CHECK(squares > 0, "recovery: V^ is zero");
  return double(encoder.shape().accounts) / squares;
}

double best_step(const model::QuantizedEncoder& encoder) {
  const std::size_t n = encoder.shape().accounts, d = encoder.shape().dims;
  const double unit = plain_step(encoder);  // eigenvalues of unit · G are about 1
  const Iteration iteration(encoder, unit);
  const double largest = top_eigenvalue(iteration, 0, n, d);
  const double smallest = largest - top_eigenvalue(iteration, largest, n, d);
  return unit * 2 / (largest + std::max(smallest, 0.0));
}

model::QuantizedEncoder gaussian_encoder(const model::EncoderShape& shape, std::uint64_t seed) {
  SeededRng rng(seed);
  std::vector<double> v = normal_numbers(shape.accounts * shape.dims, rng);
  std::vector<std::uint32_t> ids(shape.accounts);
  for (std::size_t i = 0; i < shape.accounts; ++i) {
    ids[i] = std::uint32_t(i);
    const std::span row = std::span(v).subspan(i * shape.dims, shape.dims);
    double squares = 0;
    for (const double value : row) squares += value * value;
    for (double& value : row) value /= std::sqrt(squares);
  }
  return model::QuantizedEncoder::quantize(shape, std::move(ids), v);
}

RecoveryCount recover(const RecoveryCase& states, double step, Progress& progress, std::uint64_t most_steps) {
  const Stopwatch watch;
  RecoveryCount result{.states = states_of(states)};
  const std::size_t n = states.encoder.shape().accounts;
  const std::vector<double> truth(states.balances.begin(), states.balances.end());
  const Iteration iteration(states.encoder, step);
  std::uint64_t steps = 0;
  std::mutex mutex;
  for_batches(result.states, progress, [&](std::size_t first, std::size_t count) {
    const auto taken = steps_of_batch(iteration, std::span(truth).subspan(first * n, count * n), most_steps);
    const std::lock_guard lock(mutex);
    for (const std::uint64_t value : taken) {
      result.recovered += value > 0 ? 1 : 0;
      result.max_steps = std::max(result.max_steps, value);
      steps += value;
    }
  });
  if (result.recovered > 0) result.mean_steps = double(steps) / double(result.recovered);
  result.seconds = watch.ms() / 1000;
  return result;
}

RecoveryCount solve(const RecoveryCase& states, Progress& progress) {
  const Stopwatch watch;
  RecoveryCount result{.states = states_of(states)};
  const std::size_t n = states.encoder.shape().accounts;
  const auto decoder = model::BalanceDecoder::of(states.encoder);
  if (!decoder) return result;
  std::atomic<std::uint64_t> recovered = 0;
  for_batches(result.states, progress, [&](std::size_t first, std::size_t count) {
    for (std::size_t s = first; s < first + count; ++s) {
      const auto truth = std::span(states.balances).subspan(s * n, n);
      const auto found = decoder->decode(states.encoder.embed(truth));
      if (found && std::ranges::equal(*found, truth)) ++recovered;
    }
  });
  result.recovered = recovered;
  result.seconds = watch.ms() / 1000;
  return result;
}

RecoveryReport measure_recovery(std::span<const RecoveryCase> cases, std::uint64_t seed, Progress& progress) {
  LL_CHECK(!cases.empty(), "recovery: no states");
  const Stopwatch watch;
  RecoveryReport report;
  std::uint64_t done = 0;
  progress.begin("recover balances", cases.size() + 4);
  for (const RecoveryCase& states : cases) {
    report.cases.emplace_back(states.name, recover(states, plain_step(states.encoder), progress));
    add(report.total, report.cases.back().second);
    progress.update(++done);
  }
  const model::EncoderShape& shape = cases[0].encoder.shape();
  const std::size_t count = std::min(kYardstickStates, states_of(cases[0])) * shape.accounts;
  const std::vector<std::uint64_t> some(cases[0].balances.begin(), cases[0].balances.begin() + std::ptrdiff_t(count));
  report.exact_solve = solve({"solve", cases[0].encoder, some}, progress);
  progress.update(++done);
  const RecoveryCase gaussian{"gaussian", gaussian_encoder(shape, seed), some};
  report.gaussian_plain = recover(gaussian, plain_step(gaussian.encoder), progress);
  progress.update(++done);
  report.gaussian_best = recover(gaussian, best_step(gaussian.encoder), progress);
  progress.update(++done);
  report.noise = noise_rows(cases[0], seed, progress);
  report.noise_first_failure = -1;
  for (const NoiseRow& row : report.noise) {
    if (row.uniform == row.states && row.gaussian == row.states) continue;
    report.noise_first_failure = row.log2_amplitude;
    break;
  }
  report.seconds = watch.ms() / 1000;
  progress.end();
  return report;
}

std::vector<std::uint64_t> uniform_states(const model::EncoderShape& shape, std::size_t count, std::uint64_t seed) {
  SeededRng rng(seed, 2);
  std::vector<std::uint64_t> balances(count * shape.accounts);
  for (auto& balance : balances) balance = rng.next_u64() >> (64 - shape.balance_bits);
  return balances;
}

}  // namespace ll::training
