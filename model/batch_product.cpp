#include "model/batch_product.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/cpu_versions.hpp"
#include "base/error.hpp"

namespace ll::model {
namespace {

constexpr std::size_t kRowsAtOnce = 4;
template <class Real>
constexpr std::size_t kPanel = 64 / sizeof(Real);

/// Four rows of x [4, n] times one panel [n, kPanel], into four rows of kPanel numbers, `stride` apart.
template <class Real>
[[gnu::always_inline]] inline void tile(const Real* x, std::size_t n, const Real* panel, Real* out,
                                        std::size_t stride) {
  constexpr std::size_t kLanes = 32 / sizeof(Real);
  typedef Real Lanes __attribute__((vector_size(32)));  // NOLINT: GCC and clang
  Lanes sums[kRowsAtOnce][2];
  for (auto& row : sums) row[0] = row[1] = Lanes{};
  for (std::size_t i = 0; i < n; ++i) {
    Lanes low, high;
    std::memcpy(&low, panel + i * 2 * kLanes, sizeof low);
    std::memcpy(&high, panel + i * 2 * kLanes + kLanes, sizeof high);
    for (std::size_t r = 0; r < kRowsAtOnce; ++r) {
      sums[r][0] += x[r * n + i] * low;
      sums[r][1] += x[r * n + i] * high;
    }
  }
  for (std::size_t r = 0; r < kRowsAtOnce; ++r) std::memcpy(out + r * stride, sums[r], sizeof sums[r]);
}

LL_CPU_VERSIONS void tile_of(const float* x, std::size_t n, const float* panel, float* out, std::size_t stride) {
  tile(x, n, panel, out, stride);
}
LL_CPU_VERSIONS void tile_of(const double* x, std::size_t n, const double* panel, double* out, std::size_t stride) {
  tile(x, n, panel, out, stride);
}

}  // namespace

template <class Real>
BatchProduct<Real>::BatchProduct(std::span<const Real> m, std::size_t rows, std::size_t columns)
    : rows_(rows), columns_(columns) {
  LL_CHECK(rows >= 1 && columns >= 1 && m.size() == rows * columns, "product: a matrix of {} numbers, {} x {} expected",
           m.size(), rows, columns);
  constexpr std::size_t kWidth = kPanel<Real>;
  panels_.resize((columns + kWidth - 1) / kWidth * rows * kWidth);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t k = 0; k < columns; ++k)
      panels_[(k / kWidth * rows + i) * kWidth + k % kWidth] = m[i * columns + k];
}

template <class Real>
void BatchProduct<Real>::multiply(std::span<const Real> x, std::span<Real> y) const {
  const std::size_t count = x.size() / rows_;
  LL_CHECK(x.size() == count * rows_ && y.size() == count * columns_,
           "product: {} numbers into {}, rows of {} into rows of {} expected", x.size(), y.size(), rows_, columns_);
  constexpr std::size_t kWidth = kPanel<Real>;
  std::array<Real, kRowsAtOnce * kWidth> out;
  std::vector<Real> last;  // the rows left over, filled up with zeros
  for (std::size_t row = 0; row < count; row += kRowsAtOnce) {
    const std::size_t used = std::min(kRowsAtOnce, count - row);
    const Real* from = x.data() + row * rows_;
    if (used < kRowsAtOnce) {
      last.assign(kRowsAtOnce * rows_, Real{0});
      std::copy_n(from, used * rows_, last.begin());
      from = last.data();
    }
    for (std::size_t column = 0; column < columns_; column += kWidth) {
      const Real* const panel = panels_.data() + column * rows_;
      Real* const to = y.data() + row * columns_ + column;
      const std::size_t width = std::min(kWidth, columns_ - column);
      if (used == kRowsAtOnce && width == kWidth) {
        tile_of(from, rows_, panel, to, columns_);
        continue;
      }
      tile_of(from, rows_, panel, out.data(), kWidth);
      for (std::size_t r = 0; r < used; ++r) std::copy_n(out.data() + r * kWidth, width, to + r * columns_);
    }
  }
}

template class BatchProduct<float>;
template class BatchProduct<double>;

}  // namespace ll::model
