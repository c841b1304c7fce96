// evaluation.html: the report of an evaluation as one page without anything outside it.
#include "training/evaluation_files.hpp"

namespace ll::training {
namespace {

constexpr const char* kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Additive error of the encoder</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto }
th, td { padding: .25rem .75rem; border-bottom: 1px solid #ddd; text-align: right; font-variant-numeric: tabular-nums }
th:first-child, td:first-child { text-align: left }
svg { max-width: 100%; height: auto }
</style></head><body>
)";

std::string row(std::initializer_list<std::string> cells, const char* tag = "td") {
  std::string text = "<tr>";
  for (const std::string& cell : cells) text += fmt::format("<{0}>{1}</{0}>", tag, cell);
  return text + "</tr>\n";
}

std::string number(double value) { return value == 0 ? "0" : fmt::format("{:.3g}", value); }
std::string number(std::uint64_t value) { return std::to_string(value); }

std::string pass_row(const PassReport& pass) {
  const ErrorDistribution& e = pass.errors;
  return row({pass.name, number(std::uint64_t(pass.by_transfer.size())), number(e.max_abs), number(e.mean_abs),
              number(e.p50), number(e.p99), number(e.zeros), number(e.max_relative), number(pass.drift)});
}

std::string count_row(const std::string& name, const RecoveryCount& count) {
  return row({name, number(count.states), number(count.recovered), fmt::format("{:.2f}", count.mean_steps),
              number(count.max_steps)});
}

std::string recovery_section(const RecoveryReport& report) {
  std::string text =
      "<h2>Balances from the embedding</h2>\n<p>b &larr; b + c V&#770; (&ecirc; &minus; V&#770;<sup>T</sup> b), "
      "rounded; "
      "accepted when the integer residual is exactly 0.</p>\n<table>\n";
  text += row({"states", "tried", "recovered", "mean steps", "most steps"}, "th");
  for (const auto& [name, count] : report.cases) text += count_row(name, count);
  text += count_row("all", report.total);
  text += count_row("some, by an exact solve", report.exact_solve);
  text += count_row("random Gaussian V, same step", report.gaussian_plain);
  text += count_row("random Gaussian V, best step", report.gaussian_best);
  text += "</table>\n<p>With noise on every component of the embedding:</p>\n<table>\n";
  text += row({"amplitude (integer)", "in embedding units", "recovered, uniform", "recovered, Gaussian"}, "th");
  for (const NoiseRow& noise : report.noise)
    text += row({fmt::format("2<sup>{}</sup>", noise.log2_amplitude), number(noise.embedding_units),
                 fmt::format("{} of {}", noise.uniform, noise.states),
                 fmt::format("{} of {}", noise.gaussian, noise.states)});
  return text + "</table>\n";
}

}  // namespace

std::string evaluation_page(const EvaluationReport& report, const RecoveryReport* recovery, const std::string& errors,
                            const std::string& drift) {
  std::string text = kHead;
  text += fmt::format(
      "<h1>Additive error of the encoder</h1>\n<p>{} transfers. The error of a transfer is the largest component of "
      "|E(after) &minus; (E(before) + delta)|, both states encoded from scratch, in embedding units.</p>\n<table>\n",
      report.transfers);
  text += row({"pass", "transfers", "max", "mean", "median", "p99", "exactly 0", "max relative", "drift"}, "th");
  for (const PassReport& pass : report.passes) text += pass_row(pass);
  if (report.exact) text += pass_row(*report.exact);
  text += "</table>\n";
  if (!errors.empty()) text += "<h2>Distribution</h2>\n" + errors + "\n";
  if (!drift.empty()) text += "<h2>Drift: all deltas added up</h2>\n" + drift + "\n";
  if (recovery != nullptr) text += recovery_section(*recovery);
  return text + "</body></html>\n";
}

}  // namespace ll::training
