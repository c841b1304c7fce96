// Verb `estimate`: what a statement's keys and proofs will cost, before any of them is made.
#include "cli/estimate_command.hpp"

#include "base/resources.hpp"
#include "cli/application.hpp"
#include "cli/circuit_options.hpp"
#include "halo2/estimate.hpp"

namespace ll::cli {
namespace {

struct EstimateArguments {
  CircuitArguments circuit;
  bool reference_costs = false;
};

/// What a `prove` process holds beside keys and proof: the program itself and what it reads the ledger with, measured
/// on the bundled ledger. `estimate` is the same program without a ledger.
constexpr std::uint64_t kLedgerBytes = 24u << 20;

}  // namespace

Outcome estimate(const circuits::SampleStatement& sample, const std::string& statement, bool reference_costs) {
  const std::uint64_t resident = current_rss_bytes();
  const halo2::UnitCosts costs = reference_costs ? halo2::reference_costs() : halo2::measure_costs();
  const halo2::Estimate e =
      halo2::estimate(*sample.circuit, sample.k, sample.compress_selectors, costs, &sample.instances);
  const std::uint64_t peak = resident + kLedgerBytes + e.prove_bytes;
  Json result = {{"statement", statement},
                 {"k", e.k},
                 {"rows", e.used_rows},
                 {"usable_rows", e.usable_rows},
                 {"advice_columns", e.advice_columns},
                 {"fixed_columns", e.fixed_columns},
                 {"instance_columns", e.instance_columns},
                 {"selectors", e.selectors},
                 {"gates", e.gates},
                 {"constraints", e.constraints},
                 {"lookups", e.lookups},
                 {"shuffles", e.shuffles},
                 {"copies", e.copies},
                 {"copied_columns", e.copied_columns},
                 {"degree", e.degree},
                 {"extended_k", e.extended_k},
                 {"blinding_factors", e.blinding_factors},
                 {"commitments", e.commitments},
                 {"proof_bytes", e.proof_bytes},
                 {"prove_ms", e.prove_ms},
                 {"peak_rss_bytes", peak},
                 {"prove_bytes", e.prove_bytes},
                 {"unit_costs_ns",
                  {{"measured", !reference_costs},
                   {"product", costs.product},
                   {"threaded_product", costs.threaded_product},
                   {"butterfly", costs.butterfly},
                   {"msm", costs.msm},
                   {"program_product", costs.program_product},
                   {"program_sum", costs.program_sum},
                   {"comparison", costs.comparison},
                   {"random", costs.random}}}};
  return {
      .result = std::move(result),
      .text = fmt::format("statement         {}\n"
                          "rows              {} of {} usable, k = {}\n"
                          "columns           {} advice, {} fixed, {} of public inputs\n"
                          "constraints       {} in {} gates, {} lookups, {} shuffles, {} copies; degree {}\n"
                          "proof             {} bytes: {} commitments and {} evaluations\n"
                          "proving           about {} ({})\n"
                          "peak memory       about {}: {} for SRS, key and proof, the rest is the program\n",
                          statement, e.used_rows, e.usable_rows, e.k, e.advice_columns, e.fixed_columns,
                          e.instance_columns, e.constraints, e.gates, e.lookups, e.shuffles, e.copies, e.degree,
                          e.proof_bytes, e.commitments, e.proof_bytes / 32 - e.commitments, duration_text(e.prove_ms),
                          reference_costs ? "on the reference machine" : "on this machine, measured just now",
                          bytes_text(peak), bytes_text(e.prove_bytes))};
}

void add_estimate_command(Application& application) {
  auto estimated = std::make_shared<EstimateArguments>();
  CLI::App& verb = application.verb(
      application.root(), "estimate", "Rows, columns, proof bytes, time and memory of a statement before any work",
      "estimate --statement update", [estimated](Session&) {
        return estimate(circuits::sample_statement(estimated->circuit.statement, estimated->circuit.shape),
                        estimated->circuit.statement, estimated->reference_costs);
      });
  add_circuit_options(verb, estimated->circuit);
  verb.add_flag("--reference-costs", estimated->reference_costs,
                "Prices of the reference machine instead of a measurement here: the same figures every time");
}

}  // namespace ll::cli
