#include "model/batch_product.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.hpp"

// Two versions of the inner function, chosen when the program is loaded; without FMA, so both give the same bits.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define LL_VERSIONS __attribute__((target_clones("avx2", "default")))
#else
#define LL_VERSIONS
#endif

namespace ll::model {
namespace {

constexpr std::size_t kRowsAtOnce = 4;
template <class Real>
constexpr std::size_t kPanel = 64 / sizeof(Real);

/// [x_0, .., x_3] [4, n] times one panel [n, kPanel] into out [4, kPanel].
template <class Real>
[[gnu::always_inline]] inline void tile(const Real* x, std::size_t n, const Real* panel, Real* out) {
  constexpr std::size_t kLanes = 32 / sizeof(Real);
  typedef Real Lanes __attribute__((vector_size(32)));  // NOLINT: GCC and clang
  Lanes sums[kRowsAtOnce][2] = {};
  for (std::size_t i = 0; i < n; ++i) {
    Lanes low, high;
    std::memcpy(&low, panel + i * 2 * kLanes, sizeof low);
    std::memcpy(&high, panel + i * 2 * kLanes + kLanes, sizeof high);
    for (std::size_t r = 0; r < kRowsAtOnce; ++r) {
      sums[r][0] += x[r * n + i] * low;
      sums[r][1] += x[r * n + i] * high;
    }
  }
  std::memcpy(out, sums, sizeof sums);
}

LL_VERSIONS void tile_of(const float* x, std::size_t n, const float* panel, float* out) { tile(x, n, panel, out); }
LL_VERSIONS void tile_of(const double* x, std::size_t n, const double* panel, double* out) { tile(x, n, panel, out); }

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
      tile_of(from, rows_, panels_.data() + column * rows_, out.data());
      const std::size_t width = std::min(kWidth, columns_ - column);
      for (std::size_t r = 0; r < used; ++r)
        std::copy_n(out.data() + r * kWidth, width, y.data() + (row + r) * columns_ + column);
    }
  }
}

template class BatchProduct<float>;
template class BatchProduct<double>;

}  // namespace ll::model
