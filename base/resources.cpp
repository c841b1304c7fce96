#include "base/resources.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include <sys/resource.h>
#include <unistd.h>

namespace ll {
namespace {

/// A figure of a file such as /proc/self/status, given there in KiB; 0 where there is no such file.
std::uint64_t figure_of(const char* file, std::string_view key) {
  std::ifstream status(file);
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key)) return std::stoull(line.substr(key.size())) * 1024;
  }
  return 0;
}
std::uint64_t status_bytes(std::string_view key) { return figure_of("/proc/self/status", key); }

/// The number in a file of the control group; nullopt for "max" or no such file.
std::optional<std::uint64_t> group_bytes(const char* file) {
  std::ifstream stream(file);
  std::uint64_t bytes = 0;
  if (stream >> bytes) return bytes;
  return std::nullopt;
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

std::uint64_t available_memory_bytes() {
  std::uint64_t bytes = figure_of("/proc/meminfo", "MemAvailable:");
  if (bytes == 0) {
    const auto pages = static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PHYS_PAGES)));
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / 2;
  }
  const auto most = group_bytes("/sys/fs/cgroup/memory.max"), used = group_bytes("/sys/fs/cgroup/memory.current");
  if (most && used) bytes = std::min(bytes, *most - std::min(*most, *used));
  return bytes;
}

void reset_peak_rss() { std::ofstream("/proc/self/clear_refs") << "5"; }

}  // namespace ll
