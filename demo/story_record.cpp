#include "demo/story_record.hpp"

#include <algorithm>

#include "base/files.hpp"

namespace ll::demo {

namespace fs = std::filesystem;
using cli::Json;

namespace {

constexpr int kSchemaVersion = 1;

/// What a reader of the record relies on; the file may be another program's.
bool is_record(const Json& file) {
  if (!file.is_object() || file.value("schema_version", 0) != kSchemaVersion ||
      file.value("software_version", "") != LL_VERSION)
    return false;
  if (!file.contains("arguments") || !file.contains("inputs") || !file["inputs"].is_object()) return false;
  return file.contains("stages") && file["stages"].is_array() &&
         std::ranges::all_of(file["stages"], [](const Json& stage) {
           return stage.is_object() && stage.contains("name") && stage["name"].is_string() && stage.contains("ms") &&
                  stage["ms"].is_number() && stage.contains("peak_rss_bytes") &&
                  stage["peak_rss_bytes"].is_number_unsigned() && stage.contains("told") && stage["told"].is_string() &&
                  stage.contains("short") && stage["short"].is_string() && stage.contains("result") &&
                  stage["result"].is_object();
         });
}

}  // namespace

StoryRecord::StoryRecord(fs::path folder, Json arguments)
    : folder_(std::move(folder)), arguments_(std::move(arguments)) {
  stored_arguments_ = arguments_;
}

bool StoryRecord::load() {
  std::error_code ignored;
  if (!fs::exists(file(), ignored)) return false;
  const Json found = Json::parse(read_text(file()), nullptr, /*allow_exceptions=*/false);
  if (found.is_discarded() || !is_record(found)) return false;
  stored_arguments_ = found["arguments"];
  stages_ = found["stages"];
  inputs_ = found["inputs"];
  return true;
}

bool StoryRecord::has(const std::string& stage) const {
  return std::ranges::any_of(stages_,
                             [&](const Json& known) { return known["name"].get_ref<const std::string&>() == stage; });
}

const Json& StoryRecord::stage(const std::string& name) const {
  return *std::ranges::find_if(stages_,
                               [&](const Json& known) { return known["name"].get_ref<const std::string&>() == name; });
}

void StoryRecord::add(Json stage, const std::vector<std::string>& undone, const Json& inputs) {
  const std::string name = stage["name"];
  Json kept = Json::array();
  for (const Json& known : stages_) {
    const auto& other = known["name"].get_ref<const std::string&>();
    if (other != name && std::ranges::find(undone, other) == undone.end()) kept.push_back(known);
  }
  kept.push_back(std::move(stage));
  stages_ = std::move(kept);
  inputs_.update(inputs);
  stored_arguments_ = arguments_;
  write_text(file(), Json{{"schema_version", kSchemaVersion},
                          {"software_version", LL_VERSION},
                          {"arguments", arguments_},
                          {"inputs", inputs_},
                          {"stages", stages_}}
                             .dump(2) +
                         "\n");
}

void StoryRecord::clear() {
  stages_ = Json::array();
  inputs_ = Json::object();
  stored_arguments_ = arguments_;
  std::error_code ignored;
  fs::remove(file(), ignored);
}

}  // namespace ll::demo
