#pragma once
#include <chrono>
#include <cstdint>

namespace ll {

/// Largest resident set of this process so far, in bytes.
std::uint64_t peak_rss_bytes();

/// Resident set of this process now, in bytes; the largest so far where the system does not tell (macOS).
std::uint64_t current_rss_bytes();

/// Memory that a process may still take without swapping, in bytes: what the system says is available, less where a
/// control group allows less; half of the machine's where the system does not tell (macOS).
std::uint64_t available_memory_bytes();

/// Largest resident set since the last reset_peak_rss(), where the system can reset it (Linux); else since the start.
void reset_peak_rss();

/// Milliseconds since construction.
class Stopwatch {
 public:
  double ms() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace ll
