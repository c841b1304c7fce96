#include "training/network.hpp"

#include <cmath>
#include <numbers>

namespace ll::training {
namespace {

constexpr double kInputRowLength = 1 / 1.3;
// Two ids that differ in one bit have features of correlation exp(-2 sigma^2): 3e-4 here.
constexpr double kFrequencySigma = 2.0;

constexpr std::int64_t kBalanceWaves = 8, kBalanceFeatures = 1 + 2 * kBalanceWaves;
constexpr double kMeanBalance = 0.5;       // of the states trained on: where a baseline's decoder starts
constexpr std::int64_t kDeltaWidth = 128;  // of the baseline's delta head

/// What a baseline sees of a balance or an amount b [.., 1] in [0, 1]: b and sine and cosine of 2^k pi b; [.., 17].
torch::Tensor balance_features(const torch::Tensor& b) {
  std::vector<torch::Tensor> features = {b};
  for (std::int64_t k = 0; k < kBalanceWaves; ++k) {
    const auto angle = b * (std::numbers::pi * double(1 << k));
    features.push_back(torch::sin(angle));
    features.push_back(torch::cos(angle));
  }
  return torch::cat(features, -1);
}

torch::Tensor unit_rows(const torch::Tensor& x, double length) {
  return x * (length * torch::rsqrt(x.square().sum(-1, true) + 1e-12));
}

}  // namespace

torch::Tensor gaussian_tensor(at::IntArrayRef shape, Rng& rng) {
  torch::Tensor result = torch::empty(shape, torch::kFloat64);
  double* out = result.data_ptr<double>();
  for (std::int64_t i = 0; i < result.numel(); ++i) {
    const double u = std::ldexp(double((rng.next_u64() >> 11) + 1), -53);  // (0, 1]
    const double angle = 2 * std::numbers::pi * std::ldexp(double(rng.next_u64() >> 11), -53);
    out[i] = std::sqrt(-2 * std::log(u)) * std::cos(angle);
  }
  return result;
}

torch::Tensor Start::gaussian(at::IntArrayRef shape, double scale) const {
  return (rng_ != nullptr ? gaussian_tensor(shape, *rng_) * scale : torch::zeros(shape)).to(torch::kFloat32);
}

torch::Tensor Start::angles(std::int64_t count) const {
  torch::Tensor result = torch::zeros({count}, torch::kFloat64);
  if (rng_ == nullptr) return result.to(torch::kFloat32);
  double* out = result.data_ptr<double>();
  for (std::int64_t i = 0; i < result.numel(); ++i)
    out[i] = 2 * std::numbers::pi * std::ldexp(double(rng_->next_u64() >> 11), -53);
  return result.to(torch::kFloat32);
}

torch::Tensor Start::orthogonal(std::int64_t rows, std::int64_t columns) const {
  if (rng_ == nullptr) return torch::zeros({rows, columns});
  const bool tall = rows >= columns;
  const auto gauss = tall ? gaussian_tensor({rows, columns}, *rng_) : gaussian_tensor({columns, rows}, *rng_);
  const torch::Tensor q = std::get<0>(torch::linalg_qr(gauss));
  return (tall ? q : q.t()).contiguous().to(torch::kFloat32);
}

torch::Tensor rotate_heads(const torch::Tensor& q, std::int64_t heads, std::int64_t width) {
  if (heads == 0) return q;
  const std::int64_t n = q.size(1), turned = heads * width, half = width / 2;
  const auto slots = torch::arange(n, q.options()).unsqueeze(1);
  const auto rates = torch::pow(10000.0, torch::arange(half, q.options()) / double(-half)).unsqueeze(0);
  const auto cosines = torch::cos(slots * rates).unsqueeze(1), sines = torch::sin(slots * rates).unsqueeze(1);
  const auto split = q.narrow(2, 0, turned).reshape({q.size(0), n, heads, width});
  const auto first = split.narrow(3, 0, half), second = split.narrow(3, half, half);
  const auto rotated = torch::cat({first * cosines - second * sines, first * sines + second * cosines}, 3);
  return torch::cat({rotated.reshape({q.size(0), n, turned}), q.narrow(2, turned, q.size(2) - turned)}, 2);
}

Layer::Layer(const NetworkConfig& config, Rng* rng) : config_(config) {
  const int hidden = config.hidden, ff = config.feed_forward;
  const Start start(rng);
  p = register_parameter("p", start.orthogonal(hidden, hidden));
  w = register_parameter("w", start.orthogonal(hidden, hidden));
  a = register_parameter("a", torch::full({1}, config.start_a, torch::kFloat32));
  g = register_parameter("g", torch::full({config.heads}, config.start_g, torch::kFloat32));
  w1 = register_parameter("w1", start.gaussian({ff, hidden}, 1 / std::sqrt(double(hidden))));
  b1 = register_parameter("b1", torch::zeros({ff}));
  w2 = register_parameter("w2", torch::zeros({hidden, ff}));
  b2 = register_parameter("b2", torch::zeros({hidden}));
}

torch::Tensor Layer::attention(const torch::Tensor& x) {
  const auto q = rotate_heads(torch::matmul(x, p.t()), config_.rotary_heads, config_.hidden / config_.heads);
  const auto gains = g.repeat_interleave(config_.hidden / config_.heads);
  const auto scores = torch::matmul(q * gains, q.transpose(1, 2));  // sum over heads, gain each: one product
  return a * x - torch::matmul(torch::matmul(scores, torch::matmul(x, w.t())), w);
}

torch::Tensor Layer::forward(const torch::Tensor& x) {
  const double scale = std::sqrt(double(config_.hidden));  // entries of a unit row are about 1/scale
  const auto y = attention(x);
  const auto inner = torch::matmul(y * scale, w1.t()) + b1;
  return y + (torch::matmul(torch::gelu(inner), w2.t()) + b2) / scale;
}

Network::Network(const NetworkConfig& config, Rng* rng) : config_(config) {
  check(config);
  const Start start(rng);
  const int hidden = config.hidden;
  frequencies = register_parameter("frequencies", start.gaussian({hidden, config.id_bits}, kFrequencySigma));
  phases = register_parameter("phases", start.angles(hidden));
  input = register_parameter("input", start.orthogonal(hidden, hidden));
  for (int i = 0; i < config.layers; ++i) {
    std::shared_ptr<Block> layer;
    if (config.architecture == Architecture::orthogonalising)
      layer = std::make_shared<Layer>(config, rng);
    else
      layer = std::make_shared<SoftmaxLayer>(config, rng);
    layers.push_back(register_module("layer" + std::to_string(i), layer));
  }
  output = register_parameter("output", start.orthogonal(config.dims, hidden));
  decoder_scale = register_parameter("decoder_scale", torch::ones({1}));
  if (!is_baseline()) return;
  balance = register_parameter("balance",
                               start.gaussian({hidden, kBalanceFeatures}, 1 / std::sqrt(double(kBalanceFeatures))));
  keys = register_parameter("keys", start.orthogonal(config.dims, hidden));
  delta1 = register_parameter(
      "delta1", start.gaussian({kDeltaWidth, 2 * hidden + kBalanceFeatures}, 1 / std::sqrt(2.0 * hidden)));
  delta1_bias = register_parameter("delta1_bias", torch::zeros({kDeltaWidth}));
  delta2 = register_parameter("delta2", torch::zeros({config.dims, kDeltaWidth}));
  delta2_bias = register_parameter("delta2_bias", torch::zeros({config.dims}));
}

std::shared_ptr<Network> Network::random(const NetworkConfig& config, std::uint64_t seed) {
  SeededRng rng(seed);
  return std::make_shared<Network>(config, &rng);
}

torch::Tensor Network::id_features(const torch::Tensor& bits) const {
  const auto features = torch::sin(torch::matmul(bits, frequencies.t()) + phases);
  return unit_rows(torch::matmul(features, input.t()), 1);
}

torch::Tensor Network::forward(const torch::Tensor& bits) const {
  LL_CHECK(!is_baseline(), "encoder: a baseline has no directions V: its embedding is not linear in the balances");
  auto x = id_features(bits) * kInputRowLength;
  for (const auto& layer : layers) x = layer->forward(x);
  return unit_rows(torch::matmul(x, output.t()), 1);
}

torch::Tensor Network::embed(const torch::Tensor& bits, const torch::Tensor& states) const {
  if (!is_baseline()) return torch::matmul(states, forward(bits));
  const std::int64_t sets = states.size(0), count = states.size(1), n = states.size(2);
  const double scale = std::sqrt(double(config_.hidden));  // features of a token then have entries of about 1
  const auto tokens =
      scale * id_features(bits).unsqueeze(1) + torch::matmul(balance_features(states.unsqueeze(3)), balance.t());
  auto x = tokens.reshape({sets * count, n, config_.hidden});
  for (const auto& layer : layers) x = layer->forward(x);
  return torch::matmul(x.mean(1), output.t()).reshape({sets, count, config_.dims});
}

torch::Tensor Network::deltas(const torch::Tensor& bits, const torch::Tensor& sender, const torch::Tensor& receiver,
                              const torch::Tensor& amount) const {
  if (!is_baseline()) {
    const auto v = forward(bits);
    return amount * (rows_of(v, receiver) - rows_of(v, sender));
  }
  const auto features = id_features(bits) * std::sqrt(double(config_.hidden));
  const auto in = torch::cat({rows_of(features, sender), rows_of(features, receiver), balance_features(amount)}, 2);
  const auto inner = torch::gelu(torch::matmul(in, delta1.t()) + delta1_bias);
  return amount * (torch::matmul(inner, delta2.t()) + delta2_bias);
}

torch::Tensor Network::decode(const torch::Tensor& bits, const torch::Tensor& embedded) const {
  const auto readers = torch::matmul(id_features(bits), keys.t());
  return kMeanBalance + decoder_scale * torch::matmul(embedded, readers.transpose(1, 2));
}

torch::Tensor rows_of(const torch::Tensor& x, const torch::Tensor& slots) {
  return x.gather(1, slots.unsqueeze(2).expand({slots.size(0), slots.size(1), x.size(2)}));
}

bool Network::is_gain(const std::string& parameter_name) {
  return parameter_name.ends_with(".a") || parameter_name.ends_with(".g");
}

torch::Tensor bits_of(std::span<const std::uint32_t> ids, int id_bits, torch::Dtype dtype) {
  torch::Tensor bits = torch::empty({1, std::int64_t(ids.size()), id_bits}, torch::kFloat32);
  float* out = bits.data_ptr<float>();
  for (const std::uint32_t id : ids)
    for (int bit = 0; bit < id_bits; ++bit) *out++ = (id >> bit & 1) != 0 ? 1.0F : -1.0F;
  return bits.to(dtype);
}

}  // namespace ll::training
