#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "base/progress.hpp"
#include "model/quantized_encoder.hpp"
#include "training/slot_transfer.hpp"

namespace ll::training {

/// Distribution of non-negative errors in embedding units (balances / 2^balance_bits, V / max|V|).
struct ErrorDistribution {
  double max_abs = 0, mean_abs = 0;
  double p50 = 0, p90 = 0, p99 = 0, p999 = 0;  ///< the smallest error that this share of the transfers does not exceed
  std::uint64_t zeros = 0;                     ///< transfers with error exactly 0
  double max_relative = 0;                     ///< largest error / ||E(S after)||_inf
};

/// One arithmetic: float32, float64 (both with V as it left the network) or quantised (V^, exact integers).
struct PassReport {
  std::string name;
  ErrorDistribution errors{};
  double drift = 0;                   ///< ||E(S_0) + all deltas - E(S_end)||_inf, embedding units
  std::vector<double> drift_curve{};  ///< the same after each of EvaluationReport::drift_at transfers
  /// Transfers by error: [0] exactly 0, [1 + b] with floor(log10 error) = kFirstDecade + b; ends take what is beyond.
  static constexpr int kFirstDecade = -22, kDecades = 24;
  std::array<std::uint64_t, 1 + kDecades> histogram{};
};

struct EvaluationReport {
  std::uint64_t transfers = 0;
  std::array<PassReport, 3> passes;  ///< float32, float64, quantised
  std::vector<std::uint64_t> drift_at;
  double seconds = 0;
};

/// Additive error of every transfer in three arithmetics.
///
/// The error of transfer t is ||E(S_t) - (E(S_{t-1}) + delta_t)||_inf, with both states encoded from scratch, the delta
/// computed from the amount, and all of it in the arithmetic of the pass; no result of one pass reaches another.
///   float32, float64   E = sum_i (b_i / 2^balance_bits) v_i with v = V / max|V|, delta = (a / 2^balance_bits)(v_r -
///   v_s),
///                      summed in slot order; b_i, a and v rounded to the type first; the difference taken in it too
///   quantised          QuantizedEncoder::embed and ::delta, int64; divided by 2^scale_bits for the report
///
/// v      [N, D] row-major: V before quantisation (Encoder::directions)
/// start  [N] balances before the first transfer
/// Threads share the transfers out (base/parallel.hpp); the result does not depend on their number.
/// Throws Error{invalid_argument} for sizes that disagree, Error{unsatisfied} that names the first invalid transfer
/// (same slot twice, amount 0, overdraft, balance of 2^balance_bits or more), Error{interrupted} on a stop.
EvaluationReport evaluate(const model::QuantizedEncoder& encoder, std::span<const double> v,
                          std::span<const std::uint64_t> start, std::span<const SlotTransfer> transfers,
                          Progress& progress);

/// Writes evaluation.json, errors.csv (quantiles of each pass), histogram.csv, and errors.svg where gnuplot is
/// installed. Returns what is worth telling the user, e.g. that gnuplot is missing; empty when there is nothing.
std::string write_evaluation(const std::filesystem::path& folder, const EvaluationReport& report);

}  // namespace ll::training
