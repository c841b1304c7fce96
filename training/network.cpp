#include "training/network.hpp"

#include <cmath>
#include <numbers>

namespace ll::training {
namespace {

constexpr double kInputRowLength = 1 / 1.3;
// Two ids that differ in one bit have features of correlation exp(-2 sigma^2): 3e-4 here.
constexpr double kFrequencySigma = 2.0;

/// Start values of one network, float32; zeros without a generator, for weights that are about to be filled in.
class Start {
 public:
  explicit Start(Rng* rng) : rng_(rng) {}

  torch::Tensor gaussian(at::IntArrayRef shape, double scale) const {
    return (rng_ != nullptr ? gaussian_tensor(shape, *rng_) * scale : torch::zeros(shape)).to(torch::kFloat32);
  }
  torch::Tensor angles(std::int64_t count) const;
  torch::Tensor orthogonal(std::int64_t rows, std::int64_t columns) const;

 private:
  Rng* rng_;
};

torch::Tensor Start::angles(std::int64_t count) const {
  torch::Tensor result = torch::zeros({count}, torch::kFloat64);
  if (rng_ == nullptr) return result.to(torch::kFloat32);
  double* out = result.data_ptr<double>();
  for (std::int64_t i = 0; i < result.numel(); ++i)
    out[i] = 2 * std::numbers::pi * std::ldexp(double(rng_->next_u64() >> 11), -53);
  return result.to(torch::kFloat32);
}

/// Random matrix with orthonormal rows or columns, whichever are fewer: Q of a Gaussian matrix.
torch::Tensor Start::orthogonal(std::int64_t rows, std::int64_t columns) const {
  if (rng_ == nullptr) return torch::zeros({rows, columns});
  const bool tall = rows >= columns;
  const auto gauss = tall ? gaussian_tensor({rows, columns}, *rng_) : gaussian_tensor({columns, rows}, *rng_);
  const torch::Tensor q = std::get<0>(torch::linalg_qr(gauss));
  return (tall ? q : q.t()).contiguous().to(torch::kFloat32);
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

torch::Tensor Layer::rotate(const torch::Tensor& q) const {
  const std::int64_t width = config_.hidden / config_.heads, turned = config_.rotary_heads * width, half = width / 2;
  if (turned == 0) return q;
  const std::int64_t n = q.size(1);
  const auto slots = torch::arange(n, q.options()).unsqueeze(1);
  const auto rates = torch::pow(10000.0, torch::arange(half, q.options()) / double(-half)).unsqueeze(0);
  const auto cosines = torch::cos(slots * rates).unsqueeze(1), sines = torch::sin(slots * rates).unsqueeze(1);
  const auto heads = q.narrow(2, 0, turned).reshape({q.size(0), n, config_.rotary_heads, width});
  const auto first = heads.narrow(3, 0, half), second = heads.narrow(3, half, half);
  const auto rotated = torch::cat({first * cosines - second * sines, first * sines + second * cosines}, 3);
  return torch::cat({rotated.reshape({q.size(0), n, turned}), q.narrow(2, turned, config_.hidden - turned)}, 2);
}

torch::Tensor Layer::attention(const torch::Tensor& x) {
  const auto q = rotate(torch::matmul(x, p.t()));
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
  frequencies = register_parameter("frequencies", start.gaussian({config.hidden, config.id_bits}, kFrequencySigma));
  phases = register_parameter("phases", start.angles(config.hidden));
  input = register_parameter("input", start.orthogonal(config.hidden, config.hidden));
  for (int i = 0; i < config.layers; ++i)
    layers.push_back(register_module("layer" + std::to_string(i), std::make_shared<Layer>(config, rng)));
  output = register_parameter("output", start.orthogonal(config.dims, config.hidden));
  decoder_scale = register_parameter("decoder_scale", torch::ones({1}));
}

std::shared_ptr<Network> Network::random(const NetworkConfig& config, std::uint64_t seed) {
  SeededRng rng(seed);
  return std::make_shared<Network>(config, &rng);
}

torch::Tensor Network::forward(const torch::Tensor& bits) {
  const auto features = torch::sin(torch::matmul(bits, frequencies.t()) + phases);
  auto x = unit_rows(torch::matmul(features, input.t()), kInputRowLength);
  for (const auto& layer : layers) x = layer->forward(x);
  return unit_rows(torch::matmul(x, output.t()), 1.0);
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
