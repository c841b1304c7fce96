#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "model/quantized_encoder.hpp"
#include "training/slot_transfer.hpp"

namespace ll::training {

/// What a network computes (docs/training.md).
enum class Architecture {
  orthogonalising,  ///< T_theta: attention without softmax; E(S) affine in the balances
  softmax,          ///< T_theta with ordinary softmax attention in its place; E(S) affine in the balances
  baseline,         ///< ordinary transformer over tokens of id and balance, mean pooling, learned deltas
};
/// "orthogonalising", "softmax", "baseline": as in the files.
const char* to_string(Architecture architecture) noexcept;

/// Sizes of T_theta (docs/training.md). Parameters of the model, never literals elsewhere.
struct NetworkConfig {
  int layers = 6;
  int heads = 8;
  int hidden = 256;       ///< width of a token; heads must divide it, and it must hold `accounts` directions
  int feed_forward = 64;  ///< width of the GELU layer
  int dims = 512;         ///< D, >= hidden
  int id_bits = 32;       ///< account ids are < 2^id_bits
  int rotary_heads = 1;   ///< heads whose queries (= keys) are turned by the slot number
  double start_a = 1.0;   ///< gain of the identity path before training
  double start_g = 0.0;   ///< gain of each head before training; a = 1.5, g = 0.5 is one Newton-Schulz step a layer
  Architecture architecture = Architecture::orthogonalising;
  friend bool operator==(const NetworkConfig&, const NetworkConfig&) = default;
};

/// Throws Error{invalid_argument} that names the field.
void check(const NetworkConfig& config);

class Network;  // training/network.hpp, the only header with libtorch in it

/// T_theta with its weights: any set of at most `hidden` account ids in, one direction per account out.
class Encoder {
 public:
  /// Weights before training: orthogonal matrices and random features of this seed.
  static Encoder untrained(const NetworkConfig& config, std::uint64_t seed);
  /// Reads the weights of `encoder.safetensors` (docs/formats/encoder-files.md); optimiser state in it is not needed.
  /// Throws Error{io, malformed, mismatch} with the path.
  static Encoder load(const std::filesystem::path& path);

  explicit Encoder(std::shared_ptr<Network> network);
  Encoder(Encoder&&) noexcept;
  Encoder& operator=(Encoder&&) noexcept;
  ~Encoder();

  void save(const std::filesystem::path& path) const;

  const NetworkConfig& config() const noexcept;
  std::size_t parameter_count() const;
  const std::shared_ptr<Network>& network() const noexcept { return network_; }

  /// V [n, dims] row-major of n different ids, 1 <= n <= hidden; unit rows. Runs in float64 (the weights stay what they
  /// are), so that V^ does not hang on a machine's float32 rounding. Throws Error{invalid_argument}, for a baseline
  /// too, which has no V.
  std::vector<double> directions(std::span<const std::uint32_t> ids) const;

  /// V^ of these accounts; N = ids.size(). `weights_sha256` goes into the file it is written to.
  model::QuantizedEncoder quantized(std::span<const std::uint32_t> ids, std::string weights_sha256 = {}) const;

  /// E [n, dims] row-major of n states, in float32 as the network was trained.
  ///
  /// ids       N different account ids, 1 <= N <= hidden
  /// balances  [n, N] row-major, b / 2^32 in [0, 1]
  /// E = balances V (unit rows, not divided by max|V|), or what the baseline's tokens give. Throws
  /// Error{invalid_argument} for sizes that do not fit.
  std::vector<double> embed_states(std::span<const std::uint32_t> ids, std::span<const double> balances) const;
  /// What each transfer adds to E, by the network's own rule: (a / 2^32)(v_r - v_s), or the baseline's learned head;
  /// [transfers, dims] row-major, float32, units as embed_states. Throws Error{invalid_argument}.
  std::vector<double> deltas(std::span<const std::uint32_t> ids, std::span<const SlotTransfer> transfers) const;

 private:
  std::shared_ptr<Network> network_;
};

/// How close the directions of one account set are to orthonormal.
struct DirectionQuality {
  std::string name;
  double loss = 0;        ///< ||V V^T - I||_F^2 / N
  double condition = 0;   ///< largest singular value of V / smallest
  double max_cosine = 0;  ///< largest |<v_i, v_j>| / (|v_i| |v_j|), i != j
};

}  // namespace ll::training
