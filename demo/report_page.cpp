#include "demo/report_page.hpp"

#include <cstdlib>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "demo/report_assets.hpp"

extern char** environ;  // NOLINT: as POSIX has it

namespace ll::demo {
namespace {

/// Text that stands inside <script>: it must not end it.
std::string script_text(std::string text) {
  for (std::size_t at = text.find("</"); at != std::string::npos; at = text.find("</", at + 3))
    text.insert(at + 1, "\\");
  return text;
}

}  // namespace

std::string report_page(const cli::Json& report) {
  const std::vector<std::pair<std::string_view, std::string>> parts = {
      {"{{style}}", std::string(kReportStyle)},
      {"{{report}}", script_text(report.dump())},
      {"{{peers}}", script_text(std::string(kPeerFigures))},
      {"{{d3}}", std::string(kD3)},
      {"{{script}}", std::string(kReportScript)},
  };
  std::string page;
  std::string_view rest = kReportPage;
  for (const auto& [mark, text] : parts) {  // in the order in which they stand in the page
    const std::size_t at = rest.find(mark);
    if (at == std::string_view::npos) throw std::logic_error(fmt::format("report: the page has no place for {}", mark));
    page.append(rest.substr(0, at)).append(text);
    rest.remove_prefix(at + mark.size());
  }
  return page.append(rest);
}

bool open_in_browser(const std::filesystem::path& page) {
#ifdef __APPLE__
  const char* const opener = "open";
#else
  const char* const opener = "xdg-open";
  if (std::getenv("DISPLAY") == nullptr && std::getenv("WAYLAND_DISPLAY") == nullptr) return false;
#endif
  std::string program = opener, path = std::filesystem::absolute(page).string();
  char* const arguments[] = {program.data(), path.data(), nullptr};
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, opener, &quiet, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&quiet);
  int status = 1;
  return failed == 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace ll::demo
