// Verb `evaluate`.
#include <algorithm>
#include <memory>

#include "base/files.hpp"
#include "base/random.hpp"
#include "base/resources.hpp"
#include "cli/application.hpp"
#include "cli/encoder_commands.hpp"
#include "cli/encoder_folder.hpp"
#include "cli/ledger_folder.hpp"
#include "ledger/generator.hpp"
#include "training/account_sets.hpp"
#include "training/evaluation_files.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;

/// Transfers to evaluate: the ledger's first, generated ones behind them. A ledger with tokens has its own only: what
/// the generator makes would move one asset into another.
template <class Amount, class Move>
struct Sequence {
  std::vector<Amount> start;  ///< by slot
  std::vector<Move> moves;
  std::size_t real = 0;  ///< of the ledger; the others are generated
};
using UnitSequence = Sequence<std::uint64_t, training::SlotTransfer>;
using WeiSequence = Sequence<u128, training::ExactTransfer>;

UnitSequence unit_sequence(const ledger::Dataset& data, std::size_t count, std::uint64_t seed) {
  std::vector<ledger::SlotTransfer> transfers = data.unit_transfers();
  UnitSequence sequence;
  sequence.real = std::min(transfers.size(), count);
  transfers.resize(sequence.real);
  if (sequence.real < count && data.is_ether_only()) {
    const ledger::GeneratorConfig config{.profile = ledger::Profile::ethereum, .seed = seed};
    const auto more = ledger::continue_transfers(data.units_before(sequence.real), count - sequence.real, config);
    transfers.insert(transfers.end(), more.begin(), more.end());
  }
  sequence.moves.reserve(transfers.size());
  for (const auto& t : transfers)
    sequence.moves.push_back(
        {.sender_slot = t.sender, .receiver_slot = t.receiver, .amount = static_cast<std::uint32_t>(t.amount)});
  const std::vector<std::uint32_t> units = start_units(data);
  sequence.start.assign(units.begin(), units.end());
  return sequence;
}

/// Every transfer in wei, those that dust absorbs too. Generated ones move the generator's units and some wei below a
/// unit besides, at most what the sender holds, so that every limb has work.
WeiSequence wei_sequence(const ledger::Dataset& data, std::size_t count, std::uint64_t seed) {
  const std::vector<ledger::SlotTransfer> transfers = data.wei_transfers();
  WeiSequence sequence;
  sequence.real = std::min(transfers.size(), count);
  for (std::size_t i = 0; i < sequence.real; ++i)
    sequence.moves.push_back({transfers[i].sender, transfers[i].receiver, transfers[i].amount});
  sequence.start = data.wei_before(0);
  sequence.start.resize(kSlots);
  if (sequence.real == count || !data.is_ether_only()) return sequence;

  std::vector<u128> balances = data.wei_before(sequence.real);
  std::vector<std::uint32_t> units;
  const u128 unit = data.assets.front().unit;
  for (const u128 balance : balances) units.push_back(static_cast<std::uint32_t>(balance / unit));
  const ledger::GeneratorConfig config{.profile = ledger::Profile::ethereum, .seed = seed};
  SeededRng rng(seed);
  for (const auto& t : ledger::continue_transfers(units, count - sequence.real, config)) {
    const u128 below_unit = (u128{rng.next_u64()} << 64 | rng.next_u64()) % unit;
    const u128 amount = std::min(t.amount * unit + below_unit, balances[t.sender]);
    if (amount == 0) continue;
    balances[t.sender] -= amount, balances[t.receiver] += amount;
    sequence.moves.push_back({t.sender, t.receiver, amount});
  }
  return sequence;
}

/// Balances [count, N] of states spread evenly over a sequence.
std::vector<std::uint64_t> states_along(const UnitSequence& sequence, std::size_t count) {
  std::vector<std::uint64_t> balances = sequence.start, states;
  for (std::size_t i = 0; i < sequence.moves.size(); ++i) {
    const auto& t = sequence.moves[i];
    balances[t.sender_slot] -= t.amount, balances[t.receiver_slot] += t.amount;
    if ((i + 1) * count / sequence.moves.size() > i * count / sequence.moves.size())
      states.insert(states.end(), balances.begin(), balances.end());
  }
  return states;
}

/// States of account sets never trained on, balances uniform below 2^32, and states of the ledger.
training::RecoveryReport recover(const EvaluateArguments& arguments, const LoadedEncoder& loaded,
                                 const model::QuantizedEncoder& encoder, const UnitSequence& sequence,
                                 Session& session) {
  std::vector<training::RecoveryCase> cases;
  const auto sets = training::heldout_sets(kSlots, loaded.encoder.config().id_bits);
  const std::size_t of_ledger = std::min(sequence.moves.size(), arguments.recover / (sets.size() + 1));
  const std::size_t rest = arguments.recover - of_ledger;
  for (std::size_t s = 0; s < sets.size(); ++s) {
    session.check_stop();
    const std::size_t count = rest * (s + 1) / sets.size() - rest * s / sets.size();
    auto quantised = loaded.encoder.quantized(sets[s].ids, loaded.sha256);
    auto balances = training::uniform_states(quantised.shape(), count, arguments.seed + s);
    cases.push_back({sets[s].name, std::move(quantised), std::move(balances)});
  }
  cases.push_back({"ledger", encoder, states_along(sequence, of_ledger)});
  return training::measure_recovery(cases, arguments.seed, session.progress());
}

Json count_json(const training::RecoveryCount& count) {
  return {{"states", count.states},
          {"recovered", count.recovered},
          {"mean_steps", count.mean_steps},
          {"max_steps", count.max_steps}};
}

Json recovery_json(const training::RecoveryReport& report) {
  Json cases = Json::object(), noise = Json::array();
  for (const auto& [name, count] : report.cases) cases[name] = count_json(count);
  for (const auto& row : report.noise)
    noise.push_back({{"amplitude", row.embedding_units},
                     {"states", row.states},
                     {"uniform", row.uniform},
                     {"gaussian", row.gaussian}});
  Json json = count_json(report.total);
  json["exact_solve"] = count_json(report.exact_solve);
  json["cases"] = std::move(cases);
  json["gaussian"] = {{"plain_step", count_json(report.gaussian_plain)},
                      {"best_step", count_json(report.gaussian_best)}};
  json["noise"] = std::move(noise);
  json["seconds"] = report.seconds;
  return json;
}

std::string recovery_text(const training::RecoveryReport& report) {
  const auto& all = report.total;
  std::string text = fmt::format("balances          {} of {} states read back exactly, {:.1f} steps each, {} at most\n",
                                 all.recovered, all.states, all.mean_steps, all.max_steps);
  const auto& random = report.gaussian_best;
  text += fmt::format("  random V        {} of {} at the same step size, {} at the best one ({:.0f} steps each)\n",
                      report.gaussian_plain.recovered, random.states, random.recovered, random.mean_steps);
  if (report.noise_first_failure >= 0)
    text += fmt::format("  noise           first state lost at amplitude 2^{} of the integer embedding\n",
                        report.noise_first_failure);
  return text;
}

void add_pass(const training::PassReport& pass, Json& passes, Json& drift, std::string& text) {
  const auto& e = pass.errors;
  passes[pass.name] = {{"max_abs", e.max_abs},
                       {"mean_abs", e.mean_abs},
                       {"p50", e.p50},
                       {"p90", e.p90},
                       {"p99", e.p99},
                       {"p999", e.p999},
                       {"max_relative", e.max_relative},
                       {"mean_relative", e.mean_relative},
                       {"zeros", e.zeros},
                       {"transfers", pass.by_transfer.size()},
                       {"seconds", pass.seconds}};
  drift[pass.name] = pass.drift;
  text += fmt::format("  {:<12}{:>12.3g}{:>12.3g}{:>12.3g}{:>12.3g}{:>12.3g}\n", pass.name, e.max_abs, e.mean_abs,
                      e.p50, e.p99, pass.drift);
}

bool is_baseline(const LoadedEncoder& loaded) {
  return loaded.encoder.config().architecture == training::Architecture::baseline;
}

/// A network that is not affine in the balances: its states and its learned deltas.
training::PassReport evaluate_baseline(const LoadedEncoder& loaded, const std::vector<std::uint32_t>& ids,
                                       const UnitSequence& sequence, Session& session) {
  const training::StateEncoder states{
      .name = "baseline",
      .accounts = ids.size(),
      .dims = std::size_t(loaded.encoder.config().dims),
      .balance_bits = 32,
      .embed = [&](std::span<const double> balances) { return loaded.encoder.embed_states(ids, balances); },
      .deltas = [&](std::span<const training::SlotTransfer> moves) { return loaded.encoder.deltas(ids, moves); }};
  return training::evaluate_states(states, sequence.start, sequence.moves, session.progress());
}

/// The passes of T_theta, and what comes with them.
training::EvaluationReport evaluate_affine(const LoadedEncoder& loaded, const model::QuantizedEncoder& encoder,
                                           const UnitSequence& sequence, const std::optional<WeiSequence>& wei,
                                           Session& session) {
  const std::vector<double> v = loaded.encoder.directions(encoder.account_ids());
  auto report = training::evaluate(encoder, v, sequence.start, sequence.moves, session.progress());
  if (wei) report.exact = training::evaluate_exact(encoder, wei->start, wei->moves, session.progress());
  return report;
}

}  // namespace

Outcome evaluate(const EvaluateArguments& arguments, Session& session) {
  const ledger::Dataset data = load_ledger(session, session.path_or(arguments.data, "ledger"));
  const LoadedEncoder loaded = load_encoder(session, session.path_or(arguments.encoder, "encoder"));
  const fs::path folder = session.path_or(arguments.output, "evaluation");
  const FolderLock lock(folder);

  const bool affine = !is_baseline(loaded);
  if (!affine && (arguments.exact || !arguments.baseline.empty()))
    throw Error(ErrorCode::invalid_argument, "evaluate: the encoder is a baseline, which has no V^",
                loaded.file.string(), "give it as --baseline beside an encoder, or leave out --exact");
  std::optional<LoadedEncoder> baseline;
  if (!arguments.baseline.empty()) {
    baseline.emplace(load_encoder(session, arguments.baseline));
    if (!is_baseline(*baseline))
      throw Error(ErrorCode::mismatch, "evaluate: --baseline is not a network trained as a baseline",
                  baseline->file.string(), "make one with `train --architecture baseline`");
  }
  const UnitSequence sequence = unit_sequence(data, arguments.transfers, arguments.seed);
  std::optional<WeiSequence> wei;
  if (arguments.exact) wei = wei_sequence(data, arguments.transfers, arguments.seed);
  session.check_stop();
  const std::vector<std::uint32_t> ids = slot_ids(data);
  training::EvaluationReport report{.transfers = sequence.moves.size(), .passes = {}};
  std::optional<training::RecoveryReport> recovery;
  if (affine) {
    const model::QuantizedEncoder encoder = quantized_for(loaded, data);
    report = evaluate_affine(loaded, encoder, sequence, wei, session);
    if (arguments.recover > 0) recovery = recover(arguments, loaded, encoder, sequence, session);
  }
  const Stopwatch watch;
  if (!affine || baseline)
    report.passes.push_back(evaluate_baseline(affine ? *baseline : loaded, ids, sequence, session));
  report.seconds += watch.ms() / 1000;

  const std::string told = training::write_evaluation(
      folder, report,
      {.ids = ids,
       .transfers = sequence.moves,
       .exact = wei ? std::span<const training::ExactTransfer>(wei->moves) : std::span<const training::ExactTransfer>{},
       .recovery = recovery ? &*recovery : nullptr});
  if (!told.empty()) session.note(told);
  for (const char* name : {"evaluation.json", "evaluation.html", "errors.csv", "histogram.csv", "transfers.csv",
                           "transfers_exact.csv", "errors.svg", "drift.svg"}) {
    if (fs::exists(folder / name)) session.output(name, folder / name);
  }

  Json passes = Json::object(), drift = Json::object();
  std::string text = fmt::format("transfers         {}: {} of the ledger, {} generated behind them\n", report.transfers,
                                 sequence.real, report.transfers - sequence.real);
  text += fmt::format("{:<14}{:>12}{:>12}{:>12}{:>12}{:>12}   (largest error of a transfer, embedding units)\n", "pass",
                      "max", "mean", "median", "p99", "drift");
  for (const auto& pass : report.passes) add_pass(pass, passes, drift, text);
  if (report.exact) {
    add_pass(*report.exact, passes, drift, text);
    text += fmt::format("  exact is in wei: {} transfers of the ledger, {} generated\n", wei->real,
                        wei->moves.size() - wei->real);
  }
  Json result = {
      {"transfers", report.transfers}, {"real", sequence.real},       {"generated", report.transfers - sequence.real},
      {"seconds", report.seconds},     {"passes", std::move(passes)}, {"drift", std::move(drift)}};
  if (recovery) {
    result["recovery"] = recovery_json(*recovery);
    text += recovery_text(*recovery);
  }
  text += "written to        " + folder.string() + "\n";
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
  verb.add_flag("--exact", arguments->exact, "Also in wei, nothing rounded to units: four limbs of 32 bits");
  verb.add_option("--baseline", arguments->baseline, "Folder of a trained baseline to put beside it");
  verb.add_option("--recover", arguments->recover, "States to read back from their embedding, 0: none")
      ->check(CLI::Range(std::size_t{0}, std::size_t{10'000'000}))
      ->capture_default_str();
  verb.add_option("-o,--output", arguments->output, "Folder to write [WORKDIR/evaluation]");
}

}  // namespace ll::cli
