#include "training/evaluate.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "base/resources.hpp"

namespace ll::training {
namespace {

constexpr std::size_t kBlock = 512;         // transfers a thread takes at a time
constexpr std::size_t kDriftSamples = 200;  // points of the drift curve

using Balances = std::vector<std::uint64_t>;

void apply(Balances& balances, const SlotTransfer& t) {
  balances[t.sender_slot] -= t.amount;
  balances[t.receiver_slot] += t.amount;
}

/// Balances before each block, so that blocks can be worked on in any order. Checks every transfer on the way.
std::vector<Balances> block_starts(const model::EncoderShape& shape, std::span<const std::uint64_t> start,
                                   std::span<const SlotTransfer> transfers) {
  const std::uint64_t limit = std::uint64_t{1} << shape.balance_bits;
  Balances balances(start.begin(), start.end());
  for (std::size_t i = 0; i < balances.size(); ++i)
    LL_CHECK(balances[i] < limit, "evaluate: start balance {} of slot {} is not below 2^{}", balances[i], i,
             shape.balance_bits);
  std::vector<Balances> starts;
  for (std::size_t i = 0; i < transfers.size(); ++i) {
    if (i % kBlock == 0) starts.push_back(balances);
    const SlotTransfer& t = transfers[i];
    if (t.sender_slot >= shape.accounts || t.receiver_slot >= shape.accounts)
      fail(ErrorCode::unsatisfied, "transfer {}: slots {} -> {} of {}", i, t.sender_slot, t.receiver_slot,
           shape.accounts);
    if (t.sender_slot == t.receiver_slot || t.amount == 0)
      fail(ErrorCode::unsatisfied, "transfer {}: amount {} from slot {} to slot {}", i, t.amount, t.sender_slot,
           t.receiver_slot);
    if (t.amount > balances[t.sender_slot] || t.amount >= limit - balances[t.receiver_slot])
      fail(ErrorCode::unsatisfied, "transfer {}: amount {}, sender holds {}, receiver holds {} (limit 2^{})", i,
           t.amount, balances[t.sender_slot], balances[t.receiver_slot], shape.balance_bits);
    apply(balances, t);
  }
  starts.push_back(balances);  // the end: after the last transfer
  return starts;
}

/// E and delta in a floating-point type.
template <class Real>
class FloatPass {
 public:
  using Number = Real;

  FloatPass(const model::QuantizedEncoder& encoder, std::span<const double> v)
      : dims_(encoder.shape().dims), v_(v.size()), unit_(std::ldexp(Real{1}, -int(encoder.shape().balance_bits))) {
    double largest = 0;
    for (const double value : v) largest = std::max(largest, std::abs(value));
    LL_CHECK(std::isfinite(largest) && largest > 0, "evaluate: V is zero or not finite");
    for (std::size_t i = 0; i < v.size(); ++i) v_[i] = static_cast<Real>(v[i] / largest);
  }

  void embed(const Balances& balances, std::vector<Real>& e) const {
    std::fill(e.begin(), e.end(), Real{0});
    for (std::size_t i = 0; i < balances.size(); ++i) {
      const Real b = static_cast<Real>(balances[i]) * unit_;
      const Real* row = v_.data() + i * dims_;
      for (std::size_t k = 0; k < dims_; ++k) e[k] += b * row[k];
    }
  }
  void add_delta(std::vector<Real>& e, const SlotTransfer& t) const {
    const Real a = static_cast<Real>(t.amount) * unit_;
    const Real *sender = v_.data() + t.sender_slot * dims_, *receiver = v_.data() + t.receiver_slot * dims_;
    for (std::size_t k = 0; k < dims_; ++k) e[k] += a * (receiver[k] - sender[k]);
  }
  double in_units(Real value) const { return static_cast<double>(value); }

 private:
  std::size_t dims_;
  std::vector<Real> v_;
  Real unit_;
};

/// The same in exact integers.
class QuantisedPass {
 public:
  using Number = std::int64_t;

  explicit QuantisedPass(const model::QuantizedEncoder& encoder) : encoder_(encoder) {}
  void embed(const Balances& balances, std::vector<Number>& e) const { e = encoder_.embed(balances); }
  void add_delta(std::vector<Number>& e, const SlotTransfer& t) const {
    encoder_.add_delta(e, t.sender_slot, t.receiver_slot, t.amount);
  }
  double in_units(Number value) const {  // |value| < 2^54: a double may round it, but never to 0
    return std::ldexp(static_cast<double>(value), -int(encoder_.shape().scale_bits()));
  }

 private:
  const model::QuantizedEncoder& encoder_;
};

template <class Number>
Number largest_gap(const std::vector<Number>& a, const std::vector<Number>& b) {
  Number largest = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const Number gap = a[k] > b[k] ? a[k] - b[k] : b[k] - a[k];
    if (gap > largest || gap != gap) largest = gap;  // a NaN is kept, not passed over
  }
  return largest;
}

template <class Number>
Number largest_entry(const std::vector<Number>& a) {
  return largest_gap(a, std::vector<Number>(a.size(), 0));
}

void summarise(const std::vector<double>& errors, PassReport& report) {
  std::vector<double> sorted = errors;
  std::sort(sorted.begin(), sorted.end());
  double sum = 0;  // ascending, so that the order of threads and transfers does not matter
  for (const double error : sorted) {
    sum += error;
    if (error == 0) {
      ++report.histogram[0];
    } else {
      const int decade = static_cast<int>(std::floor(std::log10(error))) - PassReport::kFirstDecade;
      ++report.histogram[1 + std::size_t(std::clamp(decade, 0, PassReport::kDecades - 1))];
    }
  }
  const auto quantile = [&](double q) {
    const auto rank = static_cast<std::size_t>(std::ceil(q * double(sorted.size())));
    return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
  };
  ErrorDistribution& d = report.errors;
  d.zeros = report.histogram[0];
  if (sorted.empty()) return;
  d.max_abs = sorted.back();
  d.mean_abs = sum / double(sorted.size());
  d.p50 = quantile(0.5), d.p90 = quantile(0.9), d.p99 = quantile(0.99), d.p999 = quantile(0.999);
}

template <class Pass>
PassReport run_pass(std::string name, const Pass& pass, std::size_t dims, const std::vector<Balances>& starts,
                    std::span<const SlotTransfer> transfers, const std::vector<std::uint64_t>& drift_at,
                    Progress& progress) {
  using Number = typename Pass::Number;
  PassReport report{.name = std::move(name)};
  std::vector<double> errors(transfers.size()), relative(transfers.size());
  std::vector<std::vector<Number>> fresh(drift_at.size());  // E of the states that the drift is measured at
  std::atomic<std::uint64_t> done = 0;
  progress.begin("evaluate " + report.name, transfers.size());
  parallel_for(starts.size() - 1, 1, [&](std::size_t first_block, std::size_t end_block) {
    std::vector<Number> before(dims), after(dims);
    for (std::size_t block = first_block; block < end_block; ++block) {
      if (progress.stop_requested()) fail(ErrorCode::interrupted, "evaluation stopped");
      Balances balances = starts[block];
      pass.embed(balances, before);
      const std::size_t end = std::min(transfers.size(), (block + 1) * kBlock);
      for (std::size_t i = block * kBlock; i < end; ++i) {
        apply(balances, transfers[i]);
        pass.embed(balances, after);
        pass.add_delta(before, transfers[i]);
        errors[i] = pass.in_units(largest_gap(after, before));
        relative[i] = errors[i] == 0 ? 0 : errors[i] / pass.in_units(largest_entry(after));
        const auto sample = std::lower_bound(drift_at.begin(), drift_at.end(), i + 1);
        if (sample != drift_at.end() && *sample == i + 1) fresh[std::size_t(sample - drift_at.begin())] = after;
        std::swap(before, after);  // encoding the same state again gives the same numbers
      }
      done += end - block * kBlock;
    }
  });
  progress.update(done);

  std::vector<Number> running(dims);
  pass.embed(starts.front(), running);
  std::size_t next = 0;
  for (std::size_t i = 0; i < transfers.size(); ++i) {
    pass.add_delta(running, transfers[i]);
    if (next < drift_at.size() && drift_at[next] == i + 1)
      report.drift_curve.push_back(pass.in_units(largest_gap(running, fresh[next++])));
  }
  report.drift = report.drift_curve.empty() ? 0 : report.drift_curve.back();
  summarise(errors, report);
  for (const double value : relative) report.errors.max_relative = std::max(report.errors.max_relative, value);
  progress.end();
  return report;
}

}  // namespace

EvaluationReport evaluate(const model::QuantizedEncoder& encoder, std::span<const double> v,
                          std::span<const std::uint64_t> start, std::span<const SlotTransfer> transfers,
                          Progress& progress) {
  const model::EncoderShape& shape = encoder.shape();
  LL_CHECK(v.size() == shape.accounts * shape.dims, "evaluate: V has {} entries, {} x {} expected", v.size(),
           shape.accounts, shape.dims);
  LL_CHECK(start.size() == shape.accounts, "evaluate: {} start balances for {} slots", start.size(), shape.accounts);
  const Stopwatch watch;
  const std::vector<Balances> starts = block_starts(shape, start, transfers);

  EvaluationReport report;
  report.transfers = transfers.size();
  const std::size_t samples = std::min(kDriftSamples, transfers.size());
  for (std::size_t s = 1; s <= samples; ++s) report.drift_at.push_back(transfers.size() * s / samples);

  const auto pass = [&](const char* name, const auto& arithmetic) {
    return run_pass(name, arithmetic, shape.dims, starts, transfers, report.drift_at, progress);
  };
  report.passes[0] = pass("float32", FloatPass<float>(encoder, v));
  report.passes[1] = pass("float64", FloatPass<double>(encoder, v));
  report.passes[2] = pass("quantised", QuantisedPass(encoder));
  report.seconds = watch.ms() / 1000;
  return report;
}

}  // namespace ll::training
