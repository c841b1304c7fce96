#include "training/engine.hpp"

#include <atomic>

#include "base/module.hpp"

namespace ll::training {
namespace {

std::atomic<const Engine*> chosen{nullptr};

}  // namespace

void set_engine(const Engine& engine) { chosen = &engine; }

const Engine& engine() {
  if (chosen == nullptr) chosen = static_cast<const Engine*>(module_entry(LL_MODULE_FILE, "ll_torch_engine"));
  return *chosen;
}

TrainOptions TrainOptions::quick() {
  TrainOptions options;
  options.batch = options.micro_batch = 1;
  options.learning_rate = 2e-4;
  options.steps = 5000;
  options.validate_every = 100;
  return options;
}

TrainOptions TrainOptions::brief() {
  TrainOptions options = quick();
  options.steps = 1200;
  options.validate_every = 50;
  return options;
}

TrainOptions TrainOptions::with(Architecture architecture) const {
  TrainOptions options = *this;
  options.network.architecture = architecture;
  if (architecture == Architecture::baseline) {
    options.network.hidden = 176;  // 1.2 million parameters, as T_theta has
    options.states = 1;
  }
  return options;
}

TrainResult train(const TrainOptions& options, const std::filesystem::path& folder, Progress& progress) {
  return engine().train(options, folder, progress);
}

}  // namespace ll::training
