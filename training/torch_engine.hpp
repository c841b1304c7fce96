#pragma once
#include "training/engine.hpp"
#include "training/network.hpp"

namespace ll::training {

/// The engine on the libtorch that this program is linked with.
const Engine& torch_engine();

/// train() itself (training/trainer.hpp).
TrainResult train_on_torch(const TrainOptions& options, const std::filesystem::path& folder, Progress& progress);

/// How close directions [accounts, dims] are to orthonormal.
DirectionQuality measure_directions(std::string name, std::span<const double> v, std::size_t accounts,
                                    std::size_t dims);

/// V of random Gaussian directions with unit rows [accounts, dims]: the yardstick beside a trained one.
std::vector<double> gaussian_directions(std::size_t accounts, std::size_t dims, std::uint64_t seed);

}  // namespace ll::training
