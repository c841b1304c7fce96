#include "cli/worker_processes.hpp"

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>

#include <arpa/inet.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.hpp"

extern char** environ;  // NOLINT: POSIX

namespace ll::cli {
namespace {

/// An integer of the environment in [least, most]; nullopt where it is not set.
std::optional<int> variable(const char* name, int least, int most) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return std::nullopt;
  int value = 0;
  const char* last = text + std::strlen(text);
  const auto [end, error] = std::from_chars(text, last, value);
  LL_CHECK(error == std::errc() && end == last && value >= least && value <= most,
           "train: {}={}; a number from {} to {} expected", name, text, least, most);
  return value;
}

/// The words of this process's command line. Error{io} where the system does not tell.
std::vector<std::string> own_words() {
  std::vector<std::string> words;
  std::string text = read_text("/proc/self/cmdline");
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\0', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

training::WorkerPlace launched_place() {
  training::WorkerPlace place;
  constexpr int kMost = 4096;
  constexpr std::pair<const char*, const char*> kLaunchers[] = {
      {"RANK", "WORLD_SIZE"}, {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"}, {"PMI_RANK", "PMI_SIZE"}};
  for (const auto& [rank_name, count_name] : kLaunchers) {
    const auto count = variable(count_name, 1, kMost);
    if (!count) continue;
    const auto rank = variable(rank_name, 0, *count - 1);
    LL_CHECK(rank.has_value(), "train: {} is set, {} is not", count_name, rank_name);
    place.rank = *rank;
    place.count = *count;
    break;
  }
  if (const char* host = std::getenv("MASTER_ADDR"); host != nullptr && *host != '\0') place.host = host;
  place.port = variable("MASTER_PORT", 1, 65535).value_or(place.port);
  return place;
}

WorkerProcesses::WorkerProcesses(int count, int port) {
  std::vector<std::string> words = own_words();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  int failed = 0;
  for (int rank = 1; rank < count && failed == 0; ++rank) {
    std::vector<std::string> variables = {"MASTER_ADDR=127.0.0.1"};
    for (const auto& [name, value] : {std::pair{"RANK", rank},
                                      {"LOCAL_RANK", rank},
                                      {"WORLD_SIZE", count},
                                      {"LOCAL_WORLD_SIZE", count},
                                      {"MASTER_PORT", port}})
      variables.push_back(fmt::format("{}={}", name, value));
    for (char** entry = environ; *entry != nullptr; ++entry)
      variables.emplace_back(*entry);  // the first of a name counts
    pid_t process = 0;
    failed =
        posix_spawn(&process, "/proc/self/exe", &actions, nullptr, pointers(words).data(), pointers(variables).data());
    if (failed == 0) processes_.push_back(process);
  }
  posix_spawn_file_actions_destroy(&actions);
  if (failed == 0) return;
  end();
  fail(ErrorCode::io, "train: cannot start a worker: {}", std::strerror(failed));
}

WorkerProcesses::~WorkerProcesses() { end(); }

/// They write nothing, so after a moment to end by themselves they may be killed.
void WorkerProcesses::end() noexcept {
  for (int tenths = 0; tenths < 10 && !processes_.empty(); ++tenths) {
    std::erase_if(processes_, [](pid_t process) { return ::waitpid(process, nullptr, WNOHANG) != 0; });
    if (!processes_.empty()) ::usleep(100'000);
  }
  for (const pid_t process : processes_) ::kill(process, SIGKILL);
  for (const pid_t process : processes_) ::waitpid(process, nullptr, 0);
  processes_.clear();
}

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool found = socket >= 0 && ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  const int error = errno;
  if (socket >= 0) ::close(socket);
  if (!found) fail(ErrorCode::io, "train: no free port: {}", std::strerror(error));
  return ntohs(address.sin_port);
}

}  // namespace ll::cli
