#include "training/trainer.hpp"

#include <cmath>
#include <numbers>
#include <thread>

#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/resources.hpp"
#include "training/checkpoint.hpp"
#include "training/gradient.hpp"
#include "training/run_files.hpp"
#include "training/torch_engine.hpp"
#include "training/validation.hpp"
#include "training/worker_group.hpp"

namespace ll::training {
namespace {

constexpr std::int64_t kWarmupSteps = 20;
constexpr double kCheckpointSeconds = 30;

/// Share of the top rate at `done` of the run in [0, 1]: a short ramp, then half a cosine.
double rate_at(double done, std::int64_t step) {
  const double ramp = std::min(1.0, double(step + 1) / double(kWarmupSteps));
  return ramp * 0.5 * (1 + std::cos(std::numbers::pi * std::min(done, 1.0)));
}

/// What the weights depend on. Two workers with a batch of 64 are one with 128.
nlohmann::json options_json(const TrainOptions& o) {
  nlohmann::json heldout = nlohmann::json::array();
  if (o.patience > 0 || o.target_condition > 0 || o.target_cosine > 0)  // else they are only looked at
    for (const AccountSet& set : o.heldout) heldout.push_back(set.name);
  return {{"seed", o.seed},
          {"accounts", o.accounts},
          {"steps", o.steps},
          {"sets_per_step", o.batch * o.worker.count},
          {"micro_batch", o.micro_batch},
          {"learning_rate", o.learning_rate},
          {"gain_rate", o.gain_rate},
          {"beta2", o.beta2},
          {"clip", o.clip},
          {"lambda", o.lambda},
          {"states", o.states},
          {"validate_every", o.validate_every},
          {"patience", o.patience},
          {"target_condition", o.target_condition},
          {"target_cosine", o.target_cosine},
          {"heldout", heldout}};
}

void check(const TrainOptions& o) {
  check(o.network);
  const bool bounded = o.network.architecture != Architecture::baseline;  // V has at most `hidden` independent rows
  const std::size_t most = bounded ? std::size_t(o.network.hidden) : 65536;
  LL_CHECK(o.accounts >= 2 && o.accounts <= most, "train: {} accounts, 2 to {}{} expected", o.accounts, most,
           bounded ? " (hidden)" : "");
  LL_CHECK(o.steps >= 0 && o.steps <= 100'000'000, "train: steps = {}", o.steps);
  LL_CHECK(o.batch >= 1 && o.micro_batch >= 1 && o.states >= 1 && o.validate_every >= 1,
           "train: batch, micro-batch, states and validate_every must be at least 1");
  LL_CHECK(o.batch % o.micro_batch == 0, "train: a batch of {} is not a multiple of micro-batches of {}", o.batch,
           o.micro_batch);
  LL_CHECK(o.batch * o.worker.count < (1 << 24), "train: {} sets a step, below 2^24 expected",
           o.batch * o.worker.count);
  for (const std::size_t accounts : o.sizes)
    LL_CHECK(accounts >= 2 && accounts <= most, "train: size {}, 2 to {} expected", accounts, most);
  LL_CHECK(o.learning_rate > 0 && o.gain_rate >= 0 && o.clip > 0 && o.lambda >= 0 && o.seconds >= 0,
           "train: rates and limits must be positive");
  LL_CHECK(o.beta2 > 0 && o.beta2 < 1, "train: beta2 = {}, in (0, 1) expected", o.beta2);
  LL_CHECK(o.patience >= 0 && o.checkpoint_every >= 0, "train: patience and checkpoint_every must not be negative");
  LL_CHECK(o.worker.count >= 1 && o.worker.rank >= 0 && o.worker.rank < o.worker.count, "train: worker {} of {}",
           o.worker.rank, o.worker.count);
  LL_CHECK(o.worker.port >= 1 && o.worker.port <= 65535, "train: port {}", o.worker.port);
  for (const AccountSet& set : o.heldout)
    LL_CHECK(!set.ids.empty() && set.ids.size() <= most, "train: held-out set {} has {} accounts, 1 to {} expected",
             set.name, set.ids.size(), most);
}

torch::Device device_of(const TrainOptions& options) {
  LL_CHECK(options.device == "auto" || options.device == "cpu" || options.device == "cuda",
           "train: device \"{}\"; auto, cpu or cuda expected", options.device);
  const bool has_cuda = torch::cuda::is_available();
  if (options.device == "cuda" && !has_cuda) fail(ErrorCode::io, "train: this libtorch finds no CUDA device");
  return options.device != "cpu" && has_cuda ? torch::kCUDA : torch::kCPU;
}

class Run {
 public:
  Run(const TrainOptions& options, std::filesystem::path folder, Progress& progress)
      : options_(options),
        folder_(std::move(folder)),
        progress_(progress),
        device_(device_of(options)),
        group_(join_workers(options.worker)),
        heldout_(heldout_sets(options.accounts, options.network.id_bits)) {
    heldout_.insert(heldout_.end(), options.heldout.begin(), options.heldout.end());
    if (options.resume && is_first()) {
      load();
    } else {
      network_ = Network::random(options.network, options.seed);
      network_->to(device_);
      make_optimiser({}, {});
    }
    if (options.resume) share_state();
    if (is_first() && !folder_.empty()) files_ = std::make_unique<RunFiles>(folder_, metrics_);
  }

  TrainResult run() {
    TrainResult result{.encoder = Encoder(network_)};
    result.parameters = result.encoder.parameter_count();
    progress_.begin("train", std::uint64_t(options_.steps));
    while (!ended()) {
      if (is_first() && std::isnan(loss_first_)) loss_first_ = first_heldout();
      TrainMetrics row = one_step();
      if (is_first()) record(row);
      ++step_;
      progress_.update(std::uint64_t(step_), fmt::format("loss {:.2e}, held out {:.2e}", row.loss, validation_.loss));
      if (checkpoint_is_due()) save();
    }
    progress_.end();
    if (is_first() && !finished_) {
      heldout_now();
      TrainMetrics last{.step = step_};
      last.loss = last.orthogonality = last.reconstruction = last.homomorphism = std::nan("");
      record(last);
      save();
    }
    result.steps = step_;
    result.seconds = watch_.ms() / 1000;
    network_->to(torch::kCPU);
    if (is_first()) {
      result.loss_last = metrics_.back().heldout;
      result.loss_first = std::isnan(loss_first_) ? result.loss_last : loss_first_;
      measure_heldout(result, heldout_, options_);
    }
    result.metrics = std::move(metrics_);
    return result;
  }

 private:
  bool is_first() const { return group_->rank() == 0; }
  double seconds() const { return seconds_before_ + watch_.ms() / 1000; }

  /// Whether the run is over, as rank 0 says; throws when any worker was asked to stop.
  bool ended() {
    const auto judged_before = std::pair(best_, since_best_);
    if (is_first() && !finished_ && step_ % options_.validate_every == 0) judge(heldout_now());
    const bool out_of_time = options_.seconds > 0 && watch_.ms() / 1000 >= options_.seconds;
    const bool out_of_patience = options_.patience > 0 && since_best_ >= options_.patience;
    const bool over = step_ >= options_.steps || out_of_time || out_of_patience || reached_ || finished_;
    const auto mine =
        torch::tensor({double(progress_.stop_requested()), double(over), watch_.ms() / 1000}, torch::kFloat64);
    const auto all = group_->all_gather(mine);
    clock_ = all[0][2].item<double>();
    for (const torch::Tensor& worker : all) {
      if (worker[0].item<double>() == 0) continue;
      std::tie(best_, since_best_) = judged_before;  // these weights will be judged again when the run goes on
      save();
      fail(ErrorCode::interrupted, "training stopped after {} of {} steps", step_, options_.steps);
    }
    return all[0][1].item<double>() != 0;
  }

  TrainMetrics one_step() {
    const double by_time = options_.seconds > 0 ? clock_ / options_.seconds : 0.0;
    const double rate =
        options_.learning_rate * rate_at(std::max(double(step_) / double(options_.steps), by_time), step_);
    auto& groups = optimiser_->param_groups();
    static_cast<torch::optim::AdamWOptions&>(groups[0].options()).lr(rate);
    static_cast<torch::optim::AdamWOptions&>(groups[1].options()).lr(rate * options_.gain_rate);

    const torch::Tensor sum = summed_gradient() / double(options_.batch * group_->count());
    const std::int64_t size = sum.size(0) - kLossTerms;
    const auto terms = sum.narrow(0, size, kLossTerms).to(torch::kCPU);
    TrainMetrics row{.step = step_,
                     .orthogonality = terms[0].item<float>(),
                     .reconstruction = terms[1].item<float>(),
                     .homomorphism = terms[2].item<float>()};
    row.loss = float(row.orthogonality + row.reconstruction + options_.lambda * row.homomorphism);
    if (!std::isfinite(row.loss))
      fail(ErrorCode::unsatisfied, "training diverged: the loss of step {} is {}; try a smaller learning rate", step_,
           row.loss);

    torch::NoGradGuard no_grad;
    auto gradient = sum.narrow(0, 0, size);
    const double norm = gradient.norm().item<double>();
    if (norm > options_.clip) gradient = gradient * (options_.clip / norm);
    std::int64_t offset = 0;
    for (const torch::Tensor& parameter : network_->parameters()) {
      parameter.mutable_grad() = gradient.narrow(0, offset, parameter.numel()).view_as(parameter);
      offset += parameter.numel();
    }
    optimiser_->step();
    return row;
  }

  /// Sum over all workers' micro-batches of this step.
  torch::Tensor summed_gradient() {
    const std::int64_t share = options_.batch / options_.micro_batch, leaves = share * group_->count();
    const std::int64_t first = share * group_->rank();
    SumTree own(leaves);
    add_gradients(own, *network_, options_, step_, first, first + share, threads(), device_);
    if (group_->count() == 1) return own.sums().begin()->second;

    std::vector<torch::Tensor> mine;
    for (const auto& [place, sum] : own.sums()) mine.push_back(sum.to(torch::kCPU));
    std::size_t most = 0;
    for (int rank = 0; rank < group_->count(); ++rank)
      most = std::max(most, SumTree::places(leaves, rank * share, (rank + 1) * share).size());
    while (mine.size() < most) mine.push_back(torch::zeros_like(mine[0]));
    const auto all = group_->all_gather(torch::stack(mine));
    SumTree whole(leaves);
    for (int rank = 0; rank < group_->count(); ++rank) {
      const auto places = SumTree::places(leaves, rank * share, (rank + 1) * share);
      for (std::size_t i = 0; i < places.size(); ++i)
        whole.add(places[i], all[std::size_t(rank)][std::int64_t(i)].clone());
    }
    return whole.sums().begin()->second.to(device_);
  }

  std::size_t threads() const {
    return options_.threads > 0 ? options_.threads : std::max(1U, std::thread::hardware_concurrency());
  }

  /// The validation of the weights as they are; computed once a step.
  const Validation& heldout_now() {
    if (validated_ != step_) validation_ = validate(*network_, heldout_, options_, device_);
    validated_ = step_;
    return validation_;
  }

  /// The held-out loss that this call begins with; not in the metrics, where it would tell of a resume.
  double first_heldout() const {
    return validated_ == step_ ? validation_.loss : validate(*network_, heldout_, options_, device_).loss;
  }

  /// Whether the run may end here: no progress for long, or the target reached.
  void judge(const Validation& now) {
    since_best_ = now.loss < best_ ? 0 : since_best_ + 1;
    best_ = std::min(best_, now.loss);
    if (options_.target_condition > 0 || options_.target_cosine > 0)
      reached_ = (options_.target_condition == 0 || now.condition <= options_.target_condition) &&
                 (options_.target_cosine == 0 || now.max_cosine <= options_.target_cosine);
  }

  void record(TrainMetrics row) {
    const bool here = validated_ == step_;
    row.heldout = here ? float(validation_.loss) : std::nan("");
    row.condition = here ? float(validation_.condition) : std::nan("");
    row.max_cosine = here ? float(validation_.max_cosine) : std::nan("");
    row.seconds = seconds();
    metrics_.push_back(row);
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
      state->step(step_).exp_avg(m.at(item.key()).to(device_)).exp_avg_sq(v.at(item.key()).to(device_));
      optimiser_->state()[item.value().unsafeGetTensorImpl()] = std::move(state);
    }
  }

  void load() {
    const auto path = folder_ / "encoder.safetensors";
    auto decoded = decode_checkpoint(read_file(path));
    if (!decoded) throw decoded.error().at(path.string());
    Checkpoint checkpoint = std::move(decoded).value();
    const auto saved = nlohmann::json::parse(checkpoint.training_json, nullptr, false);
    const auto options = saved.value("options", nlohmann::json::object());
    if (checkpoint.network->config() != options_.network || options != options_json(options_))
      fail(ErrorCode::mismatch, "{}: made with other options: {}; asked for: {}", path.string(), options.dump(),
           options_json(options_).dump());
    if (checkpoint.adam_m.empty() && checkpoint.step > 0)
      fail(ErrorCode::mismatch, "{}: holds no optimiser state to resume from", path.string());
    try {
      const auto& progress = saved.at("progress");
      if (const auto& best = progress.at("best"); !best.is_null()) best_ = best.get<double>();
      since_best_ = progress.at("since_best").get<std::int64_t>();
      auto rows = parse_metrics(read_text(folder_ / "metrics.csv"), progress.at("metrics_rows").get<std::size_t>());
      if (!rows) throw rows.error().at((folder_ / "metrics.csv").string());
      metrics_ = std::move(rows).value();
    } catch (const nlohmann::json::exception& error) {
      throw malformed("encoder: __metadata__.training.progress: {}", error.what()).at(path.string());
    }
    network_ = checkpoint.network;
    network_->to(device_);
    step_ = checkpoint.step;
    if (!metrics_.empty()) {
      seconds_before_ = metrics_.back().seconds;
      finished_ = metrics_.back().step == step_;
    }
    make_optimiser(checkpoint.adam_m, checkpoint.adam_v);
  }

  /// Gives rank 0's step, weights and optimiser state to all.
  void share_state() {
    if (group_->count() == 1) return;
    std::vector<torch::Tensor> step = {torch::tensor({step_}, torch::kInt64)};
    group_->broadcast(step);
    step_ = step[0].item<std::int64_t>();
    torch::NoGradGuard no_grad;
    States m, v;
    for (auto& item : network_->named_parameters()) {
      const auto [first, second] = moments(item.value());
      std::vector<torch::Tensor> all = {item.value().to(torch::kCPU).clone(), first.to(torch::kCPU).clone(),
                                        second.to(torch::kCPU).clone()};
      group_->broadcast(all);
      item.value().copy_(all[0]);
      m[item.key()] = all[1];
      v[item.key()] = all[2];
    }
    if (step_ > 0 && !is_first()) make_optimiser(m, v);
  }

  /// AdamW's two averages of a parameter; zeros before the first step.
  std::pair<torch::Tensor, torch::Tensor> moments(const torch::Tensor& parameter) const {
    const auto found = optimiser_->state().find(parameter.unsafeGetTensorImpl());
    if (found == optimiser_->state().end()) return {torch::zeros_like(parameter), torch::zeros_like(parameter)};
    const auto& state = static_cast<torch::optim::AdamWParamState&>(*found->second);
    return {state.exp_avg(), state.exp_avg_sq()};
  }

  bool checkpoint_is_due() const {
    if (options_.checkpoint_every > 0) return step_ % options_.checkpoint_every == 0;
    return since_save_.ms() / 1000 >= kCheckpointSeconds;
  }

  /// Metrics first: a process that dies in between leaves a checkpoint that needs fewer rows than there are.
  void save() {
    since_save_ = Stopwatch();
    if (files_ == nullptr) return;
    files_->save(metrics_);
    nlohmann::json training = {{"options", options_json(options_)},
                               {"progress", {{"metrics_rows", metrics_.size()}, {"since_best", since_best_}}}};
    training["progress"]["best"] = std::isfinite(best_) ? nlohmann::json(best_) : nlohmann::json();
    Checkpoint checkpoint{.network = network_, .training_json = training.dump(), .step = step_};
    if (step_ > 0)
      for (const auto& item : network_->named_parameters())
        std::tie(checkpoint.adam_m[item.key()], checkpoint.adam_v[item.key()]) = moments(item.value());
    write_file(folder_ / "encoder.safetensors", encode_checkpoint(checkpoint));
  }

  const TrainOptions& options_;
  std::filesystem::path folder_;
  Progress& progress_;
  torch::Device device_;
  std::unique_ptr<WorkerGroup> group_;
  std::vector<AccountSet> heldout_;
  std::shared_ptr<Network> network_;
  std::unique_ptr<torch::optim::AdamW> optimiser_;
  std::vector<TrainMetrics> metrics_;
  std::unique_ptr<RunFiles> files_;
  std::int64_t step_ = 0;
  bool finished_ = false;  ///< the checkpoint is of a run that came to its end

  Validation validation_;
  std::int64_t validated_ = -1;  ///< the step that validation_ is of
  double loss_first_ = std::nan("");
  double best_ = std::numeric_limits<double>::infinity();
  std::int64_t since_best_ = 0;
  bool reached_ = false;

  Stopwatch watch_, since_save_;
  double seconds_before_ = 0, clock_ = 0;  ///< of earlier calls; of rank 0's call
};

}  // namespace

TrainResult train_on_torch(const TrainOptions& options, const std::filesystem::path& folder, Progress& progress) {
  check(options);
  return at_torch_edge("train", [&] {
    const TorchThreads one(1);  // threads take micro-batches of their own
    return Run(options, folder, progress).run();
  });
}

}  // namespace ll::training
