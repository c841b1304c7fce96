// Verbs `help`, `completion` and `config show`: the command about itself.
#include <algorithm>
#include <cstdlib>

#include "base/files.hpp"
#include "cli/application.hpp"
#include "cli/command_tree.hpp"
#include "cli/completion.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;

const CLI::App& find_verb(const CLI::App& root, const std::vector<std::string>& words) {
  const CLI::App* app = &root;
  for (const std::string& word : words) {
    const auto below = app->get_subcommands([](const CLI::App*) { return true; });
    const auto found = std::ranges::find_if(below, [&](const CLI::App* verb) { return verb->get_name() == word; });
    if (found == below.end()) {
      throw Error(ErrorCode::invalid_argument, fmt::format("no verb `{}`", fmt::join(words, " ")), "command line",
                  "latentledger --help lists them");
    }
    app = *found;
  }
  return *app;
}

Outcome help(const Application& application, const std::vector<std::string>& words) {
  const CLI::App& app = find_verb(application.root(), words);
  // Not app.help(): the program hands that on to the verb that was parsed, which is this one.
  return {.result = application.tree(app),
          .text = app.get_formatter()->make_help(&app, {}, CLI::AppFormatMode::Normal)};
}

Outcome completion(const Application& application, const std::string& shell) {
  const Json tree = application.tree(application.root());
  const std::string script = shell == "bash"  ? bash_completion(tree)
                             : shell == "zsh" ? zsh_completion(tree)
                                              : fish_completion(tree);
  return {.result = {{"shell", shell}, {"script", script}}, .text = script};
}

struct Setting {
  std::string verb, option, value, source;  ///< source: a flag, an environment variable, a file, or "default"
};

/// Whether the option itself stands on the command line.
bool is_flag_given(const CLI::Option& option, const std::vector<std::string>& arguments) {
  return std::ranges::any_of(arguments, [&](const std::string& argument) {
    const bool is_long = std::ranges::any_of(option.get_lnames(), [&](const std::string& name) {
      return argument == "--" + name || argument.starts_with("--" + name + "=");
    });
    return is_long ||
           std::ranges::any_of(option.get_snames(), [&](const std::string& name) { return argument == "-" + name; });
  });
}

/// Where CLI11 took the value from, by the order in which it looks: flags, environment, file, default.
Setting setting_of(const CLI::App& app, const CLI::Option& option, const std::vector<std::string>& arguments,
                   const std::string& file) {
  const std::string name = environment_name(app, option);
  const char* const variable = std::getenv(name.c_str());
  Setting setting{full_name(&app), "--" + option.get_lnames().front(), option.get_default_str(), "default"};
  if (!option.empty()) setting.value = fmt::format("{}", fmt::join(option.results(), " "));
  if (is_flag_given(option, arguments)) {
    setting.source = "flag";
    setting.value = option.results().back();
  } else if (variable != nullptr && *variable != '\0') {
    setting.value = variable;
    setting.source = name;
  } else if (!option.empty()) {
    setting.source = file;
  }
  return setting;
}

void collect(const CLI::App& app, const std::vector<std::string>& arguments, const std::string& file,
             std::vector<Setting>& settings) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty() || !option->get_configurable() || option->get_lnames().front() == "help") continue;
    settings.push_back(setting_of(app, *option, arguments, file));
  }
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
    collect(*verb, arguments, file, settings);
}

Outcome config_show(const Application& application, bool all) {
  const CLI::Option* const config = application.root().get_config_ptr();
  const std::string file = config->empty() ? config->get_default_str() : config->results().back();
  std::vector<Setting> settings;
  collect(application.root(), application.arguments(), file, settings);
  std::error_code ignored;
  std::string text = fmt::format("file              {}{}\n", file, fs::exists(file, ignored) ? "" : " (not there)");
  Json values = Json::array();
  std::size_t shown = 0;
  for (const Setting& setting : settings) {
    values.push_back(
        {{"verb", setting.verb}, {"option", setting.option}, {"value", setting.value}, {"source", setting.source}});
    if (!all && setting.source == "default") continue;
    ++shown;
    text += fmt::format("{:<40} {:<28} {}\n", setting.verb + (setting.verb.empty() ? "" : " ") + setting.option,
                        setting.value, setting.source);
  }
  if (shown == 0) text += "every option has its default (--all lists them)\n";
  return {.result = {{"file", file}, {"settings", values}}, .text = text};
}

}  // namespace

void add_help_commands(Application& application) {
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App& help_verb =
      application.verb(application.root(), "help", "The help of a verb; with --json every verb and option as data",
                       "help data import", [&application, words](Session&) { return help(application, *words); });
  help_verb.add_option("verb", *words, "Words of the verb; none: the program's");

  auto shell = std::make_shared<std::string>();
  CLI::App& completion_verb =
      application.verb(application.root(), "completion", "A completion script for a shell, on stdout",
                       "completion bash", [&application, shell](Session&) { return completion(application, *shell); });
  completion_verb.add_option("shell", *shell, "bash, zsh or fish")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->required();

  CLI::App& config = application.group("config", "Options that come from a file or the environment");
  auto all = std::make_shared<bool>(false);
  CLI::App& show =
      application.verb(config, "show", "The value of every option that has one, and where it comes from", "config show",
                       [&application, all](Session&) { return config_show(application, *all); });
  show.add_flag("--all", *all, "Defaults too");
}

}  // namespace ll::cli
