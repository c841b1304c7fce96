#include "algebra/pairing.hpp"

#include <bit>
#include <vector>

#include "algebra/batch_inverse.hpp"

namespace ll::algebra {
namespace {

/// The BN parameter x: q and r are polynomials in it (docs/bn254.md).
constexpr std::uint64_t kX = 4965661367192848881;

/// One pair on its way through the Miller loop. A line through points of the twist, moved to the curve over F_q¹² and
/// evaluated at P, is yP - slope·xP·w + (slope·xT - yT)·w³. Divided by yP (a factor of F_q, which the final power
/// sends to one) it needs only these two numbers of P.
struct MillerPair {
  Fq minus_x_over_y, one_over_y;
  G2Affine q, t;  // t runs through multiples of q
};

/// f times the line 1 + b·w + c·w³, where b·w + c·w³ = (b + c·v)·w.
Fq12 times_line(const Fq12& f, const Fq2& b, const Fq2& c) {
  return {f.c0 + f.c1.times_sparse(b, c).times_v(), f.c1 + f.c0.times_sparse(b, c)};
}

/// Multiplies into f the lines with these slopes through each t, and moves each t to the third point's mirror image,
/// whose x is slope² - x_t - x_other.
void take_lines(Fq12& f, std::vector<MillerPair>& pairs, std::span<const Fq2> slopes, std::span<const Fq2> other_x) {
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    MillerPair& pair = pairs[i];
    const Fq2& slope = slopes[i];
    f = times_line(f, slope * pair.minus_x_over_y, (slope * pair.t.x - pair.t.y) * pair.one_over_y);
    const Fq2 x = slope.square() - pair.t.x - other_x[i];
    pair.t = {x, slope * (pair.t.x - x) - pair.t.y};
  }
}

class MillerLoop {
 public:
  explicit MillerLoop(std::vector<MillerPair> pairs)
      : pairs_(std::move(pairs)), slopes_(pairs_.size()), other_x_(pairs_.size()) {}

  Fq12 run() {
    constexpr u128 kLoop = u128{6} * kX + 2;  // 65 bits; the Q steps of the NAF would save little
    for (int bit = 63; bit >= 0; --bit) {
      if (bit != 63) f_ = f_.square();
      double_all();
      if ((kLoop >> bit & 1) != 0) add_all([](const G2Affine& q) { return q; });
    }
    add_all([](const G2Affine& q) { return frobenius(q); });
    add_all([](const G2Affine& q) { return -frobenius(frobenius(q)); });
    return f_;
  }

 private:
  /// The q-th power map, carried to the twist.
  static G2Affine frobenius(const G2Affine& q) {
    return {q.x.conjugate() * frobenius_coefficient(2), q.y.conjugate() * frobenius_coefficient(3)};
  }

  void double_all() {  // slope 3x²/2y
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      slopes_[i] = pairs_[i].t.y.doubled();
      other_x_[i] = pairs_[i].t.x;
    }
    batch_inverse_serial_vartime(std::span<Fq2>(slopes_));
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      const Fq2 square = pairs_[i].t.x.square();
      slopes_[i] *= square.doubled() + square;
    }
    take_lines(f_, pairs_, slopes_, other_x_);
  }

  /// Adds addend(q) to each t; for points of order r the two never share x inside the loop.
  template <class Addend>
  void add_all(const Addend& addend) {
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      other_x_[i] = addend(pairs_[i].q).x;
      slopes_[i] = other_x_[i] - pairs_[i].t.x;
    }
    batch_inverse_serial_vartime(std::span<Fq2>(slopes_));
    for (std::size_t i = 0; i < pairs_.size(); ++i) slopes_[i] *= addend(pairs_[i].q).y - pairs_[i].t.y;
    take_lines(f_, pairs_, slopes_, other_x_);
  }

  std::vector<MillerPair> pairs_;
  std::vector<Fq2> slopes_, other_x_;
  Fq12 f_ = Fq12::one();
};

Fq12 miller_loop(std::span<const std::pair<G1Affine, G2Affine>> pairs) {
  std::vector<MillerPair> work;
  for (const auto& [p, q] : pairs) {
    if (p.is_identity() || q.is_identity()) continue;  // the factor one
    const Fq one_over_y = *p.y.inverse();              // y != 0: r is odd, so no point has order 2
    work.push_back({-(p.x * one_over_y), one_over_y, q, q});
  }
  if (work.empty()) return Fq12::one();
  return MillerLoop(std::move(work)).run();
}

/// f^x for f in the cyclotomic subgroup.
Fq12 power_of_x(const Fq12& f) {
  Fq12 result = f;
  for (int bit = std::bit_width(kX) - 2; bit >= 0; --bit) {
    result = result.cyclotomic_square();
    if ((kX >> bit & 1) != 0) result *= f;
  }
  return result;
}

}  // namespace

Fq12 final_exponentiation(const Fq12& f) {
  Fq12 g = f.conjugate() * *f.inverse();  // f^(q⁶ - 1)
  g = g.frobenius(2) * g;                 // ^(q² + 1): now cyclotomic, and conjugate() inverts
  // ^((q⁴ - q² + 1)/r), written in base q with coefficients that are polynomials in x.
  const Fq12 gx = power_of_x(g), gxx = power_of_x(gx), gxxx = power_of_x(gxx);
  const Fq12 y0 = g.frobenius(1) * g.frobenius(2) * g.frobenius(3);
  const Fq12 y1 = g.conjugate();
  const Fq12 y2 = gxx.frobenius(2);
  const Fq12 y3 = gx.frobenius(1).conjugate();
  const Fq12 y4 = (gx * gxx.frobenius(1)).conjugate();
  const Fq12 y5 = gxx.conjugate();
  const Fq12 y6 = (gxxx * gxxx.frobenius(1)).conjugate();
  // y0·y1²·y2⁶·y3¹²·y4¹⁸·y5³⁰·y6³⁶ by a vectorial addition chain
  Fq12 t0 = y6.cyclotomic_square() * y4 * y5;
  Fq12 t1 = y3 * y5 * t0;
  t0 *= y2;
  t1 = (t1.cyclotomic_square() * t0).cyclotomic_square();
  t0 = (t1 * y1).cyclotomic_square();
  t1 *= y0;
  return t0 * t1;
}

Fq12 pairing(const G1Affine& p, const G2Affine& q) {
  const std::pair<G1Affine, G2Affine> pair{p, q};
  return final_exponentiation(miller_loop({&pair, 1}));
}

bool pairing_product_is_one(std::span<const std::pair<G1Affine, G2Affine>> pairs) {
  return final_exponentiation(miller_loop(pairs)) == Fq12::one();
}

}  // namespace ll::algebra
