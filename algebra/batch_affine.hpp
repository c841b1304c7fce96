#pragma once
#include <array>
#include <memory>
#include <span>

#include "algebra/g1.hpp"

namespace ll::algebra {

/// Affine sums of G1 points that share one inversion per few hundred: about 6 products each instead of the 11 of a
/// mixed sum. Complete: identities, equal and opposite points are fine. Time depends on the points.
///
/// add() copies the points, and writes the sum through `out` no later than the next flush(). So a caller may let `out`
/// overwrite points that it has passed already, but must flush() before it reads a sum.
class BatchAdder {
 public:
  BatchAdder();
  void add(const G1Affine& p, const G1Affine& q, G1Affine* out) {
    Sum& sum = (*pending_)[count_];
    sum.p = p;
    sum.q = q;
    sum.out = out;
    sum.denominator = q.x - p.x;
    if (sum.denominator.is_zero()) [[unlikely]]
      sum.denominator = equal_x_denominator(p, q);
    sum.before = product_;
    if (!sum.denominator.is_zero()) [[likely]]
      product_ *= sum.denominator;
    if (++count_ == kBatch) flush();
  }
  void flush();

  /// Doubles each point in place; flushes nothing.
  void double_all(std::span<G1Affine> points);

 private:
  static constexpr std::size_t kBatch = 256;  // about 70 KiB; the inversion then costs less than a product per sum
  struct Sum {
    G1Affine p, q;
    /// Of the slope: q.x - p.x, or 2y when p = q. Zero exactly where no slope is wanted: q = -p, or both are the
    /// identity. (One identity beside a point gives a denominator that is not used.)
    Fq denominator;
    Fq before;  // product of the denominators in front
    G1Affine* out;
  };
  static Fq equal_x_denominator(const G1Affine& p, const G1Affine& q) noexcept {
    return p.y == q.y ? p.y.doubled() : Fq();
  }

  std::unique_ptr<std::array<Sum, kBatch>> pending_;
  std::size_t count_ = 0;
  Fq product_ = Fq::one();
};

}  // namespace ll::algebra
