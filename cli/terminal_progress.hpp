#pragma once
#include <mutex>
#include <string>

#include "base/progress.hpp"
#include "base/resources.hpp"

namespace ll::cli {

/// How far work is, on stderr.
enum class ProgressStyle {
  none,  ///< nothing
  bar,   ///< one line that is drawn again, from the third second of a stage on
  json,  ///< one JSON object a line: {"event":"begin|update|end","stage":...,"done":...,"total":...,"elapsed_ms":...}
};

/// Makes Ctrl-C and SIGTERM set a flag that stop_requested() reads; a second one ends the process at once.
void watch_interrupts();
bool interrupted() noexcept;

/// Draws progress in one of the styles. Safe to call from several threads.
class TerminalProgress final : public Progress {
 public:
  explicit TerminalProgress(ProgressStyle style) : style_(style) {}
  ~TerminalProgress() override { clear(); }

  void begin(std::string_view stage, std::uint64_t total) override;
  void update(std::uint64_t done, std::string_view note = {}) override;
  void end() override;
  bool stop_requested() const override { return interrupted(); }

  /// Stands before the name of every stage ("2/7 "), for work of many parts; bars then show from the first moment on.
  void set_prefix(std::string prefix);

  /// Wipes the bar, so that a line of the log can take its place.
  void clear();

 private:
  void draw(std::string_view note);
  void emit(std::string_view event, std::string_view note) const;
  void wipe();

  ProgressStyle style_;
  std::mutex mutex_;
  std::string prefix_, stage_;
  std::uint64_t done_ = 0, total_ = 0;
  Stopwatch watch_;
  double last_drawn_ms_ = 0;
  bool drawn_ = false;
};

}  // namespace ll::cli
