#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "model/quantized_encoder.hpp"

namespace ll::training {

/// Integer balances from quantised embeddings e^ = V^^T b, by steps alone: no matrix is factored.
///
///   b <- b + c V^ (e^ - V^^T b)      from b = 0, in float64; c: the step size
///
/// After each step b is rounded; it is accepted when the integer residual e^ - V^^T round(b) is exactly 0, so an answer
/// is never wrong: it embeds to e^ (and no other balances do where V^ has rank N). The error b - b_true is multiplied
/// by I - c V^ V^^T a step: with near-orthonormal rows of length L and c = 1 / L^2 it shrinks to about (condition^2 -
/// 1) / 2 of itself. This is Richardson's iteration on the normal equations (Landweber, Amer. J. Math. 73 (1951)).
struct RecoveryCount {
  std::uint64_t states = 0, recovered = 0;
  double mean_steps = 0;        ///< of the states recovered
  std::uint64_t max_steps = 0;  ///< the same
  double seconds = 0;
};

/// States that belong together: an encoder, and balances [count, N] below 2^balance_bits.
struct RecoveryCase {
  std::string name;
  model::QuantizedEncoder encoder;
  std::vector<std::uint64_t> balances;
};

inline constexpr std::uint64_t kMostSteps = 200;

/// 1 / L^2, L^2 the mean square of the lengths of V^'s rows: what needs no knowledge of V^ beyond its scale.
double plain_step(const model::QuantizedEncoder& encoder);
/// 2 / (largest + smallest eigenvalue of V^ V^^T), by power iteration: the best step for one V^.
double best_step(const model::QuantizedEncoder& encoder);

/// V^ of random Gaussian directions with unit rows: the yardstick beside a trained one.
model::QuantizedEncoder gaussian_encoder(const model::EncoderShape& shape, std::uint64_t seed);

/// Recovers every state of a case. Throws Error{invalid_argument} for balances that do not fit, Error{interrupted} on a
/// stop. Threads share the states out; the counts do not depend on their number.
RecoveryCount recover(const RecoveryCase& states, double step, Progress& progress,
                      std::uint64_t most_steps = kMostSteps);

/// The same by one exact solve a state (model::BalanceDecoder); mean_steps and max_steps are 0.
RecoveryCount solve(const RecoveryCase& states, Progress& progress);

/// States that come back when every component of e^ is disturbed by at most 2^log2_amplitude (uniform), or by Gaussian
/// noise of that standard deviation.
struct NoiseRow {
  int log2_amplitude = 0;
  double embedding_units = 0;                           ///< the amplitude, as a real embedding has it
  std::uint64_t states = 0, uniform = 0, gaussian = 0;  ///< tried; recovered exactly under either
};

struct RecoveryReport {
  std::vector<std::pair<std::string, RecoveryCount>> cases;  ///< by steps of plain_step
  RecoveryCount total;                                       ///< of all cases
  RecoveryCount exact_solve;                                 ///< of some states of the first case
  RecoveryCount gaussian_plain, gaussian_best;  ///< random Gaussian directions of the same shape, either step size
  std::vector<NoiseRow> noise;                  ///< of the first case
  int noise_first_failure = 0;  ///< smallest log2_amplitude at which a state was lost under either noise; -1: none was
  double seconds = 0;
};

/// All of it. Random directions and noise are drawn from `seed`; they and the exact solve see up to 500 states, the
/// first case's. Throws Error{invalid_argument} without a case.
RecoveryReport measure_recovery(std::span<const RecoveryCase> cases, std::uint64_t seed, Progress& progress);

/// States [count, N], each balance uniform below 2^balance_bits.
std::vector<std::uint64_t> uniform_states(const model::EncoderShape& shape, std::size_t count, std::uint64_t seed);

}  // namespace ll::training
