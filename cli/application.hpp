#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/session.hpp"

namespace ll::cli {

using Run = std::function<Outcome(Session&)>;

/// The command line: verbs with their options, the one JSON envelope, the last `catch`.
///
/// Values come from, weakest first: defaults, `latentledger.toml` (or --config FILE; a section a verb:
/// [data.generate]), the environment (LATENTLEDGER_WORKDIR for --workdir, LATENTLEDGER_TRAIN_STEPS for `train
/// --steps`), flags.
class Application {
 public:
  Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  /// A group of verbs, such as `data`.
  CLI::App& group(const std::string& name, const std::string& description);
  /// A verb. `example` is a line that can be pasted, without the program's name; it opens the verb's help.
  CLI::App& verb(CLI::App& parent, const std::string& name, const std::string& description, const std::string& example,
                 Run run);
  CLI::App& root() noexcept { return app_; }
  const CLI::App& root() const noexcept { return app_; }
  /// A verb learns another kind of statement: `run` is asked first, and what it leaves (nullopt) goes on as before.
  void extend(CLI::App& verb, std::function<std::optional<Outcome>(Session&)> run);

  /// Parses, runs one verb, prints its outcome, and gives the exit status. Throws nothing.
  int run(int argc, char** argv);

  /// A verb, a group or the program as data (command_tree.hpp).
  Json tree(const CLI::App& app) const;
  /// The command line, without the program's name.
  const std::vector<std::string>& arguments() const noexcept { return arguments_; }

 private:
  static void read_environment(CLI::App& app);
  int parse_and_run(int argc, char** argv);
  std::string what_is_wrong(const CLI::ParseError& error);
  int print_error(const Error& error, ExitCode exit) const;

  CLI::App app_;
  GlobalOptions options_;
  std::vector<std::string> arguments_;
  std::map<const CLI::App*, std::string> examples_;
  std::map<const CLI::App*, Run> verbs_;
  class Formatter;
  std::shared_ptr<Formatter> formatter_;
};

/// Adds the verbs of this library; the demonstration adds its own (demo/).
void add_data_commands(Application& application);
void add_train_command(Application& application);
void add_evaluate_command(Application& application);
void add_encoder_export_commands(Application& application);
void add_srs_commands(Application& application);
void add_ceremony_commands(Application& application);
void add_circuit_commands(Application& application);
void add_circuit_view_commands(Application& application, CLI::App& group);
void add_estimate_command(Application& application);
void add_proof_commands(Application& application);
void add_chain_commands(Application& application);
/// ONNX models as circuits; `setup`, `mock`, `prove` and `verify` must be there.
void add_model_commands(Application& application);
void extend_proof_commands_by_models(Application& application);
void add_doctor_command(Application& application);
/// `help`, `completion`, `config show`.
void add_help_commands(Application& application);

}  // namespace ll::cli
