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

TrainResult train(const TrainOptions& options, const std::filesystem::path& folder, Progress& progress) {
  return engine().train(options, folder, progress);
}

}  // namespace ll::training
