#include "cli/session.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include "base/hash.hpp"

template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace ll::cli {
namespace {

ProgressStyle style_of(const GlobalOptions& options) {
  if (options.progress == "json") return ProgressStyle::json;
  if (options.progress == "bar") return ProgressStyle::bar;
  if (options.progress == "none" || options.quiet) return ProgressStyle::none;
  return ::isatty(STDERR_FILENO) != 0 ? ProgressStyle::bar : ProgressStyle::none;
}

}  // namespace

Session::Session(const GlobalOptions& options)
    : options_(options),
      colour_(::isatty(STDERR_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr),
      progress_(style_of(options)) {}

std::filesystem::path Session::path_or(const std::filesystem::path& given, std::string_view name) const {
  return given.empty() ? options_.workdir / name : given;
}

void Session::line(std::string_view prefix, std::string_view text) {
  progress_.clear();
  std::fprintf(stderr, "%s%s\n", std::string(prefix).c_str(), std::string(text).c_str());
}

void Session::say(std::string_view text) {
  if (options_.json) return;
  progress_.clear();
  std::fprintf(stdout, "%s\n", std::string(text).c_str());
  std::fflush(stdout);
}

void Session::note(std::string_view text) {
  if (!options_.quiet) line({}, text);
}

void Session::detail(std::string_view text) {
  if (options_.verbose > 0) line({}, text);
}

void Session::warn(std::string_view text) {
  if (!warned_.emplace(text).second) return;  // a story of many steps says it once
  line(colour_ ? "\x1b[1;33mwarning:\x1b[0m " : "warning: ", text);
}

void Session::input(const std::filesystem::path& file, std::string_view hint, ErrorCode missing) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    throw Error(missing, fmt::format("{} is not there", file.string()), file.string(), std::string(hint));
  }
  inputs_[file.string()] = sha256_file(file);
}

void Session::output(std::string_view name, const std::filesystem::path& file) {
  outputs_[std::string(name)] = file.string();
}

void Session::check_stop() const {
  if (progress_.stop_requested()) throw Error(ErrorCode::interrupted, "stopped by the user");
}

std::uint64_t Session::peak_rss() const { return std::max(peak_before_, peak_rss_bytes()); }

std::uint64_t Session::take_stage_peak() {
  const std::uint64_t peak = peak_rss_bytes();
  peak_before_ = std::max(peak_before_, peak);
  reset_peak_rss();
  return peak;
}

std::string duration_text(double ms) {
  return ms >= 1000 ? fmt::format("{:.2f} s", ms / 1000) : fmt::format("{:.1f} ms", ms);
}

std::string bytes_text(std::uint64_t bytes) {
  const auto b = static_cast<double>(bytes);
  if (bytes >= (1u << 30)) return fmt::format("{:.2f} GiB", b / (1u << 30));
  if (bytes >= (1u << 20)) return fmt::format("{:.1f} MiB", b / (1u << 20));
  return fmt::format("{} bytes", bytes);
}

}  // namespace ll::cli
