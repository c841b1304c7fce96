#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "training/evaluate.hpp"
#include "training/plot.hpp"

namespace ll::training {

std::string write_evaluation(const std::filesystem::path& folder, const EvaluationReport& report) {
  nlohmann::ordered_json passes, drift;
  std::string quantiles = "pass,quantile,error\n", histogram = "pass,from,to,transfers\n";
  for (const PassReport& pass : report.passes) {
    const ErrorDistribution& d = pass.errors;
    passes[pass.name] = {
        {"max_abs", d.max_abs}, {"mean_abs", d.mean_abs}, {"p50", d.p50},     {"p90", d.p90},
        {"p99", d.p99},         {"p999", d.p999},         {"zeros", d.zeros}, {"max_relative", d.max_relative}};
    drift[pass.name] = pass.drift;
    const std::pair<const char*, double> rows[] = {
        {"0.5", d.p50}, {"0.9", d.p90}, {"0.99", d.p99}, {"0.999", d.p999}, {"1", d.max_abs}};
    for (const auto& [name, value] : rows) quantiles += fmt::format("{},{},{:.17g}\n", pass.name, name, value);
    for (std::size_t bin = 0; bin < pass.histogram.size(); ++bin) {
      const int decade = PassReport::kFirstDecade + int(bin) - 1;
      histogram += bin == 0 ? fmt::format("{},0,0,{}\n", pass.name, pass.histogram[bin])
                            : fmt::format("{},1e{},1e{},{}\n", pass.name, decade, decade + 1, pass.histogram[bin]);
    }
  }
  nlohmann::ordered_json curves = {{"transfers", report.drift_at}};
  for (const PassReport& pass : report.passes) curves[pass.name] = pass.drift_curve;
  const nlohmann::ordered_json json = {
      {"schema_version", 1},
      {"transfers", report.transfers},
      {"units", "embedding: balances / 2^balance_bits, V / max|V|; the error of a transfer is its largest component"},
      {"passes", passes},
      {"drift", drift},
      {"drift_curve", curves}};
  write_text(folder / "evaluation.json", json.dump(2) + "\n");
  write_text(folder / "errors.csv", quantiles);
  write_text(folder / "histogram.csv", histogram);
  return draw_errors(folder / "errors.svg", report);
}

}  // namespace ll::training
