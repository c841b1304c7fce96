#pragma once
#include "algebra/kernels/lanes.hpp"
#include "algebra/kernels/table.hpp"

namespace ll::algebra::kernels {

/// Affine sums, kWidth at a time. A lane is a chain of its own of products of denominators; two vectors run side by
/// side, which makes 2 kWidth chains that share one inversion.
///
/// Products divide by 2^260 while the memory form has 2^256, so each product of a chain drifts by a factor of 16
/// further; the inverse drifts back by as many. The chain's inverse I satisfies I P = 2^256 (raw integers, products by
/// 2^260), so that I times the product in front times a numerator is the slope in memory form.
template <class Machine>
struct AffineSums {
  using F = FieldLanes<Machine, FqModulus>;
  using Value = typename F::Value;
  using Vector = typename F::Vector;
  static constexpr int kWidth = Machine::kWidth;
  /// Vectors that share an inversion, which costs some 1,000 products in lanes; their scratch stays in the L2 cache.
  static constexpr int kVectors = 256;

  /// The coordinates of kWidth pairs.
  struct Operands {
    const Word* left[kWidth];
    const Word* right[kWidth];
    Vector x1[4], x2[4];
    Vector regular;  // all ones in the lanes whose slope is (y2 - y1)/(x2 - x1)
  };

  LL_INLINE void load(const Word* in, const Pair* pairs, std::size_t count, std::size_t first, Operands& o) {
    for (int lane = 0; lane < kWidth; ++lane) {
      const std::size_t i = first + lane < count ? first + lane : count - 1;  // lanes too many repeat the last pair
      o.left[lane] = in + 8 * std::size_t{pairs[i].left & ~Pair::kNegated};
      o.right[lane] = in + 8 * std::size_t{pairs[i].right & ~Pair::kNegated};
    }
    Machine::load_rows(o.left, o.x1);
    Machine::load_rows(o.right, o.x2);
    const Vector different = (o.x1[0] ^ o.x2[0]) | (o.x1[1] ^ o.x2[1]) | (o.x1[2] ^ o.x2[2]) | (o.x1[3] ^ o.x2[3]);
    const Vector some1 = o.x1[0] | o.x1[1] | o.x1[2] | o.x1[3], some2 = o.x2[0] | o.x2[1] | o.x2[2] | o.x2[3];
    o.regular = (Vector)((different != 0) & (some1 != 0) & (some2 != 0));
  }

  /// x2 - x1, one in the lanes left out: below 2 p.
  LL_INLINE Value denominator(const Operands& o) {
    const Value one = {Vector{} + 1, Vector{}, Vector{}, Vector{}, Vector{}};
    return F::select(o.regular, F::template sub<1>(F::from_words(o.x2), F::from_words(o.x1)), one);
  }

  /// y of the points, p - y where the sign is set: at most p.
  LL_INLINE Value signed_y(const Word* const (&points)[kWidth], const Vector& sign) {
    const Word* rows[kWidth];
    for (int lane = 0; lane < kWidth; ++lane) rows[lane] = points[lane] + 4;
    Vector w[4];
    Machine::load_rows(rows, w);
    const Value y = F::from_words(w);
    return F::select(sign, F::template sub<1>(Value{}, y), y);
  }

  /// One batch of at most kVectors kWidth pairs; count is not 0.
  static std::size_t batch(const Word* in, const Pair* pairs, std::size_t count, Word* out, std::uint32_t* left_out) {
    const int vectors = static_cast<int>((count + kWidth - 1) / kWidth);
    std::size_t irregular = 0;
    Value before[kVectors];  // product of the denominators in front, in the chain of even or of odd vectors
    Value chain[2];
    const Value one = {Vector{} + 1, Vector{}, Vector{}, Vector{}, Vector{}};
    chain[0] = chain[1] = one;
    for (int v = 0; v < vectors; v += 2) {
      Operands o[2];
      Value d[2];
      for (int n = 0; n < 2; ++n) {
        const std::size_t first = static_cast<std::size_t>(v + n) * kWidth;
        if (first >= count) {
          d[n] = one;
          continue;
        }
        for (std::size_t ahead = first + 4 * kWidth; ahead < first + 5 * kWidth && ahead < count; ++ahead) {
          __builtin_prefetch(in + 8 * std::size_t{pairs[ahead].left & ~Pair::kNegated});
          __builtin_prefetch(in + 8 * std::size_t{pairs[ahead].right & ~Pair::kNegated});
        }
        load(in, pairs, count, first, o[n]);
        d[n] = denominator(o[n]);
        before[v + n] = chain[n];
        if (Machine::any(~o[n].regular)) [[unlikely]] {
          for (int lane = 0; lane < kWidth; ++lane) {
            if (o[n].regular[lane] == 0 && first + lane < count)
              left_out[irregular++] = static_cast<std::uint32_t>(first + lane);
          }
        }
      }
      F::template mul<2>(chain, chain, d);
    }
    Word inverses[2 * kWidth * 4];
    for (int n = 0; n < 2; ++n) F::store(inverses + n * kWidth * 4, F::template canonical<2>(chain[n]));
    invert_times_16(inverses, 2 * kWidth);
    for (int n = 0; n < 2; ++n) chain[n] = F::load(inverses + n * kWidth * 4);

    for (int v = (vectors + 1) / 2 * 2 - 2; v >= 0; v -= 2) {
      const int used = v + 1 < vectors ? 2 : 1;
      Operands o[2];
      Value d[2], x1[2], x2[2], y1[2], rise[2], inverse[2], previous[2];
      for (int n = 0; n < 2; ++n) {
        const int at = n < used ? v + n : v;
        const std::size_t first = static_cast<std::size_t>(at) * kWidth;
        load(in, pairs, count, first, o[n]);
        d[n] = n < used ? denominator(o[n]) : one;
        previous[n] = before[at];
        Vector sign1{}, sign2{};
        for (int lane = 0; lane < kWidth; ++lane) {
          const std::size_t i = first + lane < count ? first + lane : count - 1;
          sign1[lane] = Word{0} - (pairs[i].left >> 31);
          sign2[lane] = Word{0} - (pairs[i].right >> 31);
        }
        x1[n] = F::from_words(o[n].x1);
        x2[n] = F::from_words(o[n].x2);
        y1[n] = signed_y(o[n].left, sign1);
        rise[n] = F::template sub<1>(signed_y(o[n].right, sign2), y1[n]);  // below 2 p
      }
      F::template mul<2>(inverse, chain, previous);
      F::template mul<2>(chain, chain, d);
      Value slope[2], slope16[2], square[2], x[2], run[2], y[2];
      F::template mul<2>(slope, rise, inverse);  // below 2 p, as all products here
      for (int n = 0; n < 2; ++n) slope16[n] = F::times16(slope[n]);
      F::template mul<2>(square, slope16, slope);
      for (int n = 0; n < 2; ++n) {
        x[n] = F::template canonical<4>(F::template sub2<2>(square[n], x1[n], x2[n]));
        run[n] = F::template sub<1>(x1[n], x[n]);
      }
      F::template mul<2>(y, slope16, run);
      for (int n = 0; n < used; ++n) {
        Word *to_x[kWidth], *to_y[kWidth];
        for (int lane = 0; lane < kWidth; ++lane) {
          const std::size_t first = static_cast<std::size_t>(v + n) * kWidth;
          const std::size_t i = first + lane < count ? first + lane : count - 1;
          to_x[lane] = out + 8 * std::size_t{pairs[i].out};
          to_y[lane] = to_x[lane] + 4;
        }
        Vector words[4];
        F::to_words(x[n], words);
        Machine::store_rows(to_x, words);
        F::to_words(F::template canonical<4>(F::template sub<1>(y[n], y1[n])), words);
        Machine::store_rows(to_y, words);
      }
    }
    return irregular;
  }

  static std::size_t run(const Word* in, const Pair* pairs, std::size_t count, Word* out, std::uint32_t* left_out) {
    constexpr std::size_t kBatch = static_cast<std::size_t>(kVectors) * kWidth;
    std::size_t total = 0;
    for (std::size_t first = 0; first < count; first += kBatch) {
      const std::size_t size = count - first < kBatch ? count - first : kBatch;
      const std::size_t found = batch(in, pairs + first, size, out, left_out + total);
      for (std::size_t i = 0; i < found; ++i) left_out[total + i] += static_cast<std::uint32_t>(first);
      total += found;
    }
    return total;
  }
};

}  // namespace ll::algebra::kernels
