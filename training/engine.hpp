#pragma once
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "training/trainer.hpp"

namespace ll::training {

/// What libtorch does for this layer. It lies in a module of its own (base/module.hpp), because libtorch takes a third
/// of a second to load and most verbs do without it. Every function throws as the one it stands behind says.
struct Engine {
  std::shared_ptr<Network> (*untrained)(const NetworkConfig& config, std::uint64_t seed);
  std::shared_ptr<Network> (*load)(const std::filesystem::path& path);
  void (*save)(const std::shared_ptr<Network>& network, const std::filesystem::path& path);
  const NetworkConfig& (*config)(const Network& network);
  std::size_t (*parameter_count)(const Network& network);
  std::vector<double> (*directions)(const Network& network, std::span<const std::uint32_t> ids);
  std::vector<double> (*embed_states)(const Network& network, std::span<const std::uint32_t> ids,
                                      std::span<const double> balances);
  std::vector<double> (*deltas)(const Network& network, std::span<const std::uint32_t> ids,
                                std::span<const SlotTransfer> transfers);
  /// Version and linear algebra of libtorch: "2.15.0, BLAS mkl".
  std::string (*describe)();
  TrainResult (*train)(const TrainOptions& options, const std::filesystem::path& folder, Progress& progress);
};

/// The engine of this program: the one given to set_engine, or the module, loaded at the first call. Throws Error{io}
/// when it cannot be loaded.
const Engine& engine();
/// For programs that link libtorch themselves: the module, and the tests of this layer.
void set_engine(const Engine& engine);

}  // namespace ll::training
