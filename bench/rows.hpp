#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/context.hpp"

namespace ll::bench {

/// When a row is measured: always; always but with --quick; with --full; with --sizes. Naming it does too.
enum class Kind { quick, standard, full, sizes };

/// A line of the table: what is measured, and what was promised.
struct Row {
  std::string name, what, unit;
  Kind kind = Kind::standard;
  std::optional<double> goal{}, wish{};  ///< in the row's unit
  std::optional<double> goal_ratio{};    ///< ours / the peer's
  std::optional<double> limit{};  ///< what arithmetic alone would take on two cores with AVX-512, in the row's unit
  std::optional<std::uint64_t> goal_bytes{};  ///< of peak memory
  bool more_is_better = false;
  bool needs_data = false;  ///< only where --data is given
  std::function<Measurement(Context&)> measure{};
};

/// All there are, in the table's order.
std::vector<Row> all_rows();

std::vector<Row> kernel_rows();   ///< field products, sums over points, transforms
std::vector<Row> circuit_rows();  ///< one circuit, ours and the peer's
std::vector<Row> proof_rows();    ///< `update` in process: prove, verify, many at once
std::vector<Row> command_rows();  ///< whole commands from files
std::vector<Row> size_rows();     ///< circuits of 1 to 8 million constraints

}  // namespace ll::bench
