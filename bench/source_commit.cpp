#include "bench/source_commit.hpp"

#include "bench/spawn.hpp"

namespace ll::bench {

cli::Json source_commit(const std::filesystem::path& folder) {
  try {
    SpawnedRun run =
        run_program({"git", "-C", LL_SOURCE_DIR, "describe", "--always", "--dirty", "--exclude=*"}, folder);
    while (!run.out.empty() && run.out.back() == '\n') run.out.pop_back();
    if (run.exit == 0 && !run.out.empty()) return run.out;
  } catch (const Error&) {  // no git on this machine
  }
  return nullptr;
}

}  // namespace ll::bench
