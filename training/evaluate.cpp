#include "training/evaluate.hpp"

#include <atomic>
#include <cstring>

#include "base/cpu_versions.hpp"
#include "base/parallel.hpp"
#include "base/resources.hpp"
#include "training/evaluate_passes.hpp"

namespace ll::training {
namespace {

constexpr std::size_t kBlock = 512;         // transfers a thread takes at a time
constexpr std::size_t kDriftSamples = 200;  // points of the drift curve

std::string text_of(std::uint64_t amount) { return std::to_string(amount); }
std::string text_of(u128 amount) { return ll::to_string(amount); }

/// A start state and the transfers from it on, checked; states in between can be had at every block.
template <class Amount, class Move>
class History {
 public:
  /// `largest`: the largest balance allowed.
  History(std::span<const Amount> start, std::span<const Move> moves, Amount largest) : moves_(moves) {
    std::vector<Amount> balances(start.begin(), start.end());
    for (std::size_t i = 0; i < balances.size(); ++i)
      LL_CHECK(balances[i] <= largest, "evaluate: start balance {} of slot {} is above {}", text_of(balances[i]), i,
               text_of(largest));
    for (std::size_t i = 0; i < moves.size(); ++i) {
      if (i % kBlock == 0) starts_.push_back(balances);
      const Move& m = moves[i];
      if (m.sender_slot >= balances.size() || m.receiver_slot >= balances.size())
        fail(ErrorCode::unsatisfied, "transfer {}: slots {} -> {} of {}", i, m.sender_slot, m.receiver_slot,
             balances.size());
      if (m.sender_slot == m.receiver_slot || m.amount == 0)
        fail(ErrorCode::unsatisfied, "transfer {}: amount {} from slot {} to slot {}", i, text_of(m.amount),
             m.sender_slot, m.receiver_slot);
      if (m.amount > balances[m.sender_slot] || m.amount > largest - balances[m.receiver_slot])
        fail(ErrorCode::unsatisfied, "transfer {}: amount {}, sender holds {}, receiver holds {} (largest balance {})",
             i, text_of(m.amount), text_of(balances[m.sender_slot]), text_of(balances[m.receiver_slot]),
             text_of(largest));
      apply(balances, m);
    }
    if (moves.empty()) starts_.push_back(balances);
  }

  std::size_t size() const { return moves_.size(); }
  std::size_t blocks() const { return (moves_.size() + kBlock - 1) / kBlock; }
  const std::vector<Amount>& start_of(std::size_t block) const { return starts_[block]; }
  std::span<const Move> moves(std::size_t first, std::size_t count) const { return moves_.subspan(first, count); }

  /// Balances before and after each of some transfers [count + 1, N]; `balances` goes from before the first to after
  /// the last.
  std::vector<Amount> states(std::vector<Amount>& balances, std::size_t first, std::size_t count) const {
    std::vector<Amount> rows(balances);
    for (const Move& m : moves(first, count)) {
      apply(balances, m);
      rows.insert(rows.end(), balances.begin(), balances.end());
    }
    return rows;
  }

 private:
  static void apply(std::vector<Amount>& balances, const Move& m) {
    balances[m.sender_slot] -= m.amount;
    balances[m.receiver_slot] += m.amount;
  }
  std::span<const Move> moves_;
  std::vector<std::vector<Amount>> starts_;  // before each block
};

template <class Number>
struct Gap {
  Number largest, entry;  ///< of |after - predicted|, of |after|
};

/// Largest gap between two embeddings; a NaN is kept, not passed over.
template <class Number>
[[gnu::always_inline]] inline Gap<Number> largest_gap(const Number* after, const Number* predicted, std::size_t width) {
  typedef Number Lanes __attribute__((vector_size(32)));  // NOLINT: GCC and clang
  constexpr std::size_t kLanes = sizeof(Lanes) / sizeof(Number);
  const Lanes zero{};
  Lanes gaps{}, entries{}, sum{};  // the sum of gaps is NaN exactly when one of them is
  std::size_t k = 0;
  for (; k + kLanes <= width; k += kLanes) {
    Lanes a, p;
    std::memcpy(&a, after + k, sizeof a);
    std::memcpy(&p, predicted + k, sizeof p);
    const Lanes difference = a - p, gap = difference < zero ? -difference : difference, entry = a < zero ? -a : a;
    gaps = gap > gaps ? gap : gaps;
    entries = entry > entries ? entry : entries;
    sum += gap;
  }
  Gap<Number> result{0, 0};
  Number total = 0;
  const auto take = [&](Number gap, Number entry, Number part) {
    result.largest = std::max(result.largest, gap);
    result.entry = std::max(result.entry, entry);
    total += part;
  };
  for (std::size_t lane = 0; lane < kLanes; ++lane) take(gaps[lane], entries[lane], sum[lane]);
  for (; k < width; ++k) {
    const Number gap = std::abs(after[k] - predicted[k]);
    take(gap, std::abs(after[k]), gap);
  }
  if (total != total) result.largest = total;
  return result;
}

LL_CPU_VERSIONS Gap<float> compare(std::span<const float> after, std::span<const float> predicted) {
  return largest_gap(after.data(), predicted.data(), after.size());
}
LL_CPU_VERSIONS Gap<double> compare(std::span<const double> after, std::span<const double> predicted) {
  return largest_gap(after.data(), predicted.data(), after.size());
}
LL_CPU_VERSIONS Gap<std::int64_t> compare(std::span<const std::int64_t> after,
                                          std::span<const std::int64_t> predicted) {
  return largest_gap(after.data(), predicted.data(), after.size());
}

void summarise(const std::vector<double>& relative, PassReport& report) {
  std::vector<double> sorted = report.by_transfer;
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
  for (const double value : relative) {
    d.max_relative = std::max(d.max_relative, value);
    d.mean_relative += value / double(relative.size());
  }
}

/// E(S_0) and all deltas, one after the other, against fresh encodings [drift_at.size()] of the states there.
template <class Pass>
std::vector<double> drift_curve(const Pass& pass, const History<typename Pass::Amount, typename Pass::Move>& history,
                                const std::vector<std::uint64_t>& drift_at,
                                const std::vector<std::vector<typename Pass::Number>>& fresh) {
  using Number = typename Pass::Number;
  const std::size_t width = pass.width();
  std::vector<double> curve;
  std::vector<Number> running(width), deltas(Pass::kBatch * width);
  std::vector<typename Pass::Amount> balances = history.start_of(0);
  pass.embed(balances, running);
  for (std::size_t first = 0; first < history.size(); first += Pass::kBatch) {
    const std::size_t count = std::min(Pass::kBatch, history.size() - first);
    const auto rows = history.states(balances, first, count);
    pass.deltas(history.moves(first, count), rows, std::span(deltas).first(count * width));
    for (std::size_t t = 0; t < count; ++t) {
      for (std::size_t k = 0; k < width; ++k) running[k] += deltas[t * width + k];
      if (curve.size() < drift_at.size() && drift_at[curve.size()] == first + t + 1)
        curve.push_back(pass.in_units(compare(fresh[curve.size()], running).largest));
    }
  }
  return curve;
}

template <class Pass>
PassReport run_pass(std::string name, const Pass& pass,
                    const History<typename Pass::Amount, typename Pass::Move>& history, Progress& progress) {
  using Number = typename Pass::Number;
  const Stopwatch watch;
  PassReport report{.name = std::move(name)};
  const std::size_t samples = std::min(kDriftSamples, history.size());
  for (std::size_t s = 1; s <= samples; ++s) report.drift_at.push_back(history.size() * s / samples);
  const auto& drift_at = report.drift_at;
  report.by_transfer.resize(history.size());
  std::vector<double> relative(history.size());
  std::vector<std::vector<Number>> fresh(drift_at.size());  // E of the states that the drift is measured at
  std::atomic<std::uint64_t> done = 0;
  progress.begin("evaluate " + report.name, history.size());

  const auto run_block = [&](std::size_t block) {
    const std::size_t width = pass.width(), begin = block * kBlock, end = std::min(history.size(), begin + kBlock);
    std::vector<typename Pass::Amount> balances = history.start_of(block);
    std::vector<Number> e((Pass::kBatch + 1) * width), predicted(Pass::kBatch * width);
    for (std::size_t first = begin; first < end; first += Pass::kBatch) {
      if (progress.stop_requested()) fail(ErrorCode::interrupted, "evaluation stopped");
      const std::size_t count = std::min(Pass::kBatch, end - first);
      const auto rows = history.states(balances, first, count);
      pass.embed(rows, std::span(e).first((count + 1) * width));
      pass.deltas(history.moves(first, count), rows, std::span(predicted).first(count * width));
      for (std::size_t t = 0; t < count; ++t) {
        const std::span after = std::span<const Number>(e).subspan((t + 1) * width, width);
        const std::span sum = std::span(predicted).subspan(t * width, width);
        for (std::size_t k = 0; k < width; ++k) sum[k] = e[t * width + k] + sum[k];
        const Gap<Number> gap = compare(after, std::span<const Number>(sum));
        const double error = pass.in_units(gap.largest);
        report.by_transfer[first + t] = error;
        relative[first + t] = error == 0 ? 0 : error / pass.in_units(gap.entry);
        const auto sample = std::lower_bound(drift_at.begin(), drift_at.end(), first + t + 1);
        if (sample != drift_at.end() && *sample == first + t + 1)
          fresh[std::size_t(sample - drift_at.begin())].assign(after.begin(), after.end());
      }
      progress.update(done += count);
    }
  };
  parallel_for(history.blocks(), 1, [&](std::size_t first, std::size_t end) {
    for (std::size_t block = first; block < end; ++block) run_block(block);
  });
  report.drift_curve = drift_curve(pass, history, drift_at, fresh);
  report.drift = report.drift_curve.empty() ? 0 : report.drift_curve.back();
  summarise(relative, report);
  report.seconds = watch.ms() / 1000;
  progress.end();
  return report;
}

using UnitHistory = History<std::uint64_t, SlotTransfer>;

std::uint64_t largest_balance(unsigned balance_bits) { return (std::uint64_t{1} << balance_bits) - 1; }

}  // namespace

EvaluationReport evaluate(const model::QuantizedEncoder& encoder, std::span<const double> v,
                          std::span<const std::uint64_t> start, std::span<const SlotTransfer> transfers,
                          Progress& progress) {
  const model::EncoderShape& shape = encoder.shape();
  LL_CHECK(v.size() == shape.accounts * shape.dims, "evaluate: V has {} entries, {} x {} expected", v.size(),
           shape.accounts, shape.dims);
  LL_CHECK(start.size() == shape.accounts, "evaluate: {} start balances for {} slots", start.size(), shape.accounts);
  const Stopwatch watch;
  const UnitHistory history(start, transfers, largest_balance(shape.balance_bits));
  EvaluationReport report{.transfers = transfers.size(), .passes = {}};
  report.passes.push_back(run_pass("float32", FloatPass<float>(shape, v), history, progress));
  report.passes.push_back(run_pass("float64", FloatPass<double>(shape, v), history, progress));
  report.passes.push_back(run_pass("quantised", QuantisedPass(encoder), history, progress));
  report.seconds = watch.ms() / 1000;
  return report;
}

PassReport evaluate_exact(const model::QuantizedEncoder& encoder, std::span<const u128> start,
                          std::span<const ExactTransfer> transfers, Progress& progress) {
  LL_CHECK(start.size() == encoder.shape().accounts, "evaluate: {} start balances for {} slots", start.size(),
           encoder.shape().accounts);
  const History<u128, ExactTransfer> history(start, transfers, kU128Max);
  return run_pass("exact", ExactPass(encoder), history, progress);
}

PassReport evaluate_states(const StateEncoder& encoder, std::span<const std::uint64_t> start,
                           std::span<const SlotTransfer> transfers, Progress& progress) {
  LL_CHECK(start.size() == encoder.accounts, "evaluate: {} start balances for {} slots", start.size(),
           encoder.accounts);
  const UnitHistory history(start, transfers, largest_balance(encoder.balance_bits));
  return run_pass(encoder.name, StatePass(encoder, start), history, progress);
}

}  // namespace ll::training
