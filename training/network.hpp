#pragma once
// The only header that includes libtorch (15 s to compile: precompiled in CMakeLists.txt). Not for other folders.
#include <torch/torch.h>

#include "base/error.hpp"
#include "base/random.hpp"
#include "training/encoder.hpp"

namespace ll::training {

/// Standard normal numbers of a seeded generator (Box-Muller).
torch::Tensor gaussian_tensor(at::IntArrayRef shape, Rng& rng);

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
class Layer : public torch::nn::Module {
 public:
  /// Start values from `rng`; without one, matrices of zeros that the caller fills.
  Layer(const NetworkConfig& config, Rng* rng);
  torch::Tensor forward(const torch::Tensor& x);
  torch::Tensor attention(const torch::Tensor& x);

  torch::Tensor p, w;            // [hidden, hidden]; P_h are the h-th hidden/heads rows of p
  torch::Tensor a, g;            // [1], [heads]
  torch::Tensor w1, b1, w2, b2;  // [ff, hidden], [ff], [hidden, ff], [hidden]

 private:
  torch::Tensor rotate(const torch::Tensor& q) const;  // [batch, N, hidden]
  NetworkConfig config_;
};

/// T_theta: ids -> V. Token = sin(w . bits + phase) through a square matrix, rows scaled to 1/1.3 (random rows then
/// have singular values below 1.71/1.3, away from sqrt 3); the layers; a map to `dims`; unit rows.
class Network : public torch::nn::Module {
 public:
  /// As in Layer: without `rng`, matrices of zeros that the caller fills.
  Network(const NetworkConfig& config, Rng* rng);
  static std::shared_ptr<Network> random(const NetworkConfig& config, std::uint64_t seed);

  /// bits [batch, N, id_bits], entries +-1; V [batch, N, dims].
  torch::Tensor forward(const torch::Tensor& bits);

  const NetworkConfig& config() const noexcept { return config_; }
  /// True for the gains a and g, which train at their own rate.
  static bool is_gain(const std::string& parameter_name);

  torch::Tensor frequencies, phases, input, output, decoder_scale;
  std::vector<std::shared_ptr<Layer>> layers;

 private:
  NetworkConfig config_;
};

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
