#include "bench/measure.hpp"

#include <algorithm>
#include <ctime>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace ll::bench {

double Samples::median() const {
  LL_CHECK(!values_.empty(), "bench: the median of no runs");
  std::vector<double> sorted = values_;
  std::ranges::sort(sorted);
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

double Samples::spread() const {
  const auto [least, most] = std::ranges::minmax(values_);
  return (most - least) / median();
}

double process_cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void alternate(int runs, cli::Session& session, const std::function<void()>& ours, const std::function<void()>& peer) {
  for (int i = 0; i < runs; ++i) {
    session.check_stop();
    ours();
    if (!peer) continue;
    session.check_stop();
    peer();
  }
}

void give_memory_back() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

void sample(Side& side, double scale, const std::function<void()>& work) {
  reset_peak_rss();
  const double cpu = process_cpu_seconds();
  const Stopwatch watch;
  work();
  const double ms = watch.ms();
  side.cpu_seconds.add(process_cpu_seconds() - cpu);
  side.value.add(ms * scale);
  side.peak_rss_bytes = std::max(side.peak_rss_bytes, peak_rss_bytes());
}

}  // namespace ll::bench
