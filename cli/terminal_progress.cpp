#include "cli/terminal_progress.hpp"

#include <atomic>
#include <csignal>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ll::cli {
namespace {

constexpr double kQuietMs = 2000;   // shorter work shows no bar
constexpr double kRedrawMs = 100;   // a bar's pace
constexpr double kReportMs = 1000;  // a JSON line's pace
constexpr int kBarWidth = 24;

volatile std::sig_atomic_t stop_flag = 0;

extern "C" void on_interrupt(int signal_number) {
  stop_flag = 1;
  std::signal(signal_number, SIG_DFL);
}

std::string clock_text(double seconds) {
  const auto s = static_cast<long long>(seconds + 0.5);
  return s >= 3600 ? fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
                   : fmt::format("{}:{:02}", s / 60, s % 60);
}

}  // namespace

void watch_interrupts() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
}

bool interrupted() noexcept { return stop_flag != 0; }

void TerminalProgress::begin(std::string_view stage, std::uint64_t total) {
  const std::lock_guard lock(mutex_);
  stage_ = stage;
  total_ = total;
  done_ = 0;
  watch_ = Stopwatch();
  last_drawn_ms_ = 0;
  if (style_ == ProgressStyle::json) emit("begin", {});
}

void TerminalProgress::update(std::uint64_t done, std::string_view note) {
  if (style_ == ProgressStyle::none) return;
  const std::lock_guard lock(mutex_);
  done_ = done;
  const double now = watch_.ms();
  if (style_ == ProgressStyle::json) {
    if (now - last_drawn_ms_ < kReportMs) return;
    emit("update", note);
  } else {
    if ((prefix_.empty() && now < kQuietMs) || now - last_drawn_ms_ < kRedrawMs) return;
    draw(note);
  }
  last_drawn_ms_ = now;
}

void TerminalProgress::end() {
  const std::lock_guard lock(mutex_);
  if (style_ == ProgressStyle::json) emit("end", {});
  wipe();
}

void TerminalProgress::set_prefix(std::string prefix) {
  const std::lock_guard lock(mutex_);
  prefix_ = std::move(prefix);
}

void TerminalProgress::clear() {
  const std::lock_guard lock(mutex_);
  wipe();
}

void TerminalProgress::wipe() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
  drawn_ = false;
}

void TerminalProgress::draw(std::string_view note) {
  const double seconds = watch_.ms() / 1000, rate = static_cast<double>(done_) / seconds;
  std::string line = prefix_ + stage_;
  if (total_ > 0) {
    const double share = std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
    const int filled = static_cast<int>(share * kBarWidth);
    line += fmt::format(" [{}{}] {:3.0f}% {}/{}", std::string(filled, '#'), std::string(kBarWidth - filled, '.'),
                        100 * share, done_, total_);
    if (rate > 0) {
      line += fmt::format(", {:.3g}/s, {} left", rate, clock_text(static_cast<double>(total_ - done_) / rate));
    }
  } else {
    line += fmt::format(" {}, {:.3g}/s, {}", done_, rate, clock_text(seconds));
  }
  if (!note.empty()) line += fmt::format(", {}", note);
  std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void TerminalProgress::emit(std::string_view event, std::string_view note) const {
  nlohmann::ordered_json line = {{"event", event}, {"stage", stage_}, {"done", done_}, {"total", total_}};
  line["elapsed_ms"] = static_cast<std::int64_t>(watch_.ms());
  if (!note.empty()) line["note"] = note;
  std::fprintf(stderr, "%s\n", line.dump().c_str());
}

}  // namespace ll::cli
