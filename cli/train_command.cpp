// Verb `train`.
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "cli/application.hpp"
#include "cli/encoder_commands.hpp"
#include "cli/encoder_folder.hpp"
#include "cli/ledger_folder.hpp"
#include "cli/worker_processes.hpp"
#include "model/onnx_export.hpp"
#include "training/plot.hpp"
#include "training/run_files.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;

Json quality_json(const training::DirectionQuality& quality) {
  return {{"name", quality.name},
          {"loss", quality.loss},
          {"condition", quality.condition},
          {"max_cosine", quality.max_cosine}};
}

Json train_json(const training::TrainResult& result, const training::TrainOptions& options) {
  Json sets = Json::array();
  double condition = 0, max_cosine = 0;
  for (const auto& quality : result.heldout) {
    condition = std::max(condition, quality.condition);
    max_cosine = std::max(max_cosine, quality.max_cosine);
    sets.push_back(quality_json(quality));
  }
  Json sizes = Json::array();
  for (const auto& quality : result.sizes) sizes.push_back(quality_json(quality));
  return {{"parameters", result.parameters},
          {"steps", result.steps},
          {"sets_per_step", options.batch * options.worker.count},
          {"seconds", result.seconds},
          {"loss_first", result.loss_first},
          {"loss_last", result.loss_last},
          {"heldout",
           {{"condition", sets.empty() ? Json() : Json(condition)},
            {"max_cosine", sets.empty() ? Json() : Json(max_cosine)},
            {"recovered_exactly", result.states_recovered == result.states_sampled},
            {"states_recovered", result.states_recovered},
            {"states_sampled", result.states_sampled},
            {"sets", sets}}},
          {"sizes", sizes},
          {"gaussian", quality_json(result.gaussian)},
          {"untrained", quality_json(result.untrained)},
          {"loewdin", quality_json(result.loewdin)},
          {"gains", result.gains}};
}

std::string train_text(const training::TrainResult& result) {
  std::string text =
      fmt::format("steps             {} in {:.1f} s, {} parameters\n", result.steps, result.seconds, result.parameters);
  text += fmt::format("held-out loss     {:.3e} -> {:.3e}   (largest over account sets never trained on)\n",
                      result.loss_first, result.loss_last);
  text += fmt::format("{:<18}{:>10}{:>12}{:>14}\n", "account set", "loss", "condition", "max cosine");
  auto rows = result.heldout;
  for (auto row : result.sizes) {
    row.name = fmt::format("{} accounts", row.name);
    rows.push_back(row);
  }
  for (const auto& row : {result.untrained, result.gaussian})
    if (!row.name.empty()) rows.push_back(row);
  for (const auto& row : rows)
    text += fmt::format("  {:<16}{:>10.2e}{:>12.4f}{:>14.2e}\n", row.name, row.loss, row.condition, row.max_cosine);
  if (result.states_sampled > 0)
    text += fmt::format("balances          {} of {} random states read back exactly from their embedding\n",
                        result.states_recovered, result.states_sampled);
  return text;
}

fs::path data_folder(const TrainArguments& arguments, const Session& session) {
  return session.path_or(arguments.data, "ledger");
}

/// The account set that encoder.onnx is for: the ledger's, when there is one.
std::optional<ledger::Dataset> ledger_for_export(const TrainArguments& arguments, Session& session) {
  const fs::path folder = data_folder(arguments, session);
  std::error_code ignored;
  if (arguments.data.empty() && !fs::exists(folder / "import.json", ignored)) return std::nullopt;
  return load_ledger(session, folder);
}

training::Architecture architecture_named(std::string_view name) {
  using training::Architecture;
  for (const Architecture value : {Architecture::softmax, Architecture::baseline})
    if (name == to_string(value)) return value;
  return Architecture::orthogonalising;
}

/// Workers on this machine, as far as a launcher says (LOCAL_WORLD_SIZE, OMPI_COMM_WORLD_LOCAL_SIZE); else all of them.
int workers_here(const training::WorkerPlace& place) {
  for (const char* name : {"LOCAL_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE"})
    if (const char* text = std::getenv(name); text != nullptr)
      if (const int count = std::atoi(text); count >= 1 && count <= place.count) return count;
  return place.count;
}

/// A worker that only computes: rank 0 reads, writes and tells.
Outcome follow(const training::TrainOptions& options, Session& session) {
  struct Quiet final : Progress {
    explicit Quiet(const Progress& whole) : of(whole) {}
    bool stop_requested() const override { return of.stop_requested(); }
    const Progress& of;
  } quiet(session.progress());
  const training::TrainResult result = training::train(options, {}, quiet);
  return {.result = {{"rank", options.worker.rank}, {"workers", options.worker.count}, {"steps", result.steps}},
          .text = fmt::format("worker {} of {}: {} steps\n", options.worker.rank, options.worker.count, result.steps)};
}

/// What a process that was killed while it wrote has left behind; the folder's lock is held.
void remove_parts(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().filename().string().find(".part-") != std::string::npos) fs::remove(entry.path(), ignored);
}

}  // namespace

Outcome train(const TrainArguments& arguments, Session& session) {
  training::TrainOptions options = arguments.options;
  options.worker = launched_place();
  LL_CHECK(arguments.workers == 0 || options.worker.count == 1 || arguments.workers == options.worker.count,
           "train: --workers {}, but the launcher says {}", arguments.workers, options.worker.count);
  options.threads = session.options().threads;
  std::optional<WorkerProcesses> others;
  if (arguments.workers > 1 && options.worker.count == 1) {
    options.worker = {.count = arguments.workers, .port = free_port()};
    others.emplace(arguments.workers, options.worker.port);
  }
  if (options.threads == 0 && options.worker.count > 1)  // cores are shared with the workers on this machine
    options.threads = std::max(1U, std::thread::hardware_concurrency() / unsigned(workers_here(options.worker)));
  if (options.worker.rank > 0) return follow(options, session);

  const auto data = ledger_for_export(arguments, session);
  if (data) options.heldout.push_back({data_folder(arguments, session).filename().string(), slot_ids(*data)});
  for (const fs::path& ledger : arguments.heldout)
    options.heldout.push_back({ledger.filename().string(), slot_ids(load_ledger(session, ledger))});
  const fs::path folder = session.path_or(arguments.output, "encoder");
  const FolderLock lock(folder);
  remove_parts(folder);
  const training::TrainResult result = training::train(options, folder, session.progress());
  session.output("encoder", folder / "encoder.safetensors");
  session.output("metrics", folder / "metrics.csv");
  session.output("events", folder / training::kEventFile);
  if (const std::string told = training::draw_curve(folder / "curve.svg", result); told.empty()) {
    session.output("curve", folder / "curve.svg");
  } else {
    session.note(told);
  }
  if (options.network.architecture == training::Architecture::baseline) {
    session.note("a baseline has no V: no encoder.onnx");
  } else if (data) {
    const std::string sha256 = sha256_file(folder / "encoder.safetensors");
    model::write_onnx(folder / "encoder.onnx", result.encoder.quantized(slot_ids(*data), sha256));
    session.output("onnx", folder / "encoder.onnx");
  } else {
    session.note("no ledger yet: encoder.onnx, which is for one account set, is left out (see export-onnx)");
  }
  return {.result = train_json(result, options),
          .text = train_text(result) + "written to        " + folder.string() + "\n"};
}

void add_train_command(Application& application) {
  using training::NetworkConfig;
  using training::TrainOptions;
  struct Given {
    TrainArguments arguments;
    std::string recipe = "plan", architecture = "orthogonalising";
    bool brief = false;
    /// The options of a recipe, and which of them the user gave: those replace the recipe's.
    std::vector<std::pair<CLI::Option*, std::function<void(TrainOptions& to, const TrainOptions& from)>>> fields{};
  };
  const auto given = std::make_shared<Given>();
  TrainArguments& arguments = given->arguments;
  CLI::App& verb =
      application.verb(application.root(), "train", "Trains the encoder T(ids) -> V; the weights serve any account set",
                       "train --brief", [given](Session& session) {
                         TrainArguments chosen = given->arguments;
                         const std::string recipe = given->brief ? "brief" : given->recipe;
                         chosen.options = (recipe == "brief"   ? TrainOptions::brief()
                                           : recipe == "quick" ? TrainOptions::quick()
                                                               : TrainOptions::standard())
                                              .with(architecture_named(given->architecture));
                         for (const auto& [option, copy] : given->fields)
                           if (!option->empty()) copy(chosen.options, given->arguments.options);
                         return train(chosen, session);
                       });
  const auto number = [&](const char* name, auto TrainOptions::* field, const char* description) {
    CLI::Option* option = verb.add_option(name, arguments.options.*field, description);
    given->fields.emplace_back(option,
                               [field](TrainOptions& to, const TrainOptions& from) { to.*field = from.*field; });
    return option;
  };
  const auto size = [&](const char* name, auto NetworkConfig::* field, const char* description) {
    CLI::Option* option = verb.add_option(name, arguments.options.network.*field, description);
    given->fields.emplace_back(
        option, [field](TrainOptions& to, const TrainOptions& from) { to.network.*field = from.network.*field; });
    option->group("Network");
  };

  verb.add_option("-o,--output", arguments.output, "Folder to write [WORKDIR/encoder]");
  verb.add_option("--data", arguments.data,
                  "Ledger whose accounts encoder.onnx is for and are validated on [WORKDIR/ledger]");
  verb.add_option("--heldout", arguments.heldout, "Ledgers whose accounts are validated on as well");
  verb.add_flag("--resume", arguments.options.resume, "Go on from the folder's last checkpoint");
  given->fields.emplace_back(verb.get_option("--resume"),
                             [](TrainOptions& to, const TrainOptions& from) { to.resume = from.resume; });
  verb.add_option("--recipe", given->recipe, "plan (64 sets a step), quick (8 sets a step), brief (a minute)")
      ->check(CLI::IsMember({"plan", "quick", "brief"}))
      ->capture_default_str();
  verb.add_flag("--brief", given->brief, "As --recipe brief");
  verb.add_option("--workers", arguments.workers,
                  "Processes that share the work, each with --batch sets; under torchrun or mpirun theirs [1]")
      ->check(CLI::Range(1, 256));
  number("--device", &TrainOptions::device, "auto (CUDA where libtorch has it), cpu or cuda [auto]")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}));

  const CLI::Range steps(std::int64_t{0}, std::int64_t{100'000'000}), counts(std::int64_t{1}, std::int64_t{1'000'000});
  number("--steps", &TrainOptions::steps, "Optimiser steps [of the recipe]")->check(steps);
  number("--seconds", &TrainOptions::seconds, "End after this time even when steps are left [no limit]")
      ->check(CLI::NonNegativeNumber);
  number("--seed", &TrainOptions::seed, "Seed of weights and account sets [1]");
  number("--batch", &TrainOptions::batch, "Account sets a step and worker [of the recipe]")
      ->check(CLI::Range(1, 65536));
  number("--micro-batch", &TrainOptions::micro_batch, "Account sets that a thread takes at a time [of the recipe]")
      ->check(CLI::Range(1, 65536));
  number("--learning-rate", &TrainOptions::learning_rate, "Top of the cosine [of the recipe]")
      ->check(CLI::PositiveNumber);
  number("--gain-rate", &TrainOptions::gain_rate,
         "The gains learn this many times faster; 0: not at all [of the recipe]")
      ->check(CLI::NonNegativeNumber);
  number("--beta2", &TrainOptions::beta2, "AdamW's memory of squared gradients [0.95]");
  number("--clip", &TrainOptions::clip, "Bound on the norm of the gradient [0.1]")->check(CLI::PositiveNumber);
  number("--lambda", &TrainOptions::lambda, "Weight of the homomorphism error [1]")->check(CLI::NonNegativeNumber);
  number("--states", &TrainOptions::states, "States sampled for each account set [16]")->check(CLI::Range(1, 65536));
  number("--accounts", &TrainOptions::accounts, "Accounts of the sets trained on [128]")->check(CLI::Range(2, 4096));
  number("--validate-every", &TrainOptions::validate_every, "Steps between held-out losses [of the recipe]")
      ->check(counts);
  number("--patience", &TrainOptions::patience, "End after so many of them without a smaller one [never]")
      ->check(steps);
  number("--target-condition", &TrainOptions::target_condition, "End when every held-out set is as good as this");
  number("--target-cosine", &TrainOptions::target_cosine, "and this");
  number("--sizes", &TrainOptions::sizes, "Other numbers of accounts to measure the trained network with");
  number("--checkpoint-every", &TrainOptions::checkpoint_every, "Steps between checkpoints [about every 30 s]")
      ->check(steps);

  verb.add_option("--architecture", given->architecture, "orthogonalising; softmax and baseline: to compare with")
      ->check(CLI::IsMember({"orthogonalising", "softmax", "baseline"}))
      ->capture_default_str()
      ->group("Network");
  size("--layers", &NetworkConfig::layers, "Layers [6]");
  size("--heads", &NetworkConfig::heads, "Heads of a layer [8]");
  size("--hidden", &NetworkConfig::hidden, "Width of a token [256]");
  size("--feed-forward", &NetworkConfig::feed_forward, "Width of the GELU layer [64]");
  size("--dims", &NetworkConfig::dims, "Width of the embedding [512]");
  size("--rotary-heads", &NetworkConfig::rotary_heads, "Heads turned by the slot number [1]");
  size("--start-a", &NetworkConfig::start_a, "Gain of the identity path before training [1]");
  size("--start-g", &NetworkConfig::start_g, "Gain of each head before training [0]");
}

}  // namespace ll::cli
