#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "training/account_sets.hpp"
#include "training/encoder.hpp"

namespace ll::training {

/// One process of a data-parallel run, and where they meet: `host`:`port` of rank 0.
struct WorkerPlace {
  int rank = 0, count = 1;
  std::string host = "127.0.0.1";
  int port = 29500;
  double timeout_seconds = 60;  ///< without a word from a peer the run ends with an error
};

/// What a run of the optimiser needs. Two runs with the same options (threads, workers' shares, resume and checkpoint
/// times aside), limited by steps, on one type of CPU give the same weights bit for bit, interrupted and resumed or
/// not.
struct TrainOptions {
  NetworkConfig network;
  std::uint64_t seed = 1;
  std::size_t accounts = 128;    ///< N of the account sets drawn
  std::int64_t steps = 560;      ///< length of the run and of the cosine of the rate
  double seconds = 0;            ///< 0, or a limit: the run ends there even when steps are left
  std::int64_t batch = 64;       ///< account sets a step and worker, a multiple of micro_batch
  std::int64_t micro_batch = 4;  ///< account sets that one thread takes through the network at a time
  double learning_rate = 3e-4;   ///< of the matrices, at the top of the cosine
  double gain_rate = 50;         ///< the gains a, g train this many times faster; 0: they stay what they are
  double beta2 = 0.95;           ///< AdamW: memory of the squared gradients
  double clip = 0.1;             ///< bound on the norm of the gradient
  double lambda = 1;             ///< weight of the homomorphism error
  std::int64_t states = 16;      ///< states (and transfers) sampled for each account set
  std::int64_t validate_every = 25;
  std::int64_t patience = 0;          ///< ends after this many validations without a smaller held-out loss; 0: never
  double target_condition = 0;        ///< ends when every held-out set has at most this condition number
  double target_cosine = 0;           ///< and at most this cosine; 0: no such end
  std::int64_t checkpoint_every = 0;  ///< steps; 0: about every 30 s
  std::vector<AccountSet> heldout{};  ///< beside those of heldout_sets(), e.g. the accounts of real data
  std::vector<std::size_t> sizes{};   ///< other numbers of accounts to measure the trained network with
  std::size_t threads = 0;            ///< 0: all cores; the weights do not depend on it
  std::string device = "auto";        ///< auto (CUDA where libtorch has it), cpu, cuda
  WorkerPlace worker{};
  bool resume = false;  ///< go on from folder/encoder.safetensors, which must be of the same options

  /// The plan's settings: batches of 64 (training/recipes.cpp).
  static TrainOptions standard();
  /// The same goal in a fifth of the processor time: fewer sets a step, a higher rate (docs/training.md).
  static TrainOptions quick();
  /// About a minute on one core, held-out loss below 1e-4: for the demonstration.
  static TrainOptions brief();
  /// Sizes and states of an architecture put in: a baseline takes every state through its layers, so it gets few.
  TrainOptions with(Architecture architecture) const;
};

/// One row of metrics.csv. Losses are of the step's batch, before its update; `heldout` is the largest loss over the
/// held-out sets, `condition` and `max_cosine` the largest of theirs, NaN in steps that were not validated. For T_theta
/// the held-out loss is ||V V^T - I||_F^2 / N alone, for a baseline reconstruction + lambda · homomorphism.
/// All but the time are float32 numbers.
struct TrainMetrics {
  std::int64_t step = 0;
  double loss = 0, orthogonality = 0, reconstruction = 0, homomorphism = 0;
  double heldout = 0, condition = 0, max_cosine = 0, seconds = 0;
};

struct TrainResult {
  Encoder encoder;
  std::size_t parameters = 0;
  std::int64_t steps = 0;                   ///< done in total, those before a resume included
  double seconds = 0;                       ///< of this call
  double loss_first = 0;                    ///< largest held-out loss before the first step of this call
  double loss_last = 0;                     ///< the same after the last
  std::vector<DirectionQuality> heldout{};  ///< of each held-out account set, after training; empty for a baseline
  std::vector<DirectionQuality> sizes{};    ///< worst of the held-out sets of other sizes, one entry a size
  DirectionQuality gaussian{};              ///< of random Gaussian directions of the same sizes
  /// On the held-out random ids: the network before training, and its directions made orthogonal by the inverse root of
  /// their Gram matrix (Loewdin), which no product of fixed matrices gives.
  DirectionQuality untrained{}, loewdin{};
  std::vector<std::vector<double>> gains{};  ///< a, g_1 .. g_heads of each orthogonalising layer
  std::uint64_t states_sampled = 0;          ///< random states embedded with V^ of the held-out sets,
  std::uint64_t states_recovered = 0;        ///< and those whose balances came back exactly
  std::vector<TrainMetrics> metrics{};
};

/// Trains a network: loss = ||V V^T - I||_F^2 / N + reconstruction of sampled states through a linear decoder
/// + lambda · homomorphism error (training/losses.hpp).
///
/// `folder` receives encoder.safetensors (with optimiser state), metrics.csv and TensorBoard events; an empty path
/// writes nothing. All three are brought up to date every `checkpoint_every` steps; whatever moment the process is
/// killed at, `resume` goes on from the last time and ends with the same weights. On progress.stop_requested() they are
/// written and Error{interrupted} is thrown. With worker.count > 1 every process calls this with the same options and
/// its own rank; each computes `batch` sets of a step, and all have the weights of one process with batch · count sets.
/// Rank 0 alone reads and writes files. Error{io} when libtorch fails or a worker is gone, Error{mismatch} when there
/// is nothing fitting to resume from, Error{unsatisfied} when the loss is no number any more.
TrainResult train(const TrainOptions& options, const std::filesystem::path& folder, Progress& progress);

}  // namespace ll::training
