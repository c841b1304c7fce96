#pragma once
#include "training/losses.hpp"

namespace ll::training {

/// Where a network stands on account sets that it is not trained on; the worst of the sets.
struct Validation {
  double loss = 0;                       ///< as TrainMetrics::heldout
  double condition = 0, max_cosine = 0;  ///< NaN for a baseline
};

/// Float32, on the device that the network is on.
Validation validate(const Network& network, const std::vector<AccountSet>& sets, const TrainOptions& options,
                    torch::Device device);

/// Fills in what a finished run says of its held-out sets: directions in float64, and random states read back from
/// their integer embedding. Nothing for a baseline.
void measure_heldout(TrainResult& result, const std::vector<AccountSet>& sets, const TrainOptions& options);

}  // namespace ll::training
