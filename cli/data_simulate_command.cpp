// Verb `data simulate`.
#include <memory>

#include "cli/application.hpp"
#include "cli/data_commands.hpp"
#include "cli/encoder_folder.hpp"
#include "cli/ledger_folder.hpp"
#include "ledger/simulate.hpp"
#include "model/exact_encoder.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;

struct SimulateArguments {
  fs::path data, output, encoder, deltas, delta_vectors;
  std::uint64_t every = 100;
  std::string embedding = "none";
  bool exact = false;
};

/// Balances padded to the encoder's slots.
template <class T>
std::vector<T> padded(std::span<const u128> balances, std::size_t slots) {
  std::vector<T> all(slots);
  for (std::size_t i = 0; i < balances.size(); ++i) all.at(i) = static_cast<T>(balances[i]);
  return all;
}

ledger::Embedder unit_embedder(std::shared_ptr<const model::QuantizedEncoder> encoder) {
  ledger::Embedder e;
  e.size = static_cast<std::uint32_t>(encoder->shape().dims);
  e.scale_bits = encoder->shape().scale_bits();
  e.digest = encoder->digest();
  e.state = [encoder](std::span<const u128> balances) {
    return encoder->embed(padded<std::uint64_t>(balances, encoder->shape().accounts));
  };
  e.delta = [encoder](const ledger::SlotTransfer& t, u128, u128) {
    return encoder->delta(t.sender, t.receiver, static_cast<std::uint64_t>(t.amount));
  };
  return e;
}

ledger::Embedder exact_embedder(std::shared_ptr<const model::ExactEncoder> encoder) {
  ledger::Embedder e;
  e.size = static_cast<std::uint32_t>(encoder->vector_size());
  e.scale_bits = encoder->encoder().shape().scale_bits();
  e.digest = encoder->encoder().digest();
  e.state = [encoder](std::span<const u128> balances) {
    return encoder->embed(padded<u128>(balances, encoder->encoder().shape().accounts));
  };
  e.delta = [encoder](const ledger::SlotTransfer& t, u128 sender, u128 receiver) {
    return encoder->delta(t.sender, t.receiver, t.amount, sender, receiver);
  };
  return e;
}

Outcome simulate_data(const SimulateArguments& arguments, Session& session) {
  const bool vectors = arguments.embedding != "none" || !arguments.delta_vectors.empty();
  LL_CHECK(!vectors || !arguments.encoder.empty(), "embeddings need an encoder: --encoder FOLDER");
  const ledger::Dataset data = load_ledger(session, session.path_or(arguments.data, "ledger"));
  ledger::SimulationOptions options;
  options.every = arguments.every;
  options.exact = arguments.exact;
  options.snapshots = session.path_or(arguments.output, "snapshots.csv");
  options.deltas = arguments.deltas;
  options.delta_vectors = arguments.delta_vectors;
  if (arguments.embedding == "columns") options.embedding = ledger::EmbeddingOutput::columns;
  if (arguments.embedding == "binary") {
    options.embedding = ledger::EmbeddingOutput::binary;
    options.vectors = fs::path(options.snapshots).replace_extension(".embedding.bin");
  }
  if (!arguments.encoder.empty()) {
    model::QuantizedEncoder quantized = quantized_for(load_encoder(session, arguments.encoder), data);
    options.embedder = arguments.exact
                           ? exact_embedder(std::make_shared<const model::ExactEncoder>(std::move(quantized)))
                           : unit_embedder(std::make_shared<const model::QuantizedEncoder>(std::move(quantized)));
  }
  const ledger::Simulation run = ledger::simulate(data, options, &session.progress());
  session.output("snapshots", options.snapshots);
  if (!options.vectors.empty()) session.output("embedding", options.vectors);
  if (!options.deltas.empty()) session.output("deltas", options.deltas);
  if (!options.delta_vectors.empty()) session.output("delta_vectors", options.delta_vectors);
  const char* unit = arguments.exact ? "wei" : "units";
  Json result = {{"transfers", run.transfers},
                 {"snapshots", run.snapshots},
                 {"final_state_hash", run.final_state_hash},
                 {"balances_in", unit}};
  std::string text =
      fmt::format("replayed          {} transfers in {}, {} snapshots\nstate hash        {} at the end\n",
                  run.transfers, unit, run.snapshots, run.final_state_hash);
  if (run.homomorphism_error) {
    result["homomorphism_error"] = *run.homomorphism_error;
    text += fmt::format("embedding         deltas added up differ from fresh embeddings by {} at most\n",
                        *run.homomorphism_error);
  }
  text += fmt::format("written to        {}\n", options.snapshots.string());
  return {.result = std::move(result), .text = std::move(text)};
}

}  // namespace

void add_data_simulate(Application& application, CLI::App& data) {
  auto simulation = std::make_shared<SimulateArguments>();
  CLI::App& verb =
      application.verb(data, "simulate", "Replays a ledger: snapshots, embeddings, before and after of each transfer",
                       "data simulate", [simulation](Session& session) { return simulate_data(*simulation, session); });
  verb.add_option("--data", simulation->data, "Ledger folder [WORKDIR/ledger]");
  verb.add_option("--every", simulation->every, "Transfers between snapshots")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
      ->capture_default_str();
  verb.add_option("-o,--output", simulation->output, "CSV to write [WORKDIR/snapshots.csv]");
  verb.add_flag("--exact", simulation->exact, "Balances in wei, nothing rounded; embeddings by four limbs of 32 bits");
  verb.add_option("--encoder", simulation->encoder, "Encoder folder, for embeddings");
  verb.add_option("--embedding", simulation->embedding,
                  "Of each snapshot: none, columns (of the CSV), binary (CSV's name with .embedding.bin)")
      ->check(CLI::IsMember({"none", "columns", "binary"}))
      ->capture_default_str();
  verb.add_option("--deltas", simulation->deltas,
                  "CSV to write: each transfer, both balances and state hashes before and after");
  verb.add_option("--delta-vectors", simulation->delta_vectors, "File of vectors to write: the delta of each transfer");
}

}  // namespace ll::cli
