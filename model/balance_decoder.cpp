#include "model/balance_decoder.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"

namespace ll::model {
namespace {

/// Lower Cholesky factor of the Gram matrix V^ V^^T [N, N], row-major; nullopt when a pivot is not positive.
std::optional<std::vector<double>> gram_cholesky(const QuantizedEncoder& encoder) {
  const std::size_t n = encoder.shape().accounts, d = encoder.shape().dims;
  std::vector<double> l(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      std::int64_t dot = 0;  // < 2^16·2^28: exact
      for (std::size_t k = 0; k < d; ++k) dot += std::int64_t{encoder.row(i)[k]} * encoder.row(j)[k];
      l[i * n + j] = static_cast<double>(dot);
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    const double diagonal = l[i * n + i];
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = l[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= l[i * n + k] * l[j * n + k];
      if (j < i) {
        l[i * n + j] = sum / l[j * n + j];
      } else {
        if (!(sum > 1e-12 * diagonal)) return std::nullopt;  // row i depends on the rows above it
        l[i * n + i] = std::sqrt(sum);
      }
    }
  }
  return l;
}

}  // namespace

std::optional<BalanceDecoder> BalanceDecoder::of(const QuantizedEncoder& encoder) {
  auto factor = gram_cholesky(encoder);
  if (!factor) return std::nullopt;
  return BalanceDecoder(encoder, std::move(*factor));
}

std::optional<std::vector<std::uint64_t>> BalanceDecoder::decode(std::span<const std::int64_t> embedding) const {
  const EncoderShape& shape = encoder_->shape();
  const std::size_t n = shape.accounts;
  LL_CHECK(embedding.size() == shape.dims, "decode: embedding of {} numbers, {} expected", embedding.size(),
           shape.dims);
  const std::vector<double>& l = factor_;
  std::vector<std::uint64_t> balances(n, 0);
  std::vector<double> x(n);
  for (std::size_t i = 0; i < n; ++i) {  // V^ e^, then the two triangular solves
    for (std::size_t k = 0; k < shape.dims; ++k) {
      x[i] += static_cast<double>(encoder_->vhat()[i * shape.dims + k]) * static_cast<double>(embedding[k]);
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) x[i] -= l[i * n + j] * x[j];
    x[i] /= l[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t j = i + 1; j < n; ++j) x[i] -= l[j * n + i] * x[j];
    x[i] /= l[i * n + i];
  }
  const double bound = std::ldexp(1.0, static_cast<int>(shape.balance_bits));
  for (std::size_t i = 0; i < n; ++i) {
    const double rounded = std::round(x[i]);
    if (!(rounded >= 0 && rounded < bound)) return std::nullopt;
    balances[i] = static_cast<std::uint64_t>(rounded);
  }
  if (!std::ranges::equal(encoder_->embed(balances), embedding)) return std::nullopt;
  return balances;
}

}  // namespace ll::model
