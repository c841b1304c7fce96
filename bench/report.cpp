#include "bench/report.hpp"

#include <algorithm>
#include <cmath>

#include "base/parallel.hpp"

namespace ll::bench {
namespace {

using cli::Json;

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

Json median_or_null(const Samples& samples) { return samples.empty() ? Json() : Json(samples.median()); }
Json bytes_or_null(std::uint64_t bytes) { return bytes == 0 ? Json() : Json(bytes); }

/// Whether all that was promised of the row holds; null where nothing was, or where it cannot be told.
Json met(const Row& row, const Measurement& m, double value, const Json& ratio) {
  bool told = false, all = true;
  const auto hold = [&](bool holds) {
    told = true;
    all = all && holds;
  };
  if (row.goal) hold(row.more_is_better ? value >= *row.goal : value <= *row.goal);
  if (row.goal_bytes) hold(m.ours.peak_rss_bytes <= *row.goal_bytes);
  if (row.goal_ratio && !ratio.is_null()) hold(ratio.get<double>() <= *row.goal_ratio);
  return told ? Json(all) : Json();
}

std::string cell(const Json& value) { return value.is_null() ? "-" : figure_text(value.get<double>()); }

std::string goal_cell(const Json& line) {
  if (!line.at("goal").is_null()) return cell(line.at("goal"));
  if (!line.at("goal_ratio").is_null()) return "x " + cell(line.at("goal_ratio"));
  return "-";
}

}  // namespace

Json row_json(const Row& row, const Measurement& m) {
  const double value = m.ours.value.median();
  const Json peer_value = m.peer ? median_or_null(m.peer->value) : Json();
  const Json ratio = peer_value.is_null() ? Json() : Json(value / peer_value.get<double>());
  Json line = {{"name", row.name},
               {"what", row.what},
               {"value", value},
               {"unit", row.unit},
               {"peer", m.peer ? Json(kPeerName) : Json()},
               {"peer_value", peer_value},
               {"ratio", ratio},
               {"goal", or_null(row.goal)},
               {"wish", or_null(row.wish)},
               {"goal_ratio", or_null(row.goal_ratio)},
               {"goal_bytes", or_null(row.goal_bytes)},
               {"limit", or_null(row.limit)},
               {"more_is_better", row.more_is_better},
               {"met", met(row, m, value, ratio)},
               {"runs", m.ours.value.count()},
               {"spread", m.ours.value.spread()},
               {"threads", m.threads == 0 ? thread_count() : m.threads},
               {"cpu_seconds", median_or_null(m.ours.cpu_seconds)},
               {"peak_rss_bytes", bytes_or_null(m.ours.peak_rss_bytes)},
               {"peer_cpu_seconds", m.peer ? median_or_null(m.peer->cpu_seconds) : Json()},
               {"peer_peak_rss_bytes", m.peer ? bytes_or_null(m.peer->peak_rss_bytes) : Json()}};
  line.update(m.extra);
  return line;
}

std::string figure_text(double value) {
  if (value == 0 || !std::isfinite(value)) return fmt::format("{}", value);
  const int digits = 2 - static_cast<int>(std::floor(std::log10(std::fabs(value))));
  return fmt::format("{:.{}f}", value, std::clamp(digits, 0, 9));
}

std::string results_text(const Json& results) {
  std::string text = fmt::format("{:<20}{:>11} {:<14}{:>10}{:>8}{:>9}{:>8}{:>10}{:>11}  {}\n", "name", "ours", "",
                                 "peer", "ratio", "goal", "limit", "CPU, s", "peak", "met");
  for (const Json& line : results) {
    const Json& peak = line.at("peak_rss_bytes");
    const Json& is_met = line.at("met");
    text += fmt::format("{:<20}{:>11} {:<14}{:>10}{:>8}{:>9}{:>8}{:>10}{:>11}  {}\n",
                        line.at("name").get<std::string>(), cell(line.at("value")), line.at("unit").get<std::string>(),
                        cell(line.at("peer_value")), cell(line.at("ratio")), goal_cell(line), cell(line.at("limit")),
                        cell(line.at("cpu_seconds")), peak.is_null() ? "-" : cli::bytes_text(peak.get<std::uint64_t>()),
                        is_met.is_null() ? "" : (is_met.get<bool>() ? "yes" : "no"));
  }
  return text;
}

}  // namespace ll::bench
