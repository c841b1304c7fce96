#include "training/trainer.hpp"

#include <cmath>
#include <numbers>

#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/resources.hpp"
#include "training/account_sets.hpp"
#include "training/checkpoint.hpp"
#include "training/torch_engine.hpp"

namespace ll::training {
namespace {

constexpr std::int64_t kWarmupSteps = 20;

/// Account sets, states and transfers of one step; a function of (seed, step), so that a resumed run draws the same.
struct Batch {
  torch::Tensor bits;              // [batch, N, id_bits], +-1
  torch::Tensor states;            // [batch, states, N], balances / 2^32 in [0, 1)
  torch::Tensor sender, receiver;  // [batch, states], slots
  torch::Tensor amount;            // [batch, states, 1], at most the sender's balance
};

Batch draw_batch(const TrainOptions& options, std::int64_t step) {
  SeededRng rng(options.seed, 1 + std::uint64_t(step));
  const auto n = std::int64_t(options.accounts);
  std::vector<torch::Tensor> bits;
  for (std::int64_t i = 0; i < options.batch; ++i) {
    const AccountSet set = draw_training_set(options.accounts, options.network.id_bits, rng);
    bits.push_back(bits_of(set.ids, options.network.id_bits, torch::kFloat32));
  }
  Batch batch{.bits = torch::cat(bits),
              .states = torch::empty({options.batch, options.states, n}),
              .sender = torch::empty({options.batch, options.states}, torch::kInt64),
              .receiver = torch::empty({options.batch, options.states}, torch::kInt64),
              .amount = torch::empty({options.batch, options.states, 1})};
  float* balance = batch.states.data_ptr<float>();
  const std::int64_t count = options.batch * options.states;
  for (std::int64_t i = 0; i < count; ++i, balance += n) {
    for (std::int64_t slot = 0; slot < n; ++slot) balance[slot] = std::ldexp(float(rng.next_u64() >> 40), -24);
    const std::uint64_t sender = rng.below(std::uint64_t(n));
    const std::uint64_t receiver = (sender + 1 + rng.below(std::uint64_t(n - 1))) % std::uint64_t(n);
    batch.sender.data_ptr<std::int64_t>()[i] = std::int64_t(sender);
    batch.receiver.data_ptr<std::int64_t>()[i] = std::int64_t(receiver);
    batch.amount.data_ptr<float>()[i] = balance[sender] * std::ldexp(float(rng.next_u64() >> 40), -24);
  }
  return batch;
}

/// V rounded as quantisation will round it; the gradient passes straight through.
torch::Tensor fake_quantised(const torch::Tensor& v) {
  const auto step = v.detach().abs().amax({1, 2}, true) / double(1 << model::EncoderShape{}.v_frac_bits);
  return v + (torch::round(v.detach() / step) * step - v.detach());
}

struct Losses {
  torch::Tensor orthogonality, reconstruction, homomorphism;
};

Losses losses_of(Network& network, const Batch& batch) {
  const auto v = network.forward(batch.bits);
  const auto n = v.size(1);
  const auto gram = torch::matmul(v, v.transpose(1, 2)) - torch::eye(n);
  Losses losses;
  losses.orthogonality = gram.square().sum({1, 2}).mean() / double(n);

  const auto embedded = torch::matmul(batch.states, v);
  const auto decoded = torch::matmul(embedded, v.transpose(1, 2)) * network.decoder_scale;
  losses.reconstruction = (decoded - batch.states).square().mean();

  // E(after) against E(before) + delta. Affine in the balances, so what is left is float32 rounding: this term tells
  // when that stops being true.
  const auto vq = fake_quantised(v);
  const auto rows = [&](const torch::Tensor& slots) {
    return vq.gather(1, slots.unsqueeze(2).expand({slots.size(0), slots.size(1), vq.size(2)}));
  };
  const auto moved = torch::zeros_like(batch.states)
                         .scatter_add(2, batch.receiver.unsqueeze(2), batch.amount)
                         .scatter_add(2, batch.sender.unsqueeze(2), -batch.amount);
  const auto delta = batch.amount * (rows(batch.receiver) - rows(batch.sender));
  const auto gap = torch::matmul(batch.states + moved, vq) - (torch::matmul(batch.states, vq) + delta);
  losses.homomorphism = gap.square().sum(2).mean();
  return losses;
}

/// Share of the top rate at `done` of the run in [0, 1]: a short ramp, then half a cosine.
double rate_at(double done, std::int64_t step) {
  const double ramp = std::min(1.0, double(step + 1) / double(kWarmupSteps));
  return ramp * 0.5 * (1 + std::cos(std::numbers::pi * std::min(done, 1.0)));
}

nlohmann::json options_json(const TrainOptions& o) {
  return {{"seed", o.seed},
          {"accounts", o.accounts},
          {"steps", o.steps},
          {"batch", o.batch},
          {"learning_rate", o.learning_rate},
          {"gain_rate", o.gain_rate},
          {"clip", o.clip},
          {"lambda", o.lambda},
          {"states", o.states}};
}

void check(const TrainOptions& o) {
  check(o.network);
  LL_CHECK(o.accounts >= 2 && o.accounts <= std::size_t(o.network.hidden),
           "train: {} accounts, 2 to {} (hidden) expected", o.accounts, o.network.hidden);
  LL_CHECK(o.steps >= 0 && o.steps <= 100'000'000, "train: steps = {}", o.steps);
  LL_CHECK(o.batch >= 1 && o.states >= 1 && o.validate_every >= 1 && o.threads >= 1,
           "train: batch, states, validate_every and threads must be at least 1");
  LL_CHECK(o.learning_rate > 0 && o.gain_rate > 0 && o.clip > 0 && o.lambda >= 0 && o.seconds >= 0,
           "train: rates and limits must be positive");
}

class Run {
 public:
  Run(const TrainOptions& options, std::filesystem::path folder, Progress& progress)
      : options_(options), folder_(std::move(folder)), progress_(progress) {
    if (options.resume) {
      load();
    } else {
      network_ = Network::random(options.network, options.seed);
      make_optimiser({}, {});
    }
    heldout_ = heldout_sets(options.accounts, options.network.id_bits);
  }

  TrainResult run() {
    TrainResult result{.encoder = Encoder(network_)};
    result.parameters = result.encoder.parameter_count();
    result.loss_first = validate();
    const std::int64_t first = step_;
    progress_.begin("train", std::uint64_t(options_.steps));
    double heldout = result.loss_first;
    for (; step_ < options_.steps && !out_of_time(); ++step_) {
      if (progress_.stop_requested()) {
        save();
        fail(ErrorCode::interrupted, "training stopped after {} of {} steps", step_, options_.steps);
      }
      TrainMetrics row = one_step();
      row.heldout = step_ == first ? heldout : std::nan("");
      if (step_ != first && step_ % options_.validate_every == 0) row.heldout = heldout = validate();
      row.seconds = watch_.ms() / 1000;
      metrics_.push_back(row);
      progress_.update(std::uint64_t(step_) + 1, fmt::format("loss {:.2e}, held out {:.2e}", row.loss, heldout));
    }
    progress_.end();
    result.loss_last = validate();
    TrainMetrics last{.step = step_, .loss = std::nan(""), .heldout = result.loss_last};
    last.orthogonality = last.reconstruction = last.homomorphism = std::nan("");
    last.seconds = result.seconds = watch_.ms() / 1000;
    metrics_.push_back(last);
    save();
    finish(result);
    return result;
  }

 private:
  bool out_of_time() const { return options_.seconds > 0 && watch_.ms() / 1000 >= options_.seconds; }

  TrainMetrics one_step() {
    const double done = std::max(double(step_) / double(options_.steps),
                                 options_.seconds > 0 ? watch_.ms() / 1000 / options_.seconds : 0.0);
    const double rate = options_.learning_rate * rate_at(done, step_);
    auto& groups = optimiser_->param_groups();
    static_cast<torch::optim::AdamWOptions&>(groups[0].options()).lr(rate);
    static_cast<torch::optim::AdamWOptions&>(groups[1].options()).lr(rate * options_.gain_rate);

    optimiser_->zero_grad();
    const Losses losses = losses_of(*network_, draw_batch(options_, step_));
    const auto loss = losses.orthogonality + losses.reconstruction + options_.lambda * losses.homomorphism;
    loss.backward();
    torch::nn::utils::clip_grad_norm_(network_->parameters(), options_.clip);
    TrainMetrics row{.step = step_,
                     .loss = loss.item<double>(),
                     .orthogonality = losses.orthogonality.item<double>(),
                     .reconstruction = losses.reconstruction.item<double>(),
                     .homomorphism = losses.homomorphism.item<double>()};
    if (!std::isfinite(row.loss))
      fail(ErrorCode::unsatisfied, "training diverged: the loss of step {} is {}; try a smaller learning rate", step_,
           row.loss);
    optimiser_->step();
    return row;
  }

  /// Largest orthogonality loss over the held-out sets.
  double validate() {
    torch::NoGradGuard no_grad;
    double largest = 0;
    for (const AccountSet& set : heldout_) {
      const auto v = network_->forward(bits_of(set.ids, options_.network.id_bits, torch::kFloat32))[0];
      const auto gram = torch::matmul(v, v.t()) - torch::eye(v.size(0));
      largest = std::max(largest, gram.square().sum().item<double>() / double(v.size(0)));
    }
    return largest;
  }

  void finish(TrainResult& result) {
    SeededRng rng(options_.seed, ~std::uint64_t{0});
    for (const AccountSet& set : heldout_) {
      result.heldout.push_back(measure_directions(set.name, result.encoder.directions(set.ids), options_.accounts,
                                                  std::size_t(options_.network.dims)));
      const model::QuantizedEncoder quantized = result.encoder.quantized(set.ids);
      for (int i = 0; i < 8; ++i, ++result.states_sampled) {
        std::vector<std::uint64_t> balances(set.ids.size());
        for (auto& balance : balances) balance = rng.below(std::uint64_t{1} << quantized.shape().balance_bits);
        if (quantized.decode(quantized.embed(balances)) == balances) ++result.states_recovered;
      }
    }
    const auto dims = std::size_t(options_.network.dims);
    result.gaussian =
        measure_directions("gaussian", gaussian_directions(options_.accounts, dims, 1), options_.accounts, dims);
    result.steps = step_;
    result.metrics = metrics_;
  }

  using States = std::map<std::string, torch::Tensor>;

  void make_optimiser(const States& m, const States& v) {
    std::vector<torch::Tensor> matrices, gains;
    for (const auto& item : network_->named_parameters())
      (Network::is_gain(item.key()) ? gains : matrices).push_back(item.value());
    const auto settings =
        torch::optim::AdamWOptions(options_.learning_rate).betas({0.9, options_.beta2}).weight_decay(0);
    std::vector<torch::optim::OptimizerParamGroup> groups;
    groups.emplace_back(matrices, std::make_unique<torch::optim::AdamWOptions>(settings));
    groups.emplace_back(gains, std::make_unique<torch::optim::AdamWOptions>(settings));
    optimiser_ = std::make_unique<torch::optim::AdamW>(groups, settings);
    if (m.empty()) return;
    for (const auto& item : network_->named_parameters()) {
      auto state = std::make_unique<torch::optim::AdamWParamState>();
      state->step(step_).exp_avg(m.at(item.key())).exp_avg_sq(v.at(item.key()));
      optimiser_->state()[item.value().unsafeGetTensorImpl()] = std::move(state);
    }
  }

  void load() {
    const auto path = folder_ / "encoder.safetensors";
    auto decoded = decode_checkpoint(read_file(path));
    if (!decoded) throw decoded.error().at(path.string());
    Checkpoint checkpoint = std::move(decoded).value();
    const auto saved = nlohmann::json::parse(checkpoint.training_json, nullptr, false);
    if (checkpoint.network->config() != options_.network || saved != options_json(options_))
      fail(ErrorCode::mismatch, "{}: made with other options: {}; asked for: {}", path.string(), saved.dump(),
           options_json(options_).dump());
    if (checkpoint.adam_m.empty())
      fail(ErrorCode::mismatch, "{}: holds no optimiser state to resume from", path.string());
    network_ = checkpoint.network;
    step_ = checkpoint.step;
    make_optimiser(checkpoint.adam_m, checkpoint.adam_v);
  }

  void save() {
    if (folder_.empty()) return;
    Checkpoint checkpoint{.network = network_, .training_json = options_json(options_).dump(), .step = step_};
    for (const auto& item : network_->named_parameters()) {
      const auto found = optimiser_->state().find(item.value().unsafeGetTensorImpl());
      if (found == optimiser_->state().end()) break;  // before the first step
      const auto& state = static_cast<torch::optim::AdamWParamState&>(*found->second);
      checkpoint.adam_m[item.key()] = state.exp_avg();
      checkpoint.adam_v[item.key()] = state.exp_avg_sq();
    }
    write_file(folder_ / "encoder.safetensors", encode_checkpoint(checkpoint));

    std::string csv = "step,loss,orthogonality,reconstruction,homomorphism,heldout,seconds\n";
    const auto number = [](double value) { return std::isnan(value) ? std::string() : fmt::format("{:.9g}", value); };
    for (const TrainMetrics& row : metrics_)
      csv += fmt::format("{},{},{},{},{},{},{:.3f}\n", row.step, number(row.loss), number(row.orthogonality),
                         number(row.reconstruction), number(row.homomorphism), number(row.heldout), row.seconds);
    write_text(folder_ / "metrics.csv", csv);
  }

  const TrainOptions& options_;
  std::filesystem::path folder_;
  Progress& progress_;
  std::shared_ptr<Network> network_;
  std::unique_ptr<torch::optim::AdamW> optimiser_;
  std::vector<AccountSet> heldout_;
  std::vector<TrainMetrics> metrics_;
  std::int64_t step_ = 0;
  Stopwatch watch_;
};

}  // namespace

TrainResult train_on_torch(const TrainOptions& options, const std::filesystem::path& folder, Progress& progress) {
  check(options);
  return at_torch_edge("train", [&] {
    const TorchThreads threads(options.threads);
    return Run(options, folder, progress).run();
  });
}

}  // namespace ll::training
