#pragma once
#include "artefacts/model_files.hpp"

namespace ll::cli {

/// One choice of bits that was tried on the data.
struct CalibrationCandidate {
  model::ProgramSettings settings;
  std::string bits;     ///< "declared" or "fitted": of the inputs
  std::string failure;  ///< why it will not do; empty: it will
  unsigned k = 0;       ///< 0 when it does not compile
  std::size_t proof_bytes = 0;
  double max_abs_error = 0;  ///< of all outputs, against float64 with the model's own numbers
};

struct Calibration {
  std::vector<CalibrationCandidate> candidates;
  std::optional<std::size_t> chosen;  ///< smallest k, then smallest error, then the first
};

/// Tries fractional bits (where the model has floats) and input ranges: those of `declared`, and the smallest that fit
/// the data. A pure function of its arguments.
Calibration calibrate(const model::Graph& graph, const model::ProgramSettings& declared, const std::string& data,
                      const std::string& data_name, double max_abs_error);

}  // namespace ll::cli
