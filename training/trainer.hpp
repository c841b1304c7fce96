#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/progress.hpp"
#include "training/encoder.hpp"

namespace ll::training {

/// What a run of the optimiser needs. Two runs with the same options, limited by steps, at one thread on one type of
/// CPU give the same weights bit for bit, interrupted and resumed or not.
struct TrainOptions {
  NetworkConfig network;
  std::uint64_t seed = 1;
  std::size_t accounts = 128;   ///< N of the account sets drawn
  std::int64_t steps = 5000;    ///< length of the run and of the cosine of the rate
  double seconds = 0;           ///< 0, or a limit: the run ends there even when steps are left
  std::int64_t batch = 1;       ///< account sets a step
  double learning_rate = 2e-4;  ///< of the matrices, at the top of the cosine
  double gain_rate = 100;       ///< the gains a, g train this many times faster
  double beta2 = 0.95;          ///< AdamW: memory of the squared gradients
  double clip = 0.1;            ///< bound on the norm of the gradient
  double lambda = 1;            ///< weight of the homomorphism error
  std::int64_t states = 16;     ///< states (and transfers) sampled for each account set
  std::int64_t validate_every = 100;
  int threads = 1;      ///< of libtorch
  bool resume = false;  ///< go on from folder/encoder.safetensors, which must be of the same options

  /// A few minutes on one core, held-out loss about 3e-6 (docs/training.md).
  static TrainOptions standard() { return {}; }
  /// About 50 s on one core, held-out loss below 1e-4: for the demonstration.
  static TrainOptions brief();
};

/// One row of metrics.csv. Losses are of the step's batch, before its update; `heldout` is the largest loss over the
/// held-out sets, NaN in steps that were not validated.
struct TrainMetrics {
  std::int64_t step = 0;
  double loss = 0, orthogonality = 0, reconstruction = 0, homomorphism = 0, heldout = 0, seconds = 0;
};

struct TrainResult {
  Encoder encoder;
  std::size_t parameters = 0;
  std::int64_t steps = 0;                   ///< done in total, those before a resume included
  double seconds = 0;                       ///< of this call
  double loss_first = 0;                    ///< largest held-out loss before the first step of this call
  double loss_last = 0;                     ///< the same after the last
  std::vector<DirectionQuality> heldout{};  ///< of each held-out account set, after training
  DirectionQuality gaussian{};              ///< of random Gaussian directions of the same sizes
  std::uint64_t states_sampled = 0;         ///< random states embedded with V^ of the held-out sets,
  std::uint64_t states_recovered = 0;       ///< and those whose balances came back exactly
  std::vector<TrainMetrics> metrics{};
};

/// Trains T_theta: loss = ||V V^T - I||_F^2 / N + reconstruction of sampled states through the linear decoder
/// b' = s V E(b) + lambda · homomorphism error of the pass with V rounded to V^ (straight-through gradient).
///
/// `folder` receives encoder.safetensors (with optimiser state) and metrics.csv; an empty path writes nothing.
/// On progress.stop_requested() both are written and Error{interrupted} is thrown. Error{io} when libtorch fails,
/// Error{mismatch} when there is nothing fitting to resume from, Error{unsatisfied} when the loss is no number any
/// more.
TrainResult train(const TrainOptions& options, const std::filesystem::path& folder, Progress& progress);

}  // namespace ll::training
