#include "bench/spawn.hpp"

#include <cstring>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.hpp"
#include "base/parallel.hpp"
#include "base/resources.hpp"

extern char** environ;  // NOLINT: POSIX

namespace ll::bench {
namespace {

namespace fs = std::filesystem;

bool is_passed_on(const char* variable) {
  const std::string_view text = variable;
  return !text.starts_with("LATENTLEDGER_") || text.starts_with("LATENTLEDGER_KERNELS=") ||
         text.starts_with("LATENTLEDGER_DEPS=");
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

SpawnedRun run_program(const std::vector<std::string>& words, const fs::path& folder) {
  const fs::path out = folder / ".stdout";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  std::vector<std::string> owned = words;
  std::vector<char*> arguments, variables;
  for (std::string& word : owned) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (is_passed_on(*entry)) variables.push_back(*entry);
  }
  variables.push_back(nullptr);

  SpawnedRun run;
  const Stopwatch watch;
  pid_t process = 0;
  const int failed =
      ::posix_spawnp(&process, words.front().c_str(), &actions, nullptr, arguments.data(), variables.data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) fail(ErrorCode::io, "bench: cannot start {}: {}", words.front(), std::strerror(failed));
  int status = 0;
  rusage usage{};
  while (::wait4(process, &status, 0, &usage) < 0) {
    if (errno != EINTR) fail(ErrorCode::io, "bench: cannot wait for {}: {}", words.front(), std::strerror(errno));
  }
  run.ms = watch.ms();
  run.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  run.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  run.out = read_text(out);
  fs::remove(out);
  return run;
}

SpawnedRun run_verb(std::vector<std::string> words, const fs::path& folder) {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error) fail(ErrorCode::io, "bench: this system does not tell where the program is: {}", error.message());
  words.insert(words.begin(), self.string());
  for (const std::string& word : {std::string("--json"), std::string("--threads"), std::to_string(thread_count())})
    words.push_back(word);
  SpawnedRun run = run_program(words, folder);
  if (run.exit != 0) {
    std::string line;
    for (std::size_t i = 1; i < words.size(); ++i) line += " " + words[i];
    fail(run.exit == 130 ? ErrorCode::interrupted : ErrorCode::io, "bench: latentledger{} ended with exit {}: {}", line,
         run.exit, run.out);
  }
  run.peak_rss_bytes = cli::Json::parse(run.out).at("peak_rss_bytes").get<std::uint64_t>();
  return run;
}

cli::Json result_of(const SpawnedRun& run) { return cli::Json::parse(run.out).at("result"); }

}  // namespace ll::bench
