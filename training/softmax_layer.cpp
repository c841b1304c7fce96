#include <cmath>

#include "training/network.hpp"

namespace ll::training {
namespace {

torch::Tensor normalised(const torch::Tensor& x) { return torch::layer_norm(x, {x.size(-1)}); }

}  // namespace

SoftmaxLayer::SoftmaxLayer(const NetworkConfig& config, Rng* rng) : config_(config) {
  const int hidden = config.hidden, ff = config.feed_forward;
  const Start start(rng);
  q = register_parameter("q", start.orthogonal(hidden, hidden));
  k = register_parameter("k", start.orthogonal(hidden, hidden));
  v = register_parameter("v", start.orthogonal(hidden, hidden));
  o = register_parameter("o", torch::zeros({hidden, hidden}));
  w1 = register_parameter("w1", start.gaussian({ff, hidden}, 1 / std::sqrt(double(hidden))));
  b1 = register_parameter("b1", torch::zeros({ff}));
  w2 = register_parameter("w2", torch::zeros({hidden, ff}));
  b2 = register_parameter("b2", torch::zeros({hidden}));
}

torch::Tensor SoftmaxLayer::forward(const torch::Tensor& x) {
  const std::int64_t batch = x.size(0), n = x.size(1), width = config_.hidden / config_.heads;
  const auto in = normalised(x);
  const auto heads = [&](const torch::Tensor& y) {  // [batch, heads, N, width]
    return y.reshape({batch, n, config_.heads, width}).transpose(1, 2);
  };
  const auto queries = heads(rotate_heads(torch::matmul(in, q.t()), config_.rotary_heads, width));
  const auto key_rows = heads(rotate_heads(torch::matmul(in, k.t()), config_.rotary_heads, width));
  const auto scores = torch::matmul(queries, key_rows.transpose(2, 3)) / std::sqrt(double(width));
  const auto mixed = torch::matmul(torch::softmax(scores, -1), heads(torch::matmul(in, v.t())));
  const auto y = x + torch::matmul(mixed.transpose(1, 2).reshape({batch, n, config_.hidden}), o.t());
  return y + torch::matmul(torch::gelu(torch::matmul(normalised(y), w1.t()) + b1), w2.t()) + b2;
}

}  // namespace ll::training
