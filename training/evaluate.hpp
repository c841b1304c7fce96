#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/u128.hpp"
#include "model/quantized_encoder.hpp"
#include "training/slot_transfer.hpp"

namespace ll::training {

/// One transfer between two slots in wei.
struct ExactTransfer {
  std::uint32_t sender_slot = 0, receiver_slot = 0;
  u128 amount = 0;
};

/// Distribution of non-negative errors in embedding units (balances / 2^balance_bits, V / max|V|).
struct ErrorDistribution {
  double max_abs = 0, mean_abs = 0;
  double p50 = 0, p90 = 0, p99 = 0, p999 = 0;  ///< the smallest error that this share of the transfers does not exceed
  std::uint64_t zeros = 0;                     ///< transfers with error exactly 0
  double max_relative = 0, mean_relative = 0;  ///< of error / ||E(S after)||_inf
};

/// One arithmetic: float32, float64 (both with V as it left the network), quantised (V^, exact integers), exact (the
/// same in wei, four limbs), or the baseline.
struct PassReport {
  std::string name{};
  ErrorDistribution errors{};
  double drift = 0;                       ///< ||E(S_0) + all deltas - E(S_end)||_inf, embedding units
  std::vector<std::uint64_t> drift_at{};  ///< transfers after which the drift was measured
  std::vector<double> drift_curve{};      ///< the drift there
  std::vector<double> by_transfer{};      ///< the error of each
  double seconds = 0;
  /// Transfers by error: [0] exactly 0, [1 + b] with floor(log10 error) = kFirstDecade + b; ends take what is beyond.
  static constexpr int kFirstDecade = -22, kDecades = 24;
  std::array<std::uint64_t, 1 + kDecades> histogram{};
};

struct EvaluationReport {
  std::uint64_t transfers = 0;
  std::vector<PassReport> passes;  ///< of the same transfers: float32, float64, quantised, and the baseline where asked
  std::optional<PassReport> exact{};  ///< in wei: of the ledger's own transfers
  double seconds = 0;
};

/// Additive error of every transfer in three arithmetics.
///
/// The error of transfer t is ||E(S_t) - (E(S_{t-1}) + delta_t)||_inf, with both states encoded from scratch, the delta
/// computed from the amount, and all of it in the arithmetic of the pass; no result of one pass reaches another.
///   float32, float64   E = sum_i (b_i / 2^balance_bits) v_i with v = V / max|V|, delta = (a / 2^balance_bits)(v_r -
///   v_s),
///                      summed in slot order; b_i, a and v rounded to the type first; the difference taken in it too
///   quantised          e^ and delta^ of QuantizedEncoder, as integers; divided by 2^scale_bits for the report. States
///   are
///                      encoded by float64 products of integers, exact below 2^53 (EncoderShape), the rest is int64.
///
/// v      [N, D] row-major: V before quantisation (Encoder::directions)
/// start  [N] balances before the first transfer
/// Threads share the transfers out (base/parallel.hpp); the result does not depend on their number.
/// Throws Error{invalid_argument} for sizes that disagree, Error{unsatisfied} that names the first invalid transfer
/// (same slot twice, amount 0, overdraft, balance of 2^balance_bits or more), Error{interrupted} on a stop.
EvaluationReport evaluate(const model::QuantizedEncoder& encoder, std::span<const double> v,
                          std::span<const std::uint64_t> start, std::span<const SlotTransfer> transfers,
                          Progress& progress);

/// The quantised pass in wei (model/exact_encoder.hpp): nothing is rounded to units. The error of a transfer is the
/// largest over all components of all four limbs, each in that limb's embedding units.
/// start [N] wei; throws as evaluate() does, with 2^128 as the bound of balances.
PassReport evaluate_exact(const model::QuantizedEncoder& encoder, std::span<const u128> start,
                          std::span<const ExactTransfer> transfers, Progress& progress);

/// An encoder of any form, known by what it computes: the baseline. Both functions are called from several threads at
/// once.
struct StateEncoder {
  std::string name;
  std::size_t accounts = 0, dims = 0;
  unsigned balance_bits = 32;
  /// E [n, dims] of n states [n, accounts], balances / 2^balance_bits.
  std::function<std::vector<double>(std::span<const double>)> embed;
  /// Its delta [n, dims] of n transfers.
  std::function<std::vector<double>(std::span<const SlotTransfer>)> deltas;
};

/// The same error of such an encoder. Its unit is ||E(S_0)||_inf of the start state, since it has no V whose largest
/// entry could be one. States go through `embed` in batches; a batch is the time a stop takes.
PassReport evaluate_states(const StateEncoder& encoder, std::span<const std::uint64_t> start,
                           std::span<const SlotTransfer> transfers, Progress& progress);

}  // namespace ll::training
