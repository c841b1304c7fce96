#include "bench/peer.hpp"

#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>

#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;  // NOLINT: POSIX

namespace ll::bench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kInsideSetup = "interop/fastest/latentledger-interop";

fs::path setup_folder() {
  const char* variable = std::getenv("LATENTLEDGER_DEPS");
  return variable != nullptr && *variable != '\0' ? fs::path(variable) : fs::path(LL_SOURCE_DIR) / ".deps";
}

}  // namespace

std::optional<fs::path> Peer::find(const fs::path& given) {
  std::error_code ignored;
  const fs::path place = given.empty() ? setup_folder() : fs::absolute(given);
  for (const fs::path& candidate : {place, place / kInsideSetup, place / "fastest" / "latentledger-interop"}) {
    if (fs::is_regular_file(candidate, ignored)) return candidate;
  }
  if (!given.empty())
    throw Error(ErrorCode::io,
                fmt::format("--peer: {} is neither the program nor a folder with {}", given.string(), kInsideSetup),
                given.string(), "./setup.sh --with-bench builds it");
  return std::nullopt;
}

Peer::Peer(const fs::path& program, const fs::path& folder, std::size_t threads) : program_(program) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    fail(ErrorCode::io, "bench: no pipe to the peer: {}", std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::string words[] = {program.string(), "bench", folder.string()};
  char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  std::string own = fmt::format("RAYON_NUM_THREADS={}", threads);
  std::vector<char*> variables = {own.data()};
  for (char** entry = environ; *entry != nullptr; ++entry) variables.push_back(*entry);  // the first of a name counts
  variables.push_back(nullptr);
  const int failed = ::posix_spawn(&process_, words[0].c_str(), &actions, nullptr, arguments, variables.data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  socket_ = ends[0];
  if (failed != 0) {
    ::close(socket_);
    fail(ErrorCode::io, "bench: cannot start {}: {}", program.string(), std::strerror(failed));
  }
  answers_ = ::fdopen(socket_, "r");
}

Peer::~Peer() {
  ::shutdown(socket_, SHUT_WR);  // it ends when its input does
  std::fclose(answers_);
  ::waitpid(process_, nullptr, 0);
}

cli::Json Peer::ask(const std::string& line) {
  const std::string text = line + "\n";
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t n = ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail(ErrorCode::io, "bench: {} has ended before it was asked \"{:.40}\"", program_.string(), line);
    sent += static_cast<std::size_t>(n);
  }
  char* answer = nullptr;
  std::size_t capacity = 0;
  const ssize_t length = ::getline(&answer, &capacity, answers_);
  const std::string read = length > 0 ? std::string(answer, static_cast<std::size_t>(length)) : "";
  std::free(answer);
  if (read.empty()) fail(ErrorCode::io, "bench: {} has ended instead of answering \"{:.40}\"", program_.string(), line);
  cli::Json json = cli::Json::parse(read, nullptr, false);
  if (json.is_discarded()) fail(ErrorCode::io, "bench: {} answered \"{:.80}\"", program_.string(), read);
  if (json.contains("error"))
    fail(ErrorCode::io, "bench: {}, asked \"{:.40}\": {}", program_.string(), line, json["error"].get<std::string>());
  return json;
}

std::optional<double> Peer::cpu_seconds() const {
#ifdef __APPLE__
  return std::nullopt;
#else
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(process_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return std::nullopt;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
#endif
}

std::uint64_t Peer::peak_rss_bytes() const {
  std::ifstream status(fmt::format("/proc/{}/status", process_));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) * 1024;
  }
  return 0;
}

void Peer::reset_peak() const { std::ofstream(fmt::format("/proc/{}/clear_refs", process_)) << "5"; }

}  // namespace ll::bench
