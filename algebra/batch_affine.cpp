#include "algebra/batch_affine.hpp"

#include <algorithm>

namespace ll::algebra {

BatchAdder::BatchAdder() : pending_(std::make_unique<std::array<Sum, kBatch>>()) {}

void BatchAdder::flush() {
  if (count_ == 0) return;
  Fq inverse = *product_.inverse();
  for (std::size_t i = count_; i-- > 0;) {
    const Sum& sum = (*pending_)[i];
    const G1Affine &p = sum.p, &q = sum.q;
    if (sum.denominator.is_zero()) [[unlikely]] {
      *sum.out = G1Affine::identity();
      continue;
    }
    const Fq denominator_inverse = inverse * sum.before;
    inverse *= sum.denominator;
    if (p.y.is_zero()) [[unlikely]] {  // no point has y = 0, so p is the identity
      *sum.out = q;
    } else if (q.y.is_zero()) [[unlikely]] {
      *sum.out = p;
    } else {
      Fq numerator = q.y - p.y;
      if (p.x == q.x) [[unlikely]] {
        const Fq square = p.x.square();
        numerator = square.doubled() + square;
      }
      const Fq slope = numerator * denominator_inverse, x = slope.square() - p.x - q.x;
      *sum.out = {x, slope * (p.x - x) - p.y};
    }
  }
  count_ = 0;
  product_ = Fq::one();
}

void BatchAdder::double_all(std::span<G1Affine> points) {
  std::array<Fq, kBatch> before;
  while (!points.empty()) {
    const std::size_t count = std::min(points.size(), before.size());
    Fq product = Fq::one();
    for (std::size_t i = 0; i < count; ++i) {
      before[i] = product;
      if (!points[i].y.is_zero()) [[likely]]
        product *= points[i].y.doubled();
    }
    Fq inverse = *product.inverse();
    for (std::size_t i = count; i-- > 0;) {
      G1Affine& p = points[i];
      if (p.y.is_zero()) [[unlikely]]
        continue;
      const Fq denominator = p.y.doubled(), square = p.x.square();
      const Fq slope = (square.doubled() + square) * (inverse * before[i]);
      inverse *= denominator;
      const Fq x = slope.square() - p.x.doubled();
      p = {x, slope * (p.x - x) - p.y};
    }
    points = points.subspan(count);
  }
}

}  // namespace ll::algebra
