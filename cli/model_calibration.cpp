#include "cli/model_calibration.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "circuits/affine_circuit.hpp"
#include "halo2/constraint_system.hpp"

namespace ll::cli {
namespace {

constexpr unsigned kFractions[] = {4, 8, 10, 12, 14, 16, 20, 24};

bool has_reals(const model::Graph& graph) {
  const auto real = [](const auto& value) { return model::is_real(value.type); };
  return std::ranges::any_of(graph.inputs, real) ||
         std::ranges::any_of(graph.constants, [&](const auto& item) { return real(item.second); });
}

/// The inputs as a file of numbers is read for them.
std::vector<circuits::ModelDescription::Input> described(const model::Graph& graph,
                                                         const model::ProgramSettings& settings) {
  std::vector<circuits::ModelDescription::Input> inputs;
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    model::Shape shape;
    for (const auto& dim : graph.inputs[i].dims)
      shape.push_back(dim.extent ? *dim.extent : settings.extents.at(dim.symbol));
    inputs.push_back({settings.inputs[i], graph.inputs[i].type, std::move(shape)});
  }
  return inputs;
}

/// The smallest even number of bits, with or without sign as declared, that holds all of these integers.
void fit(model::InputSetting& setting, const std::vector<i128>& values) {
  for (setting.bits = 2; setting.bits < 64; setting.bits += 2) {
    if (std::ranges::all_of(values, [&](i128 v) { return v >= setting.low() && v <= setting.high(); })) return;
  }
}

void evaluate(CalibrationCandidate& candidate, const model::Graph& graph, const artefacts::ModelInputs& data,
              double max_abs_error) {
  try {
    const model::IntegerProgram program(graph, candidate.settings);
    const circuits::CompiledModel compiled = circuits::compile_model(graph, candidate.settings);
    circuits::AffineCircuit circuit(compiled.statement);
    halo2::ConstraintSystem cs;
    circuit.configure(cs);
    candidate.k = circuit.k();
    candidate.proof_bytes = cs.proof_bytes();
    const auto integers = program.run(data.integers);
    const auto reals = program.run_real(data.reals);
    for (std::size_t o = 0; o < integers.size(); ++o) {
      const double denominator = program.output(o).scale.denominator();
      for (std::size_t e = 0; e < integers[o].size(); ++e)
        candidate.max_abs_error = std::max(candidate.max_abs_error,
                                           std::abs(static_cast<double>(integers[o][e]) / denominator - reals[o][e]));
    }
    if (candidate.max_abs_error > max_abs_error)
      candidate.failure = fmt::format("error {:.3g} is above {:.3g}", candidate.max_abs_error, max_abs_error);
  } catch (const Error& error) {
    candidate.failure = error.message();
  }
}

}  // namespace

Calibration calibrate(const model::Graph& graph, const model::ProgramSettings& declared, const std::string& text,
                      const std::string& data_name, double max_abs_error) {
  model::check(declared, graph);
  Calibration calibration;
  const bool reals = has_reals(graph);
  for (const bool fitted : {false, true}) {
    for (const unsigned fraction : kFractions) {
      CalibrationCandidate candidate{declared, fitted ? "fitted" : "declared", {}, 0, 0, 0};
      model::ProgramSettings& settings = candidate.settings;
      if (reals) settings.weight_frac_bits = fraction;
      for (std::size_t i = 0; i < settings.inputs.size(); ++i)
        if (model::is_real(graph.inputs[i].type)) settings.inputs[i].frac_bits = fraction;
      const auto data = artefacts::read_model_inputs(text, data_name, described(graph, settings));
      if (fitted)
        for (std::size_t i = 0; i < settings.inputs.size(); ++i) fit(settings.inputs[i], data.integers[i]);
      evaluate(candidate, graph, data, max_abs_error);
      calibration.candidates.push_back(std::move(candidate));
      if (!reals) break;
    }
  }
  const auto better = [](const CalibrationCandidate& a, const CalibrationCandidate& b) {
    return a.k != b.k ? a.k < b.k : a.max_abs_error < b.max_abs_error;
  };
  // Declared ranges promise more than one set of data: fitted ones are for when none of those will do.
  for (const char* bits : {"declared", "fitted"}) {
    for (std::size_t i = 0; i < calibration.candidates.size() &&
                            (!calibration.chosen || bits == calibration.candidates[*calibration.chosen].bits);
         ++i) {
      const auto& candidate = calibration.candidates[i];
      if (candidate.bits != bits || !candidate.failure.empty()) continue;
      if (!calibration.chosen || better(candidate, calibration.candidates[*calibration.chosen])) calibration.chosen = i;
    }
  }
  return calibration;
}

}  // namespace ll::cli
