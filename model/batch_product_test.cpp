#include "model/batch_product.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/random.hpp"
#include "model/test_encoder.hpp"

namespace ll::model {
namespace {

template <class Real>
class BatchProductOf : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(BatchProductOf, Reals);

TYPED_TEST(BatchProductOf, HasTheBitsOfThePlainLoop) {
  using Real = TypeParam;
  SeededRng rng(1);
  const auto random = [&](std::size_t size) {
    std::vector<Real> values(size);
    for (Real& value : values) value = static_cast<Real>(double(std::int64_t(rng.next_u64())) / 3e18);
    return values;
  };
  for (const auto& [count, n, d] :
       {std::array<std::size_t, 3>{9, 128, 512}, {1, 1, 1}, {4, 3, 17}, {7, 20, 8}, {0, 2, 2}}) {
    const auto x = random(count * n), m = random(n * d);
    std::vector<Real> y(count * d, Real{77});
    BatchProduct<Real>(m, n, d).multiply(x, y);
    for (std::size_t s = 0; s < count; ++s) {
      for (std::size_t k = 0; k < d; ++k) {
        volatile Real sum = 0;  // volatile: no fusing, no reordering
        for (std::size_t i = 0; i < n; ++i) {
          volatile Real product = x[s * n + i] * m[i * d + k];
          sum = sum + product;
        }
        ASSERT_EQ(y[s * d + k], sum) << count << " " << n << " " << d;
      }
    }
  }
}

TEST(BatchProduct, IsExactOnTheEncodersIntegers) {
  const EncoderShape shape;  // the largest: |e| reaches 2^53
  const QuantizedEncoder encoder = random_encoder(shape, 2);
  const std::vector<double> v(encoder.vhat().begin(), encoder.vhat().end());
  const BatchProduct<double> product(v, shape.accounts, shape.dims);
  SeededRng rng(3);
  std::vector<std::vector<std::uint64_t>> states = {std::vector<std::uint64_t>(shape.accounts, 0xffffffff)};
  for (int i = 0; i < 20; ++i) states.push_back(random_balances(shape, rng));
  std::vector<double> x, y(states.size() * shape.dims);
  for (const auto& state : states) x.insert(x.end(), state.begin(), state.end());
  product.multiply(x, y);
  for (std::size_t s = 0; s < states.size(); ++s) {
    const auto e = encoder.embed(states[s]);
    for (std::size_t k = 0; k < shape.dims; ++k) ASSERT_EQ(y[s * shape.dims + k], double(e[k]));
  }
}

TEST(BatchProduct, RefusesSizesThatDisagree) {
  const std::vector<double> m(6);
  EXPECT_THROW(BatchProduct<double>(m, 2, 4), Error);
  EXPECT_THROW(BatchProduct<double>({}, 0, 4), Error);
  const BatchProduct<double> product(m, 2, 3);
  std::vector<double> y(3);
  EXPECT_THROW(product.multiply(std::vector<double>(3), y), Error);
  EXPECT_THROW(product.multiply(std::vector<double>(4), y), Error);
}

}  // namespace
}  // namespace ll::model
