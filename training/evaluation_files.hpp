#pragma once
#include <filesystem>
#include <span>
#include <string>

#include "training/evaluate.hpp"
#include "training/recovery.hpp"

namespace ll::training {

/// What an evaluation was of, for its files.
struct EvaluationSubject {
  std::span<const std::uint32_t> ids;         ///< account ids by slot
  std::span<const SlotTransfer> transfers{};  ///< of EvaluationReport::passes
  std::span<const ExactTransfer> exact{};     ///< of EvaluationReport::exact
  const RecoveryReport* recovery = nullptr;   ///< null: not measured
};

/// Writes
///   evaluation.json     the whole report
///   errors.csv          quantiles of each pass            histogram.csv   transfers by decade of error
///   transfers.csv       one row per transfer: index, account ids, amount, the error of each pass
///   transfers_exact.csv the same of the exact pass, in wei
///   evaluation.html     tables and pictures, self-contained
///   errors.svg, drift.svg  where gnuplot is installed
/// Returns what is worth telling the user, e.g. that gnuplot is missing; empty when there is nothing. Throws Error{io}.
std::string write_evaluation(const std::filesystem::path& folder, const EvaluationReport& report,
                             const EvaluationSubject& subject);

/// The page alone; `errors`, `drift`: SVG text or empty.
std::string evaluation_page(const EvaluationReport& report, const RecoveryReport* recovery, const std::string& errors,
                            const std::string& drift);

}  // namespace ll::training
