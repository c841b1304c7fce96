#include "algebra/pairing.hpp"

#include <bit>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "algebra/batch_inverse.hpp"

namespace ll::algebra {
namespace {

/// The BN parameter x: q and r are polynomials in it (docs/bn254.md).
constexpr std::uint64_t kX = 4965661367192848881;

/// What a line of the Miller loop is before P is known: its slope, and slope·xT - yT, of a point T of the twist.
struct Line {
  Fq2 slope, offset;
};

/// The lines of one Q, in the loop's order.
using Lines = std::vector<Line>;

/// Doublings and additions of the loop in order: each calls take(which), which = 0 for a doubling of T, 1 for T + Q,
/// 2 for T + pi(Q), 3 for T - pi²(Q); square() comes in front of each doubling but the first.
template <class Square, class Take>
void for_each_step(const Square& square, const Take& take) {
  constexpr u128 kLoop = u128{6} * kX + 2;  // 65 bits; the Q steps of the NAF would save little
  for (int bit = 63; bit >= 0; --bit) {
    if (bit != 63) square();
    take(0);
    if ((kLoop >> bit & 1) != 0) take(1);
  }
  take(2);
  take(3);
}

/// The q-th power map, carried to the twist.
G2Affine frobenius(const G2Affine& q) {
  return {q.x.conjugate() * frobenius_coefficient(2), q.y.conjugate() * frobenius_coefficient(3)};
}

/// The lines of several points, whose slopes share inversions.
std::vector<Lines> lines_of(std::span<const G2Affine> points) {
  const std::size_t n = points.size();
  std::vector<Lines> lines(n);
  std::vector<G2Affine> t(points.begin(), points.end()), other(n);
  std::vector<Fq2> slopes(n);
  for_each_step([] {},
                [&](int which) {
                  for (std::size_t i = 0; i < n; ++i) {
                    if (which == 0) other[i] = t[i];
                    if (which == 1) other[i] = points[i];
                    if (which == 2) other[i] = frobenius(points[i]);
                    if (which == 3) other[i] = -frobenius(frobenius(points[i]));
                    slopes[i] = which == 0 ? t[i].y.doubled() : other[i].x - t[i].x;
                  }
                  // For points of order r, T never meets the other one's x inside the loop.
                  batch_inverse_serial_vartime(std::span<Fq2>(slopes));
                  for (std::size_t i = 0; i < n; ++i) {
                    const Fq2 square = t[i].x.square();  // slope 3x²/2y, or (y2 - y1)/(x2 - x1)
                    slopes[i] *= which == 0 ? square.doubled() + square : other[i].y - t[i].y;
                    const Fq2& slope = slopes[i];
                    lines[i].push_back({slope, slope * t[i].x - t[i].y});
                    const Fq2 x = slope.square() - t[i].x - other[i].x;
                    t[i] = {x, slope * (t[i].x - x) - t[i].y};
                  }
                });
  return lines;
}

/// Verifiers pair with the same two points again and again: the lines of the last few points are kept.
class KeptLines {
 public:
  std::vector<std::shared_ptr<const Lines>> of(std::span<const G2Affine> points) {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<const Lines>> found(points.size());
    std::vector<G2Affine> missing;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < points.size(); ++i) {
      for (const auto& [point, lines] : kept_) {
        if (point == points[i]) found[i] = lines;
      }
      if (found[i]) continue;
      missing.push_back(points[i]);
      places.push_back(i);
    }
    std::vector<Lines> made = lines_of(missing);
    for (std::size_t i = 0; i < missing.size(); ++i) {
      found[places[i]] = std::make_shared<const Lines>(std::move(made[i]));
      kept_.emplace_front(missing[i], found[places[i]]);
    }
    while (kept_.size() > kMost) kept_.pop_back();
    return found;
  }

 private:
  static constexpr std::size_t kMost = 8;  // of 11 KiB each
  std::mutex mutex_;
  std::deque<std::pair<G2Affine, std::shared_ptr<const Lines>>> kept_;
};

/// A line through points of the twist, moved to the curve over F_q¹² and evaluated at P, is
/// yP - slope·xP·w + (slope·xT - yT)·w³. Divided by yP (a factor of F_q, which the final power sends to one) it needs
/// only these two numbers of P.
struct MillerPair {
  Fq minus_x_over_y, one_over_y;
  std::shared_ptr<const Lines> lines;
};

/// f times the line 1 + b·w + c·w³, where b·w + c·w³ = (b + c·v)·w.
Fq12 times_line(const Fq12& f, const Fq2& b, const Fq2& c) {
  return {f.c0 + f.c1.times_sparse(b, c).times_v(), f.c1 + f.c0.times_sparse(b, c)};
}

Fq12 miller_loop(std::span<const std::pair<G1Affine, G2Affine>> pairs) {
  std::vector<MillerPair> work;
  std::vector<G2Affine> points;
  for (const auto& [p, q] : pairs) {
    if (p.is_identity() || q.is_identity()) continue;  // the factor one
    const Fq one_over_y = *p.y.inverse();              // y != 0: r is odd, so no point has order 2
    work.push_back({-(p.x * one_over_y), one_over_y, nullptr});
    points.push_back(q);
  }
  Fq12 f = Fq12::one();
  if (work.empty()) return f;
  static KeptLines kept;
  const auto lines = kept.of(points);
  for (std::size_t i = 0; i < work.size(); ++i) work[i].lines = lines[i];
  std::size_t step = 0;
  for_each_step([&] { f = f.square(); },
                [&](int) {
                  for (const MillerPair& pair : work) {
                    const Line& line = (*pair.lines)[step];
                    f = times_line(f, line.slope * pair.minus_x_over_y, line.offset * pair.one_over_y);
                  }
                  ++step;
                });
  return f;
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
