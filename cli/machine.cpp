#include "cli/machine.hpp"

#include <algorithm>
#include <fstream>
#include <thread>

#include <sys/utsname.h>
#include <unistd.h>

namespace ll::cli {
namespace {

/// The value of the first line "key : value" of /proc/cpuinfo.
std::string cpu_line(const std::string& key) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with(key) && colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

}  // namespace

Json machine_json() {
  utsname system{};
  ::uname(&system);
  const std::string model = cpu_line("model name"), flags = " " + cpu_line("flags") + " ";
  Json instructions = Json::array();
  for (const char* name : {"bmi2", "adx", "avx2", "avx512f", "avx512ifma"}) {
    if (flags.find(std::string(" ") + name + " ") != std::string::npos) instructions.push_back(name);
  }
  const auto pages = static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PHYS_PAGES)));
  return {{"cpu", model.empty() ? system.machine : model},
          {"family", cpu_line("cpu family")},
          {"model", cpu_line("model\t")},
          {"cores", std::thread::hardware_concurrency()},
          {"memory_bytes", pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))},
          {"instructions", std::move(instructions)},
          {"system", fmt::format("{} {}", system.sysname, system.machine)}};
}

std::string compiler_name() {
#if defined(__clang__)
  return "clang " __clang_version__;
#elif defined(__GNUC__)
  return "g++ " __VERSION__;
#else
  return "unknown";
#endif
}

}  // namespace ll::cli
