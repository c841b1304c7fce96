#include "training/trainer.hpp"

// The figures that each of these reaches, and what was tried on the way: docs/training.md.
namespace ll::training {

TrainOptions TrainOptions::standard() {
  TrainOptions options;
  options.batch = 64;
  options.micro_batch = 4;
  options.learning_rate = 3e-4;
  options.gain_rate = 50;
  options.steps = 600;
  options.validate_every = 20;
  return options;
}

TrainOptions TrainOptions::quick() {
  TrainOptions options;
  options.batch = 8;
  options.micro_batch = 4;
  options.learning_rate = 1e-3;
  options.gain_rate = 30;
  options.steps = 800;
  options.validate_every = 25;
  return options;
}

TrainOptions TrainOptions::brief() {
  TrainOptions options;
  options.batch = options.micro_batch = 1;
  options.learning_rate = 2e-4;
  options.gain_rate = 100;
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

}  // namespace ll::training
