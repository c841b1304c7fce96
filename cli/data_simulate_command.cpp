// Verb `data simulate`.
#include <memory>

#include "cli/application.hpp"
#include "cli/data_commands.hpp"
#include "cli/ledger_folder.hpp"
#include "ledger/simulate.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;

struct SimulateArguments {
  fs::path data, output;
  std::uint64_t every = 100;
};

Outcome simulate_data(const SimulateArguments& arguments, Session& session) {
  const ledger::Dataset data = load_ledger(session, session.path_or(arguments.data, "ledger"));
  const fs::path csv = session.path_or(arguments.output, "snapshots.csv");
  const ledger::Simulation run = ledger::simulate(data, arguments.every, csv, &session.progress());
  session.output("snapshots", csv);
  return {.result = {{"transfers", run.transfers},
                     {"snapshots", run.snapshots},
                     {"final_state_hash", run.final_state_hash}},
          .text = fmt::format("replayed          {} transfers, {} snapshots\nstate hash        {} at the end\n"
                              "written to        {}\n",
                              run.transfers, run.snapshots, run.final_state_hash, csv.string())};
}

}  // namespace

void add_data_simulate(Application& application, CLI::App& data) {
  auto simulation = std::make_shared<SimulateArguments>();
  CLI::App& simulate_verb =
      application.verb(data, "simulate", "Replays a ledger and writes snapshots of it: state hash and balances",
                       "data simulate", [simulation](Session& session) { return simulate_data(*simulation, session); });
  simulate_verb.add_option("--data", simulation->data, "Ledger folder [WORKDIR/ledger]");
  simulate_verb.add_option("--every", simulation->every, "Transfers between snapshots")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
      ->capture_default_str();
  simulate_verb.add_option("-o,--output", simulation->output, "CSV to write [WORKDIR/snapshots.csv]");
}

}  // namespace ll::cli
