#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "cli/session.hpp"

namespace ll::demo {

/// What a story's stages have done so far, in OUTPUT/stages.json: written after each stage, so that a stopped story
/// goes on, and a stage can be told again by itself. A stage's entry: {"name", "ms", "peak_rss_bytes", "told", "short",
/// "result"}.
class StoryRecord {
 public:
  /// Begins empty, for these arguments of the story.
  StoryRecord(std::filesystem::path folder, cli::Json arguments);

  /// Takes over what the folder's file holds, when it was written by this version. False when there is none such.
  bool load();
  /// The arguments that the file's stages were run with, and whether they are these.
  bool fits() const { return stored_arguments_ == arguments_; }

  bool has(const std::string& stage) const;
  const cli::Json& stage(const std::string& name) const;
  /// Records a stage and forgets the stages named in `undone`; writes the file.
  void add(cli::Json stage, const std::vector<std::string>& undone, const cli::Json& inputs);
  /// Forgets everything, on disk too.
  void clear();

  const cli::Json& inputs() const noexcept { return inputs_; }

 private:
  std::filesystem::path file() const { return folder_ / "stages.json"; }

  std::filesystem::path folder_;
  cli::Json arguments_, stored_arguments_;
  cli::Json stages_ = cli::Json::array(), inputs_ = cli::Json::object();
};

}  // namespace ll::demo
