#pragma once
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "cli/exit_code.hpp"
#include "cli/terminal_progress.hpp"

// Compiled once, in session.cpp: each file that reads or writes JSON would else compile all of it again (a fifth of its
// time).
extern template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace ll::cli {

using Json = nlohmann::ordered_json;

/// Options that every verb has.
struct GlobalOptions {
  std::filesystem::path workdir = "latentledger-work";
  bool json = false;
  std::string progress = "auto";  ///< auto, none, bar, json
  bool quiet = false;
  int verbose = 0;
  std::size_t threads = 0;  ///< 0: all cores
};

/// What a verb hands back: `result` for --json, `text` for people, and the exit status that says it in one number.
struct Outcome {
  Json result = Json::object();
  std::string text;
  ExitCode exit = ExitCode::done;
};

/// One run of the command: where it logs, what it read and wrote, and whether the user asked to stop.
class Session {
 public:
  explicit Session(const GlobalOptions& options);

  const GlobalOptions& options() const noexcept { return options_; }
  TerminalProgress& progress() noexcept { return progress_; }
  /// `given`, or `name` below --workdir when it is empty.
  std::filesystem::path path_or(const std::filesystem::path& given, std::string_view name) const;

  /// Another folder for the defaults.
  void use_workdir(const std::filesystem::path& folder) { options_.workdir = folder; }

  /// Text on stdout while the work goes on; nothing with --json.
  void say(std::string_view text);
  /// Log lines on stderr: note (not with -q), detail (with -v), warn (always, each once).
  void note(std::string_view line);
  void detail(std::string_view line);
  void warn(std::string_view line);

  /// Records a file that is read, with its SHA-256. Throws an error of code `missing` that names it and gives
  /// `hint` when it is not there.
  void input(const std::filesystem::path& file, std::string_view hint = {}, ErrorCode missing = ErrorCode::io);
  /// Records a file that was written.
  void output(std::string_view name, const std::filesystem::path& file);
  /// Throws Error{interrupted} when Ctrl-C was pressed: between the steps of work that cannot ask by itself.
  void check_stop() const;

  const Json& inputs() const noexcept { return inputs_; }
  const Json& outputs() const noexcept { return outputs_; }
  /// Largest resident set of the whole run, stages whose peak was reset included.
  std::uint64_t peak_rss() const;
  /// Ends a stage: its peak since the last call, in bytes.
  std::uint64_t take_stage_peak();

 private:
  void line(std::string_view prefix, std::string_view text);

  GlobalOptions options_;
  bool colour_;
  TerminalProgress progress_;
  Json inputs_ = Json::object(), outputs_ = Json::object();
  std::set<std::string> warned_;
  std::uint64_t peak_before_ = 0;
};

/// "1.23 s", "45.6 ms"; "1.2 MiB".
std::string duration_text(double ms);
std::string bytes_text(std::uint64_t bytes);

}  // namespace ll::cli
