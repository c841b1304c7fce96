#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace ll::model {

/// y [S, D] = x [S, N] M [N, D] for one M and many rows x: many states embedded at once.
///
/// Each y[s, k] is 0 + x[s, 0] M[0, k] + x[s, 1] M[1, k] + ..., in this order, every product and every sum rounded to
/// Real by itself (no fused multiply-add): the same bits as the plain triple loop, on every machine. With integers
/// whose partial sums stay below 2^53 (EncoderShape) the double one is exact.
template <class Real>
class BatchProduct {
 public:
  /// m [N, D] row-major. Throws Error{invalid_argument} when its size is not N · D or either is 0.
  BatchProduct(std::span<const Real> m, std::size_t rows, std::size_t columns);

  std::size_t rows() const noexcept { return rows_; }
  std::size_t columns() const noexcept { return columns_; }
  /// Writes y [S, D] for x [S, N]; throws Error{invalid_argument} when the sizes disagree.
  void multiply(std::span<const Real> x, std::span<Real> y) const;

 private:
  std::size_t rows_, columns_;
  /// M in panels of 64 bytes of columns, each panel [N][64 bytes], the last filled up with zeros: a panel stays in the
  /// first-level cache, where rows of 4096 bytes would all fall into one of its sets.
  std::vector<Real> panels_;
};

extern template class BatchProduct<float>;
extern template class BatchProduct<double>;

}  // namespace ll::model
