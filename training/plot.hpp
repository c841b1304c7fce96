#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "training/evaluate.hpp"
#include "training/trainer.hpp"

namespace ll::training {

/// Runs gnuplot on `script` and puts what it draws at `svg` (the script must not set terminal or output). Returns an
/// empty string, or why there is no picture: a missing gnuplot is told, never an error.
std::string draw_svg(const std::filesystem::path& svg, const std::string& script);

/// Training curve: batch and held-out loss against the step, logarithmic, with the level of random Gaussian directions.
std::string draw_curve(const std::filesystem::path& svg, const TrainResult& result);

/// Share of the transfers in each decade of error, one colour a pass, with a bin of its own for exactly 0.
std::string draw_errors(const std::filesystem::path& svg, const EvaluationReport& report);

/// Drift of each pass against the number of transfers, logarithmic; passes without any are named in the title.
std::string draw_drift(const std::filesystem::path& svg, const EvaluationReport& report);

}  // namespace ll::training
