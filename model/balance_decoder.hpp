#pragma once
#include <optional>
#include <span>
#include <vector>

#include "model/quantized_encoder.hpp"

namespace ll::model {

/// Balances from embeddings by an exact solve: V^ V^^T is factored once, each state is two triangular solves.
class BalanceDecoder {
 public:
  /// nullopt when V^ has not full row rank. The encoder must live as long.
  static std::optional<BalanceDecoder> of(const QuantizedEncoder& encoder);

  /// The balances [N] that embed to exactly this e^ [D]: least squares in float64, rounded, and checked by embedding
  /// them again. nullopt when no such balances exist or when rounding missed them. Throws Error{invalid_argument} for
  /// another size.
  std::optional<std::vector<std::uint64_t>> decode(std::span<const std::int64_t> embedding) const;

 private:
  BalanceDecoder(const QuantizedEncoder& encoder, std::vector<double> factor)
      : encoder_(&encoder), factor_(std::move(factor)) {}

  const QuantizedEncoder* encoder_;
  std::vector<double> factor_;  // lower Cholesky factor of the Gram matrix [N, N], row-major
};

}  // namespace ll::model
