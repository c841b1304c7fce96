#pragma once
#include "bench/rows.hpp"

namespace ll::bench {

/// A line of "results": name, what, value, unit, then peer, peer_value, ratio (ours / the peer's; null without a peer),
/// goal, wish, goal_ratio, limit, met, runs, spread, threads, cpu_seconds, peak_rss_bytes, and what the row adds.
cli::Json row_json(const Row& row, const Measurement& measurement);

/// The lines as an aligned table for people.
std::string results_text(const cli::Json& results);

/// A figure with three significant digits: "0.0123", "3.82", "1234".
std::string figure_text(double value);

}  // namespace ll::bench
