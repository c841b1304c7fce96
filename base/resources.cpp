#include "base/resources.hpp"

#include <fstream>
#include <string>
#include <string_view>

#include <sys/resource.h>

namespace ll {
namespace {

/// A figure of /proc/self/status, given there in KiB; 0 where there is no such file.
std::uint64_t status_bytes(std::string_view key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key)) return std::stoull(line.substr(key.size())) * 1024;
  }
  return 0;
}

}  // namespace

std::uint64_t current_rss_bytes() {
  const std::uint64_t bytes = status_bytes("VmRSS:");
  return bytes != 0 ? bytes : peak_rss_bytes();
}

std::uint64_t peak_rss_bytes() {
  if (const std::uint64_t bytes = status_bytes("VmHWM:"); bytes != 0) return bytes;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return static_cast<std::uint64_t>(usage.ru_maxrss);
#else
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
#endif
}

void reset_peak_rss() { std::ofstream("/proc/self/clear_refs") << "5"; }

}  // namespace ll
