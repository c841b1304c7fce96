#pragma once
#include "base/random.hpp"
#include "model/quantized_encoder.hpp"

namespace ll::model {

/// Integers all over the allowed range, extremes included: an encoder for tests that need no training.
inline QuantizedEncoder random_encoder(EncoderShape shape, std::uint64_t seed) {
  SeededRng rng(seed);
  const int bound = 1 << shape.v_frac_bits;
  std::vector<std::uint32_t> ids(shape.accounts);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<std::uint32_t>(1000 + 7 * i);
  std::vector<std::int16_t> vhat(shape.accounts * shape.dims);
  for (auto& v : vhat) v = static_cast<std::int16_t>(static_cast<int>(rng.below(2u * bound + 1)) - bound);
  for (std::size_t i = 0; i < shape.accounts; ++i) {  // one column at each end of the range: the largest |e^|
    vhat[i * shape.dims] = static_cast<std::int16_t>(bound);
    if (shape.dims > 1) vhat[i * shape.dims + 1] = static_cast<std::int16_t>(-bound);
  }
  return QuantizedEncoder(shape, std::move(ids), std::move(vhat));
}

inline std::vector<std::uint64_t> random_balances(const EncoderShape& shape, Rng& rng) {
  std::vector<std::uint64_t> balances(shape.accounts);
  for (auto& balance : balances) balance = rng.below(std::uint64_t{1} << shape.balance_bits);
  return balances;
}

}  // namespace ll::model
