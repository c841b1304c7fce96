#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "cli/session.hpp"

namespace ll::bench {

/// Figures of repeated runs of one thing.
class Samples {
 public:
  void add(double value) { values_.push_back(value); }
  bool empty() const { return values_.empty(); }
  std::size_t count() const { return values_.size(); }
  /// The middle one; of an even number the mean of the middle two. Throws Error{invalid_argument} when there is none.
  double median() const;
  /// (largest - smallest) / median.
  double spread() const;

 private:
  std::vector<double> values_;
};

/// What one way of doing a thing took, over all runs.
struct Side {
  Samples value;        ///< in the row's unit
  Samples cpu_seconds;  ///< where it was measured
  std::uint64_t peak_rss_bytes = 0;
};

/// What a row of the bench came to.
struct Measurement {
  Side ours{};
  std::optional<Side> peer{};
  std::size_t threads = 0;                ///< 0: those of the whole bench
  cli::Json extra = cli::Json::object();  ///< more keys for the row's JSON
};

/// Processor time of this process so far, in seconds.
double process_cpu_seconds();

/// `runs` times ours, then the peer's where there is one: alternating, so that a change of the machine's speed meets
/// both. Stops with Error{interrupted} between two runs.
void alternate(int runs, cli::Session& session, const std::function<void()>& ours, const std::function<void()>& peer);

/// Hands pages that earlier work has freed back to the system, so that they do not count as the next row's.
void give_memory_back();

/// Measures `work` once: milliseconds, processor time, peak memory, into `side`; the value is milliseconds · scale.
void sample(Side& side, double scale, const std::function<void()>& work);

}  // namespace ll::bench
