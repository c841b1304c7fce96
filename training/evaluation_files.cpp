#include "training/evaluation_files.hpp"

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/files.hpp"
#include "training/plot.hpp"

namespace ll::training {
namespace {

using Json = nlohmann::ordered_json;

std::vector<const PassReport*> all_passes(const EvaluationReport& report) {
  std::vector<const PassReport*> passes;
  for (const PassReport& pass : report.passes) passes.push_back(&pass);
  if (report.exact) passes.push_back(&*report.exact);
  return passes;
}

Json count_json(const RecoveryCount& count) {
  return {{"states", count.states},
          {"recovered", count.recovered},
          {"mean_steps", count.mean_steps},
          {"max_steps", count.max_steps},
          {"seconds", count.seconds}};
}

Json recovery_json(const RecoveryReport& report) {
  Json cases, noise = Json::array();
  for (const auto& [name, count] : report.cases) cases[name] = count_json(count);
  for (const NoiseRow& row : report.noise)
    noise.push_back({{"log2_amplitude", row.log2_amplitude},
                     {"embedding_units", row.embedding_units},
                     {"states", row.states},
                     {"uniform", row.uniform},
                     {"gaussian", row.gaussian}});
  return {{"total", count_json(report.total)},
          {"cases", cases},
          {"exact_solve", count_json(report.exact_solve)},
          {"gaussian_plain_step", count_json(report.gaussian_plain)},
          {"gaussian_best_step", count_json(report.gaussian_best)},
          {"noise", noise}};
}

Json report_json(const EvaluationReport& report, const RecoveryReport* recovery) {
  Json passes, drift, curves;
  for (const PassReport* pass : all_passes(report)) {
    const ErrorDistribution& d = pass->errors;
    passes[pass->name] = {{"transfers", pass->by_transfer.size()},
                          {"max_abs", d.max_abs},
                          {"mean_abs", d.mean_abs},
                          {"p50", d.p50},
                          {"p90", d.p90},
                          {"p99", d.p99},
                          {"p999", d.p999},
                          {"zeros", d.zeros},
                          {"max_relative", d.max_relative},
                          {"mean_relative", d.mean_relative}};
    drift[pass->name] = pass->drift;
    curves[pass->name] = {{"transfers", pass->drift_at}, {"drift", pass->drift_curve}};
  }
  Json json = {
      {"schema_version", 1},
      {"transfers", report.transfers},
      {"units",
       "embedding: balances / 2^balance_bits, V / max|V| (baseline: the largest component of the start state's "
       "embedding); the error of a transfer is its largest component"},
      {"passes", passes},
      {"drift", drift},
      {"drift_curve", curves}};
  if (recovery != nullptr) json["recovery"] = recovery_json(*recovery);
  return json;
}

/// Rows to a file as they come, in pieces of about a mebibyte; the file appears when all are written.
class RowFile {
 public:
  explicit RowFile(const std::filesystem::path& path)
      : pending_(path), writer_(pending_.path(), FileWriter::Mode::create) {}
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(buffer_), format, std::forward<Args>(args)...);
    if (buffer_.size() > std::size_t{1} << 20) flush();
  }
  void finish() {
    flush();
    writer_.finish();
    pending_.commit();
  }

 private:
  void flush() {
    writer_.write({reinterpret_cast<const std::uint8_t*>(buffer_.data()), buffer_.size()});
    buffer_.clear();
  }
  PendingFile pending_;
  FileWriter writer_;
  std::string buffer_;
};

void write_transfers(const std::filesystem::path& path, const std::vector<PassReport>& passes,
                     const EvaluationSubject& subject) {
  RowFile file(path);
  file.add("index,sender,receiver,amount");
  for (const PassReport& pass : passes) file.add(",{}", pass.name);
  file.add("\n");
  for (std::size_t i = 0; i < subject.transfers.size(); ++i) {
    const SlotTransfer& t = subject.transfers[i];
    file.add("{},{},{},{}", i, subject.ids[t.sender_slot], subject.ids[t.receiver_slot], t.amount);
    for (const PassReport& pass : passes) file.add(",{}", pass.by_transfer.at(i));
    file.add("\n");
  }
  file.finish();
}

void write_exact_transfers(const std::filesystem::path& path, const PassReport& pass,
                           const EvaluationSubject& subject) {
  RowFile file(path);
  file.add("index,sender,receiver,amount_wei,exact\n");
  for (std::size_t i = 0; i < subject.exact.size(); ++i) {
    const ExactTransfer& t = subject.exact[i];
    file.add("{},{},{},{},{}\n", i, subject.ids[t.sender_slot], subject.ids[t.receiver_slot], ll::to_string(t.amount),
             pass.by_transfer.at(i));
  }
  file.finish();
}

std::string quantiles_csv(const EvaluationReport& report) {
  std::string text = "pass,quantile,error\n";
  for (const PassReport* pass : all_passes(report)) {
    const ErrorDistribution& d = pass->errors;
    const std::pair<const char*, double> rows[] = {
        {"0.5", d.p50}, {"0.9", d.p90}, {"0.99", d.p99}, {"0.999", d.p999}, {"1", d.max_abs}};
    for (const auto& [name, value] : rows) text += fmt::format("{},{},{:.17g}\n", pass->name, name, value);
  }
  return text;
}

std::string histogram_csv(const EvaluationReport& report) {
  std::string text = "pass,from,to,transfers\n";
  for (const PassReport* pass : all_passes(report)) {
    for (std::size_t bin = 0; bin < pass->histogram.size(); ++bin) {
      const int decade = PassReport::kFirstDecade + int(bin) - 1;
      text += bin == 0 ? fmt::format("{},0,0,{}\n", pass->name, pass->histogram[bin])
                       : fmt::format("{},1e{},1e{},{}\n", pass->name, decade, decade + 1, pass->histogram[bin]);
    }
  }
  return text;
}

std::string picture(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return {};
  std::string text = read_text(file);
  text.erase(0, std::min(text.find("<svg"), text.size()));  // XML declaration and document type
  return text;
}

}  // namespace

std::string write_evaluation(const std::filesystem::path& folder, const EvaluationReport& report,
                             const EvaluationSubject& subject) {
  for (const PassReport& pass : report.passes)
    LL_CHECK(pass.by_transfer.size() == subject.transfers.size(), "evaluation: {} errors of {} transfers in pass {}",
             pass.by_transfer.size(), subject.transfers.size(), pass.name);
  write_text(folder / "evaluation.json", report_json(report, subject.recovery).dump(2) + "\n");
  write_text(folder / "errors.csv", quantiles_csv(report));
  write_text(folder / "histogram.csv", histogram_csv(report));
  write_transfers(folder / "transfers.csv", report.passes, subject);
  std::filesystem::remove(folder / "transfers_exact.csv");  // of another run
  if (report.exact) write_exact_transfers(folder / "transfers_exact.csv", *report.exact, subject);
  std::filesystem::remove(folder / "errors.svg");
  std::filesystem::remove(folder / "drift.svg");
  std::string told = draw_errors(folder / "errors.svg", report);
  if (told.empty()) told = draw_drift(folder / "drift.svg", report);
  write_text(folder / "evaluation.html",
             evaluation_page(report, subject.recovery, picture(folder / "errors.svg"), picture(folder / "drift.svg")));
  return told;
}

}  // namespace ll::training
