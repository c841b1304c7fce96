// The identical circuit, proved by both: `update` as it is, and a circuit of full-size values at two sizes.
#include "bench/compare.hpp"
#include "bench/gate_circuit.hpp"
#include "bench/rows.hpp"
#include "circuits/statements.hpp"
#include "circuits/update_rules.hpp"

namespace ll::bench {
namespace {

Measurement update(Context& context) {
  circuits::SampleStatement made = circuits::sample_statement(circuits::kUpdate, {});
  auto& circuit = dynamic_cast<circuits::UpdateCircuit&>(*made.circuit);
  return compare_provers(context, context.runs(5), "update", circuit, made.k, made.compress_selectors, made.instances,
                         [&] { return circuits::describe_update_witness(circuit, made.instances); });
}

Measurement gates(Context& context, unsigned k, int runs) {
  GateCircuit circuit(k);
  Measurement m = compare_provers(context, context.runs(runs), fmt::format("gates_{}", k), circuit, k, false, {},
                                  [&] { return circuit.describe_witness(); });
  m.extra["constraints"] = circuit.constraints();
  context.release_srs();
  return m;
}

Row gates_row(unsigned k, int runs) {
  return {.name = fmt::format("circuit_gates_{}", k),
          .what = fmt::format("proof of a circuit of 6 advice columns, degree 5, permutation of 3, k = {}", k),
          .unit = "s",
          .goal_ratio = 1.0 / 5,
          .measure = [k, runs](Context& context) { return gates(context, k, runs); }};
}

Row size_row(unsigned k) {
  const std::size_t millions = (GateCircuit::kGates << k) >> 20;
  return {
      .name = fmt::format("size_{}M", millions),
      .what = fmt::format("proof of {} million constraints: 2^{} rows of {} gates", millions, k, GateCircuit::kGates),
      .unit = "s",
      .kind = Kind::sizes,
      .measure = [k](Context& context) { return gates(context, k, 1); }};
}

}  // namespace

std::vector<Row> circuit_rows() {
  return {{.name = "circuit_update",
           .what = "proof of `update`: 256 transfers, k = 14, three advice columns",
           .unit = "s",
           .kind = Kind::quick,
           .goal_ratio = 1.0 / 5,
           .measure = update},
          gates_row(16, 3),
          gates_row(18, 3)};
}

std::vector<Row> size_rows() { return {size_row(18), size_row(19), size_row(20), size_row(21)}; }

}  // namespace ll::bench
