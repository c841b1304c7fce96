// Verb `evaluate`.
#include <algorithm>
#include <memory>

#include "base/files.hpp"
#include "cli/application.hpp"
#include "cli/encoder_commands.hpp"
#include "cli/encoder_folder.hpp"
#include "cli/ledger_folder.hpp"
#include "ledger/generator.hpp"
#include "training/evaluate.hpp"

namespace ll::cli {

namespace fs = std::filesystem;

Outcome evaluate(const EvaluateArguments& arguments, Session& session) {
  const ledger::Dataset data = load_ledger(session, session.path_or(arguments.data, "ledger"));
  const LoadedEncoder loaded = load_encoder(session, session.path_or(arguments.encoder, "encoder"));
  const fs::path folder = session.path_or(arguments.output, "evaluation");
  const FolderLock lock(folder);

  std::vector<ledger::SlotTransfer> transfers = data.unit_transfers();
  const std::size_t real = std::min(transfers.size(), arguments.transfers);
  transfers.resize(real);
  if (real < arguments.transfers) {
    const ledger::GeneratorConfig config{.profile = ledger::Profile::ethereum, .seed = arguments.seed};
    const auto more = ledger::continue_transfers(data.units_before(real), arguments.transfers - real, config);
    transfers.insert(transfers.end(), more.begin(), more.end());
  }
  session.check_stop();
  std::vector<training::SlotTransfer> moves;
  moves.reserve(transfers.size());
  for (const auto& t : transfers)
    moves.push_back(
        {.sender_slot = t.sender, .receiver_slot = t.receiver, .amount = static_cast<std::uint32_t>(t.amount)});
  const std::vector<std::uint32_t> units = start_units(data);
  const std::vector<std::uint64_t> start(units.begin(), units.end());

  const std::vector<double> v = loaded.encoder.directions(slot_ids(data));
  const training::EvaluationReport report =
      training::evaluate(quantized_for(loaded, data), v, start, moves, session.progress());
  if (const std::string told = training::write_evaluation(folder, report); !told.empty()) session.note(told);
  for (const char* name : {"evaluation.json", "errors.csv", "histogram.csv", "errors.svg"}) {
    if (fs::exists(folder / name)) session.output(name, folder / name);
  }

  Json passes = Json::object(), drift = Json::object();
  std::string text = fmt::format("transfers         {}: {} of the ledger, {} generated behind them\n", report.transfers,
                                 real, report.transfers - real);
  text += fmt::format("{:<14}{:>12}{:>12}{:>12}{:>12}{:>12}   (largest error of a transfer, embedding units)\n", "pass",
                      "max", "mean", "median", "p99", "drift");
  for (const auto& pass : report.passes) {
    const auto& e = pass.errors;
    passes[pass.name] = {
        {"max_abs", e.max_abs}, {"mean_abs", e.mean_abs},         {"p50", e.p50},    {"p90", e.p90}, {"p99", e.p99},
        {"p999", e.p999},       {"max_relative", e.max_relative}, {"zeros", e.zeros}};
    drift[pass.name] = pass.drift;
    text += fmt::format("  {:<12}{:>12.3g}{:>12.3g}{:>12.3g}{:>12.3g}{:>12.3g}\n", pass.name, e.max_abs, e.mean_abs,
                        e.p50, e.p99, pass.drift);
  }
  text += "written to        " + folder.string() + "\n";
  Json result = {{"transfers", report.transfers},        {"real", real},
                 {"generated", report.transfers - real}, {"seconds", report.seconds},
                 {"passes", std::move(passes)},          {"drift", std::move(drift)}};
  return {.result = std::move(result), .text = std::move(text)};
}

void add_evaluate_command(Application& application) {
  auto arguments = std::make_shared<EvaluateArguments>();
  CLI::App& verb = application.verb(
      application.root(), "evaluate", "Additive error of the encoder on many transfers, in three arithmetics",
      "evaluate --transfers 100000", [arguments](Session& session) { return evaluate(*arguments, session); });
  verb.add_option("--encoder", arguments->encoder, "Encoder folder [WORKDIR/encoder]");
  verb.add_option("--data", arguments->data, "Ledger folder [WORKDIR/ledger]");
  verb.add_option("--transfers", arguments->transfers, "How many: the ledger's first, generated ones behind them")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}))
      ->capture_default_str();
  verb.add_option("--seed", arguments->seed, "Seed of the generated transfers")->capture_default_str();
  verb.add_option("-o,--output", arguments->output, "Folder to write [WORKDIR/evaluation]");
}

}  // namespace ll::cli
