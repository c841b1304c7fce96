// Verb `train`.
#include <algorithm>
#include <memory>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "cli/application.hpp"
#include "cli/encoder_commands.hpp"
#include "cli/encoder_folder.hpp"
#include "cli/ledger_folder.hpp"
#include "model/onnx_export.hpp"
#include "training/plot.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;

Json quality_json(const training::DirectionQuality& quality) {
  return {{"name", quality.name},
          {"loss", quality.loss},
          {"condition", quality.condition},
          {"max_cosine", quality.max_cosine}};
}

Json train_json(const training::TrainResult& result) {
  Json sets = Json::array();
  double condition = 0, max_cosine = 0;
  for (const auto& quality : result.heldout) {
    condition = std::max(condition, quality.condition);
    max_cosine = std::max(max_cosine, quality.max_cosine);
    sets.push_back(quality_json(quality));
  }
  return {{"parameters", result.parameters},
          {"steps", result.steps},
          {"seconds", result.seconds},
          {"loss_first", result.loss_first},
          {"loss_last", result.loss_last},
          {"heldout",
           {{"condition", condition},
            {"max_cosine", max_cosine},
            {"recovered_exactly", result.states_recovered == result.states_sampled},
            {"states_recovered", result.states_recovered},
            {"states_sampled", result.states_sampled},
            {"sets", sets}}},
          {"gaussian", quality_json(result.gaussian)}};
}

std::string train_text(const training::TrainResult& result) {
  std::string text =
      fmt::format("steps             {} in {:.1f} s, {} parameters\n", result.steps, result.seconds, result.parameters);
  text += fmt::format("held-out loss     {:.3e} -> {:.3e}   (largest over account sets never trained on)\n",
                      result.loss_first, result.loss_last);
  text += fmt::format("{:<18}{:>10}{:>12}{:>14}\n", "account set", "loss", "condition", "max cosine");
  auto rows = result.heldout;
  rows.push_back(result.gaussian);
  for (const auto& row : rows)
    text += fmt::format("  {:<16}{:>10.2e}{:>12.4f}{:>14.2e}\n", row.name, row.loss, row.condition, row.max_cosine);
  text += fmt::format("balances          {} of {} random states read back exactly from their embedding\n",
                      result.states_recovered, result.states_sampled);
  return text;
}

/// The account set that encoder.onnx is for: the ledger's, when there is one.
std::optional<ledger::Dataset> ledger_for_export(const TrainArguments& arguments, Session& session) {
  const fs::path folder = session.path_or(arguments.data, "ledger");
  std::error_code ignored;
  if (arguments.data.empty() && !fs::exists(folder / "import.json", ignored)) return std::nullopt;
  return load_ledger(session, folder);
}

}  // namespace

Outcome train(const TrainArguments& arguments, Session& session) {
  const auto data = ledger_for_export(arguments, session);
  const fs::path folder = session.path_or(arguments.output, "encoder");
  const FolderLock lock(folder);
  const training::TrainResult result = training::train(arguments.options, folder, session.progress());
  session.output("encoder", folder / "encoder.safetensors");
  session.output("metrics", folder / "metrics.csv");
  if (const std::string told = training::draw_curve(folder / "curve.svg", result); told.empty()) {
    session.output("curve", folder / "curve.svg");
  } else {
    session.note(told);
  }
  if (data) {
    const std::string sha256 = sha256_file(folder / "encoder.safetensors");
    model::write_onnx(folder / "encoder.onnx", result.encoder.quantized(slot_ids(*data), sha256));
    session.output("onnx", folder / "encoder.onnx");
  } else {
    session.note("no ledger yet: encoder.onnx, which is for one account set, is left out (see export-onnx)");
  }
  return {.result = train_json(result), .text = train_text(result) + "written to        " + folder.string() + "\n"};
}

void add_train_command(Application& application) {
  struct Given {
    TrainArguments arguments;
    bool brief = false;
    CLI::Option* steps = nullptr;
    CLI::Option* validate_every = nullptr;
  };
  auto given = std::make_shared<Given>();
  auto& options = given->arguments.options;
  CLI::App& verb =
      application.verb(application.root(), "train", "Trains the encoder T(ids) -> V; the weights serve any account set",
                       "train --brief", [given](Session& session) {
                         TrainArguments arguments = given->arguments;
                         const auto brief = training::TrainOptions::brief();
                         if (given->brief && given->steps->empty()) arguments.options.steps = brief.steps;
                         if (given->brief && given->validate_every->empty())
                           arguments.options.validate_every = brief.validate_every;
                         return train(arguments, session);
                       });
  verb.add_option("-o,--output", given->arguments.output, "Folder to write [WORKDIR/encoder]");
  verb.add_option("--data", given->arguments.data, "Ledger whose accounts encoder.onnx is for [WORKDIR/ledger]");
  verb.add_flag("--brief", given->brief, "About a minute instead of a few");
  given->steps = verb.add_option("--steps", options.steps, "Optimiser steps")
                     ->check(CLI::Range(std::int64_t{0}, std::int64_t{100'000'000}))
                     ->capture_default_str();
  verb.add_option("--seconds", options.seconds, "End after this time even when steps are left, 0: no limit")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb.add_option("--seed", options.seed, "Seed of weights and account sets")->capture_default_str();
  verb.add_option("--batch", options.batch, "Account sets a step")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{4096}))
      ->capture_default_str();
  verb.add_option("--learning-rate", options.learning_rate, "Top of the cosine")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  given->validate_every = verb.add_option("--validate-every", options.validate_every, "Steps between held-out losses")
                              ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}))
                              ->capture_default_str();
  verb.add_option("--torch-threads", options.threads, "Threads of libtorch; weights repeat bit for bit only with 1")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  verb.add_flag("--resume", options.resume, "Go on from the folder's encoder.safetensors");
}

}  // namespace ll::cli
