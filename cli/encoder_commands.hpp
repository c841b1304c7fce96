#pragma once
#include <filesystem>

#include "cli/session.hpp"
#include "training/trainer.hpp"

namespace ll::cli {

struct TrainArguments {
  training::TrainOptions options = training::TrainOptions::standard();
  std::filesystem::path data, output;            ///< empty: the default below --workdir
  std::vector<std::filesystem::path> heldout{};  ///< ledgers whose accounts are validated on
  int workers = 0;                               ///< processes; 0: as a launcher tells, else one
};
/// Trains and writes encoder.safetensors, metrics.csv, TensorBoard events, curve.svg and, for the data set's accounts,
/// encoder.onnx.
Outcome train(const TrainArguments& arguments, Session& session);

struct EvaluateArguments {
  std::filesystem::path encoder, data, output;
  std::size_t transfers = 100'000;
  std::uint64_t seed = 1;            ///< of the generated transfers behind the last real one
  std::filesystem::path baseline{};  ///< folder of a trained baseline, evaluated beside it; empty: none
  bool exact = false;                ///< the quantised pass in wei too
  std::size_t recover = 10'000;      ///< states to recover from their embedding; 0: none
};
/// Additive error of real transfers first, then of generated ones that continue from the last real state.
Outcome evaluate(const EvaluateArguments& arguments, Session& session);

}  // namespace ll::cli
