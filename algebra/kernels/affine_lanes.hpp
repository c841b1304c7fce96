#pragma once
#include "algebra/kernels/lanes.hpp"
#include "algebra/kernels/table.hpp"

namespace ll::algebra::kernels {

/// Affine sums, kWidth at a time. A lane is a chain of its own of products of denominators; two vectors run side by
/// side, which makes 2 kWidth chains that share one inversion.
///
/// Products divide by 2^260 while the memory form has 2^256, so each product of a chain drifts by a factor of 16
/// further; the inverse drifts back by as many. The chain's inverse I satisfies I P = 4·2^256 (raw integers, products
/// by 2^260), so that I times the product in front times a numerator is four times the slope in memory form: its square
/// is that of the slope in memory form.
template <class Machine>
struct AffineSums {
  using F = FieldLanes<Machine, FqModulus>;
  using Value = typename F::Value;
  using Vector = typename F::Vector;
  static constexpr int kWidth = Machine::kWidth;
  static constexpr int kGroup = 2 * kWidth;  // pairs that run side by side
  /// Groups that share an inversion, which costs some 100 sums; their scratch and points stay in the L2 cache.
  static constexpr int kGroups = 256;
  static constexpr std::size_t kAhead = 2 * kGroup;  // pairs whose points are fetched early: they lie far apart

  /// The coordinates x of kWidth pairs.
  struct Operands {
    const Word* left[kWidth];
    const Word* right[kWidth];
    Vector irregular;  // all ones in the lanes whose slope is not (y2 - y1)/(x2 - x1)
    Value x1, x2;
  };

  LL_INLINE void load(const Word* in, const Pair* pairs, Operands& o) {
    for (int lane = 0; lane < kWidth; ++lane) {
      o.left[lane] = in + 8 * std::size_t{pairs[lane].left & ~Pair::kNegated};
      o.right[lane] = in + 8 * std::size_t{pairs[lane].right & ~Pair::kNegated};
    }
    Vector x1[4], x2[4];
    Machine::load_rows(o.left, x1);
    Machine::load_rows(o.right, x2);
    const Vector different = (x1[0] ^ x2[0]) | (x1[1] ^ x2[1]) | (x1[2] ^ x2[2]) | (x1[3] ^ x2[3]);
    const Vector some1 = x1[0] | x1[1] | x1[2] | x1[3], some2 = x2[0] | x2[1] | x2[2] | x2[3];
    o.irregular = (Vector)((different == 0) | (some1 == 0) | (some2 == 0));
    o.x1 = F::from_words(x1);
    o.x2 = F::from_words(x2);
  }

  /// x2 - x1, one in the lanes left out: below 2 p, carried.
  LL_INLINE Value denominator(const Operands& o) {
    Value d = F::template carried_sub<1>(o.x2, o.x1);
    if (Machine::any(o.irregular)) [[unlikely]] {
      for (int i = 0; i < kLimbs; ++i) d.limb[i] = (d.limb[i] & ~o.irregular) | (i == 0 ? o.irregular & 1 : Vector{});
    }
    return d;
  }

  /// y of the points, -y where the sign is set: limbs of either sign.
  LL_INLINE Value signed_y(const Word* const (&points)[kWidth], const Vector& sign) {
    const Word* rows[kWidth];
    for (int lane = 0; lane < kWidth; ++lane) rows[lane] = points[lane] + 4;
    Vector w[4];
    Machine::load_rows(rows, w);
    Value y = F::from_words(w);
    for (int i = 0; i < kLimbs; ++i) y.limb[i] = Machine::negate_where(sign, y.limb[i]);
    return y;
  }

  template <int Locality>
  LL_INLINE void fetch(const Word* in, const Pair* pairs) {
    for (int i = 0; i < kGroup; ++i) {
      __builtin_prefetch(in + 8 * std::size_t{pairs[i].left & ~Pair::kNegated}, 0, Locality);
      __builtin_prefetch(in + 8 * std::size_t{pairs[i].right & ~Pair::kNegated}, 0, Locality);
    }
  }

  /// One batch of at most kGroups kGroup pairs; count is not 0. `ahead`: how many more pairs stand behind them.
  static std::size_t batch(const Word* in, const Pair* pairs, std::size_t count, std::size_t ahead, Word* out,
                           std::uint32_t* left_out) {
    Pair last[kGroup];  // the last group, filled up by the last pair
    const std::size_t whole = count / kGroup * kGroup;
    for (std::size_t i = 0; i < kGroup; ++i) last[i] = pairs[whole + i < count ? whole + i : count - 1];
    const std::size_t groups = (count + kGroup - 1) / kGroup;
    const auto group = [&](std::size_t g) __attribute__((always_inline)) {
      return (g + 1) * kGroup <= count ? pairs + g * kGroup : last;
    };

    std::size_t irregular = 0;
    Value before[2 * kGroups];  // product of the denominators in front, in the chain of even or of odd vectors
    Value chain[2];
    chain[0] = chain[1] = {Vector{} + 1, Vector{}, Vector{}, Vector{}, Vector{}};
    for (std::size_t g = 0; g < groups; ++g) {
      const std::size_t first = g * kGroup;
      if (first + kAhead + kGroup <= count + ahead) fetch<3>(in, pairs + first + kAhead);
      Value d[2];
#pragma GCC unroll 2
      for (int n = 0; n < 2; ++n) {
        Operands o;
        load(in, group(g) + n * kWidth, o);
        d[n] = denominator(o);
        before[2 * g + n] = chain[n];
        if (Machine::any(o.irregular)) [[unlikely]] {
          for (std::size_t lane = 0; lane < kWidth; ++lane) {
            const std::size_t i = first + n * kWidth + lane;
            if (o.irregular[lane] != 0 && i < count) left_out[irregular++] = static_cast<std::uint32_t>(i);
          }
        }
      }
      F::template mul<2>(chain, chain, d);
    }
    Word inverses[kGroup * 4];
    for (int n = 0; n < 2; ++n) F::store(inverses + n * kWidth * 4, F::template canonical<2>(chain[n]));
    invert_times_64(inverses, kGroup);
    for (int n = 0; n < 2; ++n) chain[n] = F::load(inverses + n * kWidth * 4);

    for (std::size_t g = groups; g-- > 0;) {
      // Half of the time there is nothing to fetch: then the points of the batch behind come as far as the L2 cache.
      const std::size_t behind = (groups - 1 - g) * kGroup;
      if (behind + kGroup <= ahead) fetch<2>(in, pairs + count + behind);
      const Pair* const of = group(g);
      Value d[2], x1[2], x2[2], y1[2], rise[2], inverse[2], previous[2];
#pragma GCC unroll 2
      for (int n = 0; n < 2; ++n) {
        Operands o;
        load(in, of + n * kWidth, o);
        d[n] = denominator(o);
        previous[n] = before[2 * g + n];
        Vector sign1, sign2;
        Machine::load_signs(of + n * kWidth, sign1, sign2);
        x1[n] = o.x1;
        x2[n] = o.x2;
        y1[n] = signed_y(o.left, sign1);
        rise[n] = F::template carried_sub<2>(signed_y(o.right, sign2), y1[n]);  // below 4 p
      }
      F::template mul<2>(inverse, chain, previous);
      F::template mul<2>(chain, chain, d);
      Value slope4[2], square[2], x[2], run4[2], y[2];
      F::template mul<2>(slope4, rise, inverse);  // below 2 p, as all products here
      F::template mul<2>(square, slope4, slope4);
#pragma GCC unroll 2
      for (int n = 0; n < 2; ++n) {
        x[n] = F::canonical_of(F::template raw_sub<3>(square[n], x1[n], x2[n]));
        run4[n] = F::template carried_sub<1, 4>(x1[n], x[n]);  // below 8 p
      }
      F::template mul<2>(y, slope4, run4);
#pragma GCC unroll 2
      for (int n = 0; n < 2; ++n) {
        Word *to_x[kWidth], *to_y[kWidth];
        for (int lane = 0; lane < kWidth; ++lane) {
          to_x[lane] = out + 8 * std::size_t{of[n * kWidth + lane].out};
          to_y[lane] = to_x[lane] + 4;
        }
        Vector words[4];
        F::to_words(x[n], words);
        Machine::store_rows(to_x, words);
        F::to_words(F::canonical_of(F::template raw_sub<2>(y[n], y1[n])), words);
        Machine::store_rows(to_y, words);
      }
    }
    return irregular;
  }

  static std::size_t run(const Word* in, const Pair* pairs, std::size_t count, Word* out, std::uint32_t* left_out) {
    constexpr std::size_t kBatch = static_cast<std::size_t>(kGroups) * kGroup;
    std::size_t total = 0;
    for (std::size_t first = 0; first < count; first += kBatch) {
      const std::size_t size = count - first < kBatch ? count - first : kBatch;
      const std::size_t found = batch(in, pairs + first, size, count - first - size, out, left_out + total);
      for (std::size_t i = 0; i < found; ++i) left_out[total + i] += static_cast<std::uint32_t>(first);
      total += found;
    }
    return total;
  }
};

}  // namespace ll::algebra::kernels
