#include "algebra/batch_affine.hpp"

#include "algebra/batch_inverse.hpp"

namespace ll::algebra {

BatchAdder::BatchAdder() {
  pending_.reserve(kBatch);
  denominators_.reserve(kBatch);
  scratch_.reserve(kBatch);
}

void BatchAdder::flush() {
  // The slope's denominator is x_q - x_p, or 2y when p = q. It is zero exactly where no slope is wanted: q = -p, or
  // both are the identity. One identity beside a point gives a denominator that is not used.
  denominators_.clear();
  for (const Sum& sum : pending_) {
    const bool doubling = sum.p == sum.q;
    denominators_.push_back(doubling ? sum.p.y.doubled() : sum.q.x - sum.p.x);
  }
  batch_inverse_serial_vartime(std::span<Fq>(denominators_), scratch_);
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    const auto& [p, q, out] = pending_[i];
    if (p.is_identity()) {
      *out = q;
    } else if (q.is_identity()) {
      *out = p;
    } else if (denominators_[i].is_zero()) {
      *out = G1Affine::identity();
    } else {
      Fq numerator = q.y - p.y;
      if (numerator.is_zero() && p == q) {
        const Fq square = p.x.square();
        numerator = square.doubled() + square;
      }
      const Fq slope = numerator * denominators_[i], x = slope.square() - p.x - q.x;
      *out = {x, slope * (p.x - x) - p.y};
    }
  }
  pending_.clear();
}

}  // namespace ll::algebra
