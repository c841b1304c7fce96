#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "cli/session.hpp"

namespace ll::bench {

/// What one run of a program took.
struct SpawnedRun {
  int exit = 0;  ///< exit status, or 128 + the signal
  double ms = 0, cpu_seconds = 0;
  std::uint64_t peak_rss_bytes = 0;  ///< of a verb, as it says itself: what wait4 tells counts this process too
  std::string out;                   ///< its stdout
};

/// Runs a program in `folder` to its end; stderr is dropped. Variables LATENTLEDGER_* are not passed on, but for
/// LATENTLEDGER_KERNELS and LATENTLEDGER_DEPS: the run is measured with its defaults. Throws Error{io}.
SpawnedRun run_program(const std::vector<std::string>& words, const std::filesystem::path& folder);

/// Runs a verb of this very command with --json and `--threads` as this process has. Throws Error{io} with what it said
/// when it fails.
SpawnedRun run_verb(std::vector<std::string> words, const std::filesystem::path& folder);
/// The object under "result" of its answer.
cli::Json result_of(const SpawnedRun& run);

}  // namespace ll::bench
