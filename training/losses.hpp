#pragma once
#include "training/network.hpp"
#include "training/trainer.hpp"

namespace ll::training {

/// Account sets with states and transfers of their slots; `sets` of N accounts, `states` states each.
struct Batch {
  torch::Tensor bits;              // [sets, N, id_bits], +-1
  torch::Tensor states;            // [sets, states, N], balances / 2^32 in [0, 1)
  torch::Tensor sender, receiver;  // [sets, states], slots
  torch::Tensor amount;            // [sets, states, 1], at most the sender's balance

  Batch to(torch::Device device) const;
};

/// Sets `first` .. `first + count - 1` of a step. Each set is a function of (seed, step, its number) alone, so that it
/// does not matter who draws it.
Batch draw_batch(const TrainOptions& options, std::int64_t step, std::int64_t first, std::int64_t count);

/// States and transfers of one given account set, for validation; a function of the ids.
Batch batch_of(std::span<const std::uint32_t> ids, const TrainOptions& options);

/// The three terms, each summed over the sets of a batch (scalars).
struct Losses {
  torch::Tensor orthogonality;   ///< ||V V^T - I||_F^2 / N; zero for a baseline, which has no V
  torch::Tensor reconstruction;  ///< mean squared error of the balances read back by the linear decoder
  torch::Tensor homomorphism;    ///< mean over transfers of ||E(after) - E(before) - delta||^2
  torch::Tensor total(double lambda) const { return orthogonality + reconstruction + lambda * homomorphism; }
};

/// For T_theta the homomorphism term is taken with V rounded as V^ is (straight-through gradient); E is affine in the
/// balances, so what is left is float32 rounding: the term tells when that stops being true. For a baseline it is the
/// error of the learned delta.
Losses losses_of(const Network& network, const Batch& batch);

}  // namespace ll::training
