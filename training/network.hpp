#pragma once
// The only header that includes libtorch (15 s to compile: precompiled in CMakeLists.txt). Not for other folders.
#include <torch/torch.h>

#include "base/error.hpp"
#include "base/random.hpp"
#include "training/encoder.hpp"

namespace ll::training {

/// Standard normal numbers of a seeded generator (Box-Muller).
torch::Tensor gaussian_tensor(at::IntArrayRef shape, Rng& rng);

/// One layer of a network: [batch, N, hidden] to the same.
class Block : public torch::nn::Module {
 public:
  virtual torch::Tensor forward(const torch::Tensor& x) = 0;
};

/// Start values of one network, float32; zeros without a generator, for weights that are about to be filled in.
class Start {
 public:
  explicit Start(Rng* rng) : rng_(rng) {}

  torch::Tensor gaussian(at::IntArrayRef shape, double scale) const;
  torch::Tensor angles(std::int64_t count) const;  // uniform in [0, 2 pi)
  /// Random matrix with orthonormal rows or columns, whichever are fewer: Q of a Gaussian matrix.
  torch::Tensor orthogonal(std::int64_t rows, std::int64_t columns) const;

 private:
  Rng* rng_;
};

/// Turns pairs (j, j + width/2) of the first `heads` heads of q [batch, N, heads.. · width] by slot ·
/// 10000^(-2j/width). Source: Su et al., RoFormer, arXiv:2104.09864.
torch::Tensor rotate_heads(const torch::Tensor& q, std::int64_t heads, std::int64_t width);

/// One layer of orthogonalising attention and its feed-forward.
///
///   x   [batch, N, hidden]
///   q_h = P_h x, turned by the slot number for the first `rotary_heads` heads      (queries = keys)
///   x  <- a x - [ sum_h g_h q_h q_h^T ] (x W^T) W                                  no softmax: a polynomial of x
///   x  <- x + (W2 GELU(c W1 x + b1) + b2) / c,  c = sqrt(hidden)                   W2 starts at zero
///
/// With orthogonal P and W, a = 1.5, g_h = 0.5 and no rotary head the first line is a Newton-Schulz step
/// x <- 1.5 x - 0.5 (x x^T) x towards orthonormal rows, for singular values below sqrt 3. The factors c give the feed-
/// forward entries of size 1 inside and keep its first updates, which have a common direction for all accounts, small
/// outside: without them, one large singular value is cubed layer by layer.
/// Source: ../shared/design/architecture.md, "Orthogonalising attention"; Bjorck and Bowie, SIAM J. Numer. Anal. 8
/// (1971), for the iteration.
class Layer final : public Block {
 public:
  /// Start values from `rng`; without one, matrices of zeros that the caller fills.
  Layer(const NetworkConfig& config, Rng* rng);
  torch::Tensor forward(const torch::Tensor& x) override;
  torch::Tensor attention(const torch::Tensor& x);

  torch::Tensor p, w;            // [hidden, hidden]; P_h are the h-th hidden/heads rows of p
  torch::Tensor a, g;            // [1], [heads]
  torch::Tensor w1, b1, w2, b2;  // [ff, hidden], [ff], [hidden, ff], [hidden]

 private:
  NetworkConfig config_;
};

/// An ordinary transformer layer, normalised before each half (no gain or bias in the norm):
///   x <- x + Wo concat_h softmax(q_h k_h^T / sqrt(width)) v_h;  x <- x + W2 GELU(W1 x + b1) + b2
/// Source: Vaswani et al., arXiv:1706.03762, section 3.2; Xiong et al., arXiv:2002.04745, for the place of the norm.
class SoftmaxLayer final : public Block {
 public:
  SoftmaxLayer(const NetworkConfig& config, Rng* rng);
  torch::Tensor forward(const torch::Tensor& x) override;

  torch::Tensor q, k, v, o;      // [hidden, hidden]
  torch::Tensor w1, b1, w2, b2;  // as in Layer

 private:
  NetworkConfig config_;
};

/// The encoder's network in each architecture.
///
/// T_theta (orthogonalising, softmax): ids -> V. Token = sin(w . bits + phase) through a square matrix, rows scaled to
/// 1/1.3 (random rows then have singular values below 1.71/1.3, away from sqrt 3); the layers; a map to `dims`; unit
/// rows. Baseline: (ids, balances) -> E. Token = the id's features plus a map of balance_features(b); SoftmaxLayers;
/// the mean of the tokens through a map to `dims`. Deltas come from a head of their own: a · MLP(features of sender,
/// receiver, a).
class Network : public torch::nn::Module {
 public:
  /// As in Layer: without `rng`, matrices of zeros that the caller fills.
  Network(const NetworkConfig& config, Rng* rng);
  static std::shared_ptr<Network> random(const NetworkConfig& config, std::uint64_t seed);

  /// bits [batch, N, id_bits], entries +-1; V [batch, N, dims]. Error{invalid_argument} for a baseline.
  torch::Tensor forward(const torch::Tensor& bits) const;
  /// E [batch, S, dims] of states [batch, S, N], balances / 2^32.
  torch::Tensor embed(const torch::Tensor& bits, const torch::Tensor& states) const;
  /// [batch, S, dims] of transfers between slots sender, receiver [batch, S] of amount [batch, S, 1].
  torch::Tensor deltas(const torch::Tensor& bits, const torch::Tensor& sender, const torch::Tensor& receiver,
                       const torch::Tensor& amount) const;
  /// Baseline only: balances [batch, S, N] read back from E by a map of the ids' features, linear in E.
  torch::Tensor decode(const torch::Tensor& bits, const torch::Tensor& embedded) const;

  const NetworkConfig& config() const noexcept { return config_; }
  bool is_baseline() const noexcept { return config_.architecture == Architecture::baseline; }
  /// True for the gains a and g, which train at their own rate.
  static bool is_gain(const std::string& parameter_name);

  torch::Tensor frequencies, phases, input, output, decoder_scale;
  std::vector<std::shared_ptr<Block>> layers;
  torch::Tensor balance, keys, delta1, delta1_bias, delta2, delta2_bias;  // of the baseline

 private:
  torch::Tensor id_features(const torch::Tensor& bits) const;  // [batch, N, hidden], rows of length 1
  NetworkConfig config_;
};

/// The rows of x [batch, N, columns] that `slots` [batch, S] names: [batch, S, columns].
torch::Tensor rows_of(const torch::Tensor& x, const torch::Tensor& slots);

/// +-1 features of the ids' bits, least significant first: [1, n, id_bits].
torch::Tensor bits_of(std::span<const std::uint32_t> ids, int id_bits, torch::Dtype dtype);

/// Sets libtorch's thread count and restores it: results are equal bit for bit only at one thread.
class TorchThreads {
 public:
  explicit TorchThreads(int count) : before_(at::get_num_threads()) { at::set_num_threads(count); }
  TorchThreads(const TorchThreads&) = delete;
  TorchThreads& operator=(const TorchThreads&) = delete;
  ~TorchThreads() { at::set_num_threads(before_); }

 private:
  int before_;
};

/// Runs `body` and rethrows what libtorch throws as Error{io}: the library's edge.
template <class Body>
auto at_torch_edge(const char* what, Body&& body) {
  try {
    return body();
  } catch (const Error&) {
    throw;
  } catch (const c10::Error& error) {
    fail(ErrorCode::io, "{}: libtorch: {}", what, error.what_without_backtrace());
  } catch (const std::exception& error) {
    fail(ErrorCode::io, "{}: {}", what, error.what());
  }
}

}  // namespace ll::training
