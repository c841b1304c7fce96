#include "training/validation.hpp"

#include <algorithm>
#include <cmath>

#include "training/torch_engine.hpp"

namespace ll::training {
namespace {

constexpr int kStatesRead = 8;  // random states of each held-out set that are read back

Validation validate_directions(const Network& network, const AccountSet& set, torch::Device device) {
  const auto bits = bits_of(set.ids, network.config().id_bits, torch::kFloat32).to(device);
  const auto v = network.forward(bits)[0].to(torch::kCPU, torch::kFloat64);
  const auto gram = torch::matmul(v, v.t());
  const auto identity = torch::eye(v.size(0), v.options());
  const auto squared = torch::linalg_eigvalsh(gram);  // singular values of V, squared, ascending
  const auto lengths = gram.diag().sqrt();
  Validation result;
  result.loss = (gram - identity).square().sum().item<double>() / double(v.size(0));
  result.condition = std::sqrt(squared[-1].item<double>() / squared[0].item<double>());
  result.max_cosine = (gram / (lengths.unsqueeze(0) * lengths.unsqueeze(1)) - identity).abs().max().item<double>();
  return result;
}

}  // namespace

Validation validate(const Network& network, const std::vector<AccountSet>& sets, const TrainOptions& options,
                    torch::Device device) {
  torch::NoGradGuard no_grad;
  Validation worst;
  for (const AccountSet& set : sets) {
    Validation one{.condition = std::nan(""), .max_cosine = std::nan("")};
    if (network.is_baseline()) {
      one.loss = losses_of(network, batch_of(set.ids, options).to(device)).total(options.lambda).item<double>();
    } else {
      one = validate_directions(network, set, device);
    }
    const auto take = [](double& largest, double value) {
      if (!(value <= largest)) largest = value;  // a NaN is kept, not passed over
    };
    take(worst.loss, one.loss);
    take(worst.condition, one.condition);
    take(worst.max_cosine, one.max_cosine);
  }
  return worst;
}

namespace {

DirectionQuality worse_of(const DirectionQuality& a, const DirectionQuality& b) {
  return {a.name, std::max(a.loss, b.loss), std::max(a.condition, b.condition), std::max(a.max_cosine, b.max_cosine)};
}

/// V of other directions made orthonormal with the least change: (V V^T)^(-1/2) V.
/// Source: Loewdin, J. Chem. Phys. 18 (1950), "symmetric orthogonalisation".
std::vector<double> loewdin_directions(std::span<const double> v, std::size_t accounts, std::size_t dims) {
  return at_torch_edge("directions", [&] {
    const auto x =
        torch::from_blob(const_cast<double*>(v.data()), {std::int64_t(accounts), std::int64_t(dims)}, torch::kFloat64);
    const auto [values, vectors] = torch::linalg_eigh(torch::matmul(x, x.t()));
    const auto root = torch::matmul(vectors * values.rsqrt(), vectors.t());
    const auto result = torch::matmul(root, x).contiguous();
    return std::vector<double>(result.data_ptr<double>(), result.data_ptr<double>() + result.numel());
  });
}

std::vector<std::vector<double>> gains_of(const Network& network) {
  std::vector<std::vector<double>> gains;
  for (const auto& block : network.layers) {
    const auto* layer = dynamic_cast<const Layer*>(block.get());
    if (layer == nullptr) continue;
    gains.push_back({layer->a.item<double>()});
    for (std::int64_t h = 0; h < layer->g.size(0); ++h) gains.back().push_back(layer->g[h].item<double>());
  }
  return gains;
}

}  // namespace

void measure_heldout(TrainResult& result, const std::vector<AccountSet>& sets, const TrainOptions& options) {
  const NetworkConfig& network = options.network;
  const auto dims = std::size_t(network.dims);
  result.gaussian =
      measure_directions("gaussian", gaussian_directions(options.accounts, dims, 1), options.accounts, dims);
  if (network.architecture == Architecture::baseline) return;
  SeededRng rng(options.seed, ~std::uint64_t{0});
  for (const AccountSet& set : sets) {
    result.heldout.push_back(measure_directions(set.name, result.encoder.directions(set.ids), set.ids.size(), dims));
    const model::QuantizedEncoder quantized = result.encoder.quantized(set.ids);
    for (int i = 0; i < kStatesRead; ++i, ++result.states_sampled) {
      std::vector<std::uint64_t> balances(set.ids.size());
      for (auto& balance : balances) balance = rng.below(std::uint64_t{1} << quantized.shape().balance_bits);
      if (quantized.decode(quantized.embed(balances)) == balances) ++result.states_recovered;
    }
  }
  for (const std::size_t accounts : options.sizes) {
    DirectionQuality worst{.name = std::to_string(accounts)};
    for (const AccountSet& set : heldout_sets(accounts, network.id_bits))
      worst = worse_of(worst, measure_directions(set.name, result.encoder.directions(set.ids), accounts, dims));
    result.sizes.push_back(worst);
  }
  const AccountSet& random = sets.front();
  const auto start = Encoder::untrained(network, options.seed).directions(random.ids);
  result.untrained = measure_directions("untrained", start, random.ids.size(), dims);
  result.loewdin =
      measure_directions("loewdin", loewdin_directions(start, random.ids.size(), dims), random.ids.size(), dims);
  result.gains = gains_of(*result.encoder.network());
}

}  // namespace ll::training
