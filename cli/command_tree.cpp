#include "cli/command_tree.hpp"

#include <cctype>

namespace ll::cli {
namespace {

/// The first of `text`'s parts that stands in braces, as CLI::IsMember describes itself: {a,b}.
Json choices_in(const std::string& text) {
  const std::size_t open = text.find('{'), close = text.find('}', open);
  if (open == std::string::npos || close == std::string::npos) return {};
  return CLI::detail::split(text.substr(open + 1, close - open - 1), ',');
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json describe_option(const CLI::App& app, const CLI::Option& option) {
  Json result = Json::object();
  const bool flag = option.get_items_expected_max() == 0;
  // "UINT:UINT in [1 - 256]": the type, then what its check says of itself.
  const std::string type = option.get_type_name();
  const std::size_t colon = type.find(':');
  std::string check = colon == std::string::npos ? "" : type.substr(colon + 1);
  if (check.starts_with(type.substr(0, colon) + " ")) check.erase(0, colon + 1);
  result["type"] = flag ? Json() : Json(type.substr(0, colon));
  result["choices"] = choices_in(check);
  result["check"] = result["choices"].is_null() ? text_or_null(check) : Json();
  result["default"] = flag ? Json() : text_or_null(option.get_default_str());
  result["many"] = option.get_items_expected_max() > 1;
  result["required"] = option.get_required();
  result["group"] = option.get_group();
  result["environment"] =
      option.get_lnames().empty() || !option.get_configurable() ? Json() : Json(environment_name(app, option));
  result["description"] = option.get_description();
  return result;
}

}  // namespace

std::string full_name(const CLI::App* app) {
  if (app->get_parent() == nullptr) return {};
  const std::string above = full_name(app->get_parent());
  return above.empty() ? app->get_name() : above + " " + app->get_name();
}

std::string environment_name(const CLI::App& app, const CLI::Option& option) {
  const std::string verb = full_name(&app);
  std::string name = "LATENTLEDGER_" + verb + (verb.empty() ? "" : "_") + option.get_lnames().front();
  for (char& c : name) {
    if (c == '-' || c == ' ') c = '_';
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

Json describe(const CLI::App& app, const ExampleOf& example_of) {
  Json options = Json::array(), positionals = Json::array(), verbs = Json::array();
  for (const CLI::Option* option : app.get_options()) {
    Json names = Json::array();
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    const Json described = describe_option(app, *option);
    if (option->get_positional()) {
      Json positional = {{"name", option->get_name(true)}};
      if (const std::size_t comma = positional["name"].get_ref<const std::string&>().find(',');
          comma != std::string::npos)
        positional["name"] = positional["name"].get<std::string>().substr(0, comma);
      positional.update(described);
      positionals.push_back(positional);
    }
    if (names.empty()) continue;
    Json with_names = {{"names", names}};
    with_names.update(described);
    options.push_back(with_names);
  }
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
    verbs.push_back(describe(*verb, example_of));
  return {{"name", full_name(&app)}, {"description", app.get_description()}, {"example", text_or_null(example_of(app))},
          {"options", options},      {"positionals", positionals},           {"verbs", verbs}};
}

}  // namespace ll::cli
