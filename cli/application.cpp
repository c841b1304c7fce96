#include "cli/application.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numeric>

#include "base/parallel.hpp"
#include "cli/command_tree.hpp"

namespace ll::cli {
namespace {

/// Letters to put in, take out or change to come from one word to the other (Levenshtein).
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

CLI::App* deepest(CLI::App* app) {
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return app;
}

bool asks_for_json(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--json") == 0) return true;
  }
  const char* variable = std::getenv("LATENTLEDGER_JSON");
  return variable != nullptr && (std::strcmp(variable, "true") == 0 || std::strcmp(variable, "1") == 0);
}

void print_line(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (!text.empty() && text.back() != '\n') std::fputc('\n', stdout);
  std::fflush(stdout);
}

}  // namespace

/// Help that opens with a line to paste.
class Application::Formatter : public CLI::Formatter {
 public:
  explicit Formatter(const Application& application) : application_(application) { column_width(34); }
  std::string make_description(const CLI::App* app) const override {
    const auto example = application_.examples_.find(app);
    const std::string description = CLI::Formatter::make_description(app);
    return example == application_.examples_.end() ? description
                                                   : program_ + " " + example->second + "\n\n" + description;
  }
  std::string make_usage(const CLI::App* app, std::string /*name*/) const override {
    const std::string verb = full_name(app);
    return CLI::Formatter::make_usage(app, verb.empty() ? program_ : program_ + " " + verb);
  }
  void set_program(std::string program) { program_ = std::move(program); }

 private:
  const Application& application_;
  std::string program_ = "latentledger";
};

Application::Application() : app_("A ledger whose state is one vector, with proofs of its updates."), formatter_() {
  formatter_ = std::make_shared<Formatter>(*this);
  app_.formatter(formatter_);
  app_.name("");
  app_.fallthrough();
  app_.require_subcommand(0, 1);
  app_.option_defaults()->take_last();
  app_.set_version_flag("--version", "latentledger " LL_VERSION);
  app_.set_config("--config", "latentledger.toml", "File of option values (TOML; a section a verb)");
  app_.allow_config_extras(CLI::config_extras_mode::error);
  app_.add_option("--workdir", options_.workdir, "Folder below which every path has its default")
      ->capture_default_str();
  app_.add_flag("--json", options_.json, "Exactly one JSON object on stdout");
  app_.add_option("--progress", options_.progress, "Progress on stderr: auto, bar, json (NDJSON) or none")
      ->check(CLI::IsMember({"auto", "bar", "json", "none"}))
      ->capture_default_str();
  app_.add_flag("-q,--quiet", options_.quiet, "Warnings and errors only");
  app_.add_flag("-v,--verbose", options_.verbose, "Say more");
  app_.add_option("--threads", options_.threads, "Threads, 0 for all cores; results do not depend on it")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  app_.preparse_callback([this](std::size_t) { read_environment(app_); });
}

CLI::App& Application::group(const std::string& name, const std::string& description) {
  CLI::App* group = app_.add_subcommand(name, description);
  group->require_subcommand(1);
  return *group;
}

CLI::App& Application::verb(CLI::App& parent, const std::string& name, const std::string& description,
                            const std::string& example, Run run) {
  CLI::App* verb = parent.add_subcommand(name, description);
  examples_[verb] = example;
  verbs_[verb] = std::move(run);
  verb->preparse_callback([verb](std::size_t) { read_environment(*verb); });
  return *verb;
}

void Application::extend(CLI::App& verb, std::function<std::optional<Outcome>(Session&)> run) {
  Run& known = verbs_.at(&verb);
  known = [first = std::move(run), otherwise = std::move(known)](Session& session) {
    std::optional<Outcome> outcome = first(session);
    return outcome ? std::move(*outcome) : otherwise(session);
  };
}

void Application::read_environment(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty() || !option->get_configurable()) continue;
    const char* value = std::getenv(environment_name(app, *option).c_str());
    if (value != nullptr && *value != '\0' && option->empty()) option->add_result(value);
  }
}

Json Application::tree(const CLI::App& app) const {
  return describe(app, [this](const CLI::App& verb) {
    const auto example = examples_.find(&verb);
    return example == examples_.end() ? std::string() : example->second;
  });
}

int Application::run(int argc, char** argv) {
  try {
    return parse_and_run(argc, argv);
  } catch (const Error& error) {
    return print_error(error, exit_code_of(error.code()));
  } catch (const std::bad_alloc&) {
    return print_error(Error(ErrorCode::memory, "out of memory"), ExitCode::memory);
  } catch (const std::exception& error) {
    return print_error(Error(ErrorCode::invalid_argument, fmt::format("internal error: {}", error.what()), {},
                             "this is a bug of latentledger: please report the command line"),
                       ExitCode::our_fault);
  }
}

int Application::parse_and_run(int argc, char** argv) {
  options_.json = asks_for_json(argc, argv);  // so that errors of the parser come as JSON too
  formatter_->set_program(argv[0]);
  arguments_.assign(argv + 1, argv + argc);
  try {
    app_.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    std::ostringstream text;
    app_.exit(success, text, text);
    print_line(text.str());
    return static_cast<int>(ExitCode::done);
  } catch (const CLI::ParseError& error) {
    const std::string verb = full_name(deepest(&app_));
    throw Error(ErrorCode::invalid_argument, what_is_wrong(error), "command line",
                fmt::format("see {} {}{}--help", argv[0], verb, verb.empty() ? "" : " "));
  }
  const CLI::App* const chosen = deepest(&app_);
  const auto verb = verbs_.find(chosen);
  if (verb == verbs_.end()) {
    if (options_.json) throw Error(ErrorCode::invalid_argument, "no verb given", "command line", "see --help");
    print_line(app_.help());
    return static_cast<int>(ExitCode::usage);
  }

  watch_interrupts();
  set_thread_count(options_.threads);
  const Stopwatch watch;
  Session session(options_);
  const Outcome outcome = verb->second(session);
  session.progress().clear();
  if (!options_.json) {
    print_line(outcome.text);
    return static_cast<int>(outcome.exit);
  }
  Json envelope = {{"ok", true}, {"command", full_name(chosen)}, {"version", LL_VERSION}};
  envelope["elapsed_ms"] = watch.ms();
  envelope["peak_rss_bytes"] = session.peak_rss();
  envelope["inputs"] = session.inputs();
  envelope["outputs"] = session.outputs();
  envelope["result"] = outcome.result;
  print_line(envelope.dump());
  return static_cast<int>(outcome.exit);
}

std::string Application::what_is_wrong(const CLI::ParseError& error) {
  if (dynamic_cast<const CLI::ConfigError*>(&error) != nullptr) {
    const std::string text = error.what(), prefix = "INI was not able to parse ";
    return text.starts_with(prefix)
               ? "no verb has the key `" + text.substr(prefix.size()) + "` of the configuration file"
               : text;
  }
  CLI::App* const app = deepest(&app_);
  const std::vector<std::string> words = app_.remaining(/*recurse=*/true);
  const auto verbs = app->get_subcommands([](const CLI::App*) { return true; });
  if (words.empty() || words.front().starts_with("-") || verbs.empty()) {
    return dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr
               ? error.what()
               : fmt::format("not expected: {}", fmt::join(words, " "));  // CLI11 says them backwards
  }
  std::string text =
      fmt::format("no verb `{}{}{}`", full_name(app), app->get_parent() == nullptr ? "" : " ", words.front());
  const auto nearest = std::ranges::min_element(
      verbs, {}, [&](const CLI::App* verb) { return distance(verb->get_name(), words.front()); });
  if (distance((*nearest)->get_name(), words.front()) <= 3) text += fmt::format("; `{}` is one", full_name(*nearest));
  return text;
}

int Application::print_error(const Error& error, ExitCode exit) const {
  if (options_.json) {
    const char* code = exit == ExitCode::our_fault ? "internal" : to_string(error.code());
    Json object = {{"ok", false}, {"code", code}, {"message", error.message()}};
    object["hint"] = error.hint().empty() ? Json() : Json(error.hint());
    object["where"] = error.where().empty() ? Json() : Json(error.where());
    print_line(object.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  std::string text = "error: ";
  // Many messages name their file themselves; the place goes in front of the others.
  const std::string file = error.where().substr(0, error.where().find(", "));
  if (!file.empty() && error.message().find(file) == std::string::npos) text += error.where() + ": ";
  text += error.message();
  if (!error.hint().empty()) text += "\n  hint: " + error.hint();
  if (!options_.json) std::fprintf(stderr, "%s\n", text.c_str());
  return static_cast<int>(exit);
}

}  // namespace ll::cli
