#include "training/losses.hpp"

#include <cmath>

#include "training/account_sets.hpp"

namespace ll::training {
namespace {

constexpr int kSetBits = 24;  // sets of one step are numbered below 2^24
constexpr std::uint64_t kValidationSeed = 0x76616c69'64617465;

float unit_fraction(Rng& rng) { return std::ldexp(float(rng.next_u64() >> 40), -24); }  // [0, 1)

/// Fills entry `set` of a batch that has room for it.
void draw_states(Batch& batch, std::int64_t set, Rng& rng) {
  const std::int64_t states = batch.states.size(1), n = batch.states.size(2);
  float* balance = batch.states.data_ptr<float>() + set * states * n;
  for (std::int64_t i = set * states; i < (set + 1) * states; ++i, balance += n) {
    for (std::int64_t slot = 0; slot < n; ++slot) balance[slot] = unit_fraction(rng);
    const std::uint64_t sender = rng.below(std::uint64_t(n));
    const std::uint64_t receiver = (sender + 1 + rng.below(std::uint64_t(n - 1))) % std::uint64_t(n);
    batch.sender.data_ptr<std::int64_t>()[i] = std::int64_t(sender);
    batch.receiver.data_ptr<std::int64_t>()[i] = std::int64_t(receiver);
    batch.amount.data_ptr<float>()[i] = balance[sender] * unit_fraction(rng);
  }
}

Batch empty_batch(std::int64_t sets, std::int64_t states, std::int64_t accounts) {
  return {.bits = {},
          .states = torch::empty({sets, states, accounts}),
          .sender = torch::empty({sets, states}, torch::kInt64),
          .receiver = torch::empty({sets, states}, torch::kInt64),
          .amount = torch::empty({sets, states, 1})};
}

/// V rounded as quantisation will round it; the gradient passes straight through.
torch::Tensor fake_quantised(const torch::Tensor& v) {
  const auto step = v.detach().abs().amax({1, 2}, true) / double(1 << model::EncoderShape{}.v_frac_bits);
  return v + (torch::round(v.detach() / step) * step - v.detach());
}

torch::Tensor states_after(const Batch& batch) {
  return batch.states + torch::zeros_like(batch.states)
                            .scatter_add(2, batch.receiver.unsqueeze(2), batch.amount)
                            .scatter_add(2, batch.sender.unsqueeze(2), -batch.amount);
}

/// Sum over the sets of the mean over their states (and accounts).
torch::Tensor set_means(const torch::Tensor& squares) { return squares.mean() * double(squares.size(0)); }

Losses affine_losses(const Network& network, const Batch& batch) {
  const auto v = network.forward(batch.bits);
  const auto n = v.size(1);
  const auto gram = torch::matmul(v, v.transpose(1, 2)) - torch::eye(n, v.options());
  Losses losses;
  losses.orthogonality = gram.square().sum() / double(n);

  const auto embedded = torch::matmul(batch.states, v);
  const auto decoded = torch::matmul(embedded, v.transpose(1, 2)) * network.decoder_scale;
  losses.reconstruction = set_means((decoded - batch.states).square());

  const auto vq = fake_quantised(v);
  const auto delta = batch.amount * (rows_of(vq, batch.receiver) - rows_of(vq, batch.sender));
  const auto gap = torch::matmul(states_after(batch), vq) - (torch::matmul(batch.states, vq) + delta);
  losses.homomorphism = set_means(gap.square().sum(2));
  return losses;
}

Losses baseline_losses(const Network& network, const Batch& batch) {
  const std::int64_t states = batch.states.size(1);
  const auto both = network.embed(batch.bits, torch::cat({batch.states, states_after(batch)}, 1));
  const auto before = both.narrow(1, 0, states), after = both.narrow(1, states, states);
  Losses losses;
  losses.orthogonality = torch::zeros({}, before.options());
  losses.reconstruction = set_means((network.decode(batch.bits, before) - batch.states).square());
  const auto gap = after - before - network.deltas(batch.bits, batch.sender, batch.receiver, batch.amount);
  losses.homomorphism = set_means(gap.square().sum(2));
  return losses;
}

}  // namespace

Batch Batch::to(torch::Device device) const {
  return {bits.to(device), states.to(device), sender.to(device), receiver.to(device), amount.to(device)};
}

Batch draw_batch(const TrainOptions& options, std::int64_t step, std::int64_t first, std::int64_t count) {
  Batch batch = empty_batch(count, options.states, std::int64_t(options.accounts));
  std::vector<torch::Tensor> bits;
  for (std::int64_t i = 0; i < count; ++i) {
    SeededRng rng(options.seed, (1 + std::uint64_t(step)) << kSetBits | std::uint64_t(first + i));
    const AccountSet set = draw_training_set(options.accounts, options.network.id_bits, rng);
    bits.push_back(bits_of(set.ids, options.network.id_bits, torch::kFloat32));
    draw_states(batch, i, rng);
  }
  batch.bits = torch::cat(bits);
  return batch;
}

Batch batch_of(std::span<const std::uint32_t> ids, const TrainOptions& options) {
  Batch batch = empty_batch(1, options.states, std::int64_t(ids.size()));
  batch.bits = bits_of(ids, options.network.id_bits, torch::kFloat32);
  SeededRng rng(kValidationSeed, ids.front());
  draw_states(batch, 0, rng);
  return batch;
}

Losses losses_of(const Network& network, const Batch& batch) {
  return network.is_baseline() ? baseline_losses(network, batch) : affine_losses(network, batch);
}

}  // namespace ll::training
