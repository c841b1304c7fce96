#pragma once
#include "algebra/kernels/field_lanes.hpp"

namespace ll::algebra::kernels {

/// The transform by decimation in frequency (ntt.cpp drives it): wide levels between vectors, the last ones between the
/// lanes of a square of vectors after it is turned.
template <class Machine>
struct Ntt {
  using A = Arrays<Machine>;
  using F = typename A::F;
  using Value = typename F::Value;
  using Vector = typename F::Vector;
  static constexpr std::size_t kWidth = Machine::kWidth, kVectorWords = A::kVectorWords;

  static void constants(Word* vectors, const Word* values, std::size_t count) {
    for (std::size_t v = 0; v < count; ++v)
      A::put(vectors, v, F::template canonical<16>(F::load16(values + 4 * kWidth * v)));
  }

  /// Values below In p = 4 p or 16 p: the first below 16 p or 2 p, everything else below 4 p.
  template <Word In>
  LL_INLINE void butterfly4(Value& a, Value& b, Value& c, Value& d, const Value& outer0, const Value& outer1,
                            const Value& inner) {
    const Value sum_even = F::raw_add(a, c), sum_odd = F::raw_add(b, d);
    const Value differences[2] = {F::template carried_sub<In>(a, c), F::template carried_sub<In>(b, d)};
    const Value outer[2] = {outer0, outer1};
    Value turned[2];
    F::template mul<2>(turned, differences, outer);
    const Value inner_differences[2] = {F::template carried_sub<2 * In>(sum_even, sum_odd),
                                        F::template carried_sub<2>(turned[0], turned[1])};
    const Value inners[2] = {inner, inner};
    Value lower[2];
    F::template mul<2>(lower, inner_differences, inners);
    a = F::raw_add(sum_even, sum_odd);
    if constexpr (In == 16) {
      a = F::reduce(a);
    } else {
      F::normalise(a);
    }
    b = lower[0];
    c = F::add(turned[0], turned[1]);
    d = lower[1];
  }

  /// The first two levels: from the memory form, times powers where base is not nullptr.
  static void first(Word* vectors, const Word* values, std::size_t h, const Word* outer, const Word* inner,
                    const Word* base, const Word* factors, std::size_t begin, std::size_t end) {
    Value powers[4], step;
    if (base != nullptr) {
      for (std::size_t q = 0; q < 4; ++q) A::first_powers(base, factors + 4 * q, powers[q], step);
    }
    for (std::size_t j = begin; j < end; ++j) {
      Value v[4];
      for (std::size_t q = 0; q < 4; ++q) {
        v[q] = F::load(values + 4 * kWidth * (j + q * h));
        if (base == nullptr) continue;
        Value out[2];
        const Value a[2] = {v[q], powers[q]}, b[2] = {powers[q], step};
        F::template mul<2>(out, a, b);
        v[q] = out[0];  // below 2 p
        powers[q] = out[1];
      }
      butterfly4<4>(v[0], v[1], v[2], v[3], A::get(outer, j), A::get(outer, j + h), A::get(inner, j));
      for (std::size_t q = 0; q < 4; ++q) A::put(vectors, j + q * h, v[q]);
    }
  }

  template <Word In>
  LL_INLINE void pass_of(Word* block, std::size_t h, const Word* outer, const Word* inner, std::size_t begin,
                         std::size_t end) {
    for (std::size_t j = begin; j < end; ++j) {
      Value a = A::get(block, j), b = A::get(block, j + h), c = A::get(block, j + 2 * h), d = A::get(block, j + 3 * h);
      butterfly4<In>(a, b, c, d, A::get(outer, j), A::get(outer, j + h), A::get(inner, j));
      A::put(block, j, a);
      A::put(block, j + h, b);
      A::put(block, j + 2 * h, c);
      A::put(block, j + 3 * h, d);
    }
  }
  static void pass(Word* block, std::size_t h, const Word* outer, const Word* inner, std::size_t begin, std::size_t end,
                   bool wide) {
    wide ? pass_of<16>(block, h, outer, inner, begin, end) : pass_of<4>(block, h, outer, inner, begin, end);
  }

  /// The part that is wide behind one that is not, and the other way round, so that `wide` alternates from level to
  /// level; quarter by quarter, so that each stays in the smallest cache that holds it.
  static void block(Word* block, std::size_t size, const Word* twiddles, bool wide) {
    if (size >= 4) {
      const std::size_t h = size / 4;
      pass(block, h, twiddles + 2 * h * kVectorWords, twiddles + h * kVectorWords, 0, h, wide);
      if (h == 1) return;
      for (std::size_t quarter = 0; quarter < 4; ++quarter)
        Ntt::block(block + quarter * h * kVectorWords, h, twiddles, !wide);
    } else if (size == 2) {  // below 16 p at most
      const Value a = A::get(block, 0), b = A::get(block, 1);
      A::put(block, 0, F::add(a, b));
      A::put(block, 1, F::mul(F::template carried_sub<16>(a, b), A::get(twiddles, 1)));
    }
  }

  static std::size_t reversed(std::size_t value, unsigned bits) {
    std::size_t out = 0;
    for (unsigned i = 0; i < bits; ++i) out |= (value >> i & 1) << (bits - 1 - i);
    return out;
  }

  /// Groups whose elements are written together.
  static constexpr std::size_t kTogether = 8;

  /// Levels kWidth / 2 down to 1 of one group of kWidth vectors below 64 p, turned first: v[r], lane b is element r of
  /// block b; the results are below 16 p.
  LL_INLINE void finish_group(Value (&v)[kWidth], const Word* vectors, const Value (&root)[kWidth]) {
    for (std::size_t i = 0; i < kWidth; ++i) v[i] = F::reduce(A::get(vectors, i));
    for (int limb = 0; limb < kLimbs; ++limb) {
      Vector square[kWidth];
      for (std::size_t i = 0; i < kWidth; ++i) square[i] = v[i].limb[limb];
      Machine::transpose_lanes(square);
      for (std::size_t i = 0; i < kWidth; ++i) v[i].limb[limb] = square[i];
    }
    level<kWidth / 2, 2>(v, root);
    level<kWidth / 4, 4>(v, root);
    if constexpr (kWidth == 8) level<1, 8>(v, root);
  }
  /// One level inside a group, of values below In p; the sums double.
  template <std::size_t H, Word In>
  LL_INLINE void level(Value (&v)[kWidth], const Value (&root)[kWidth]) {
    for (std::size_t start = 0; start < kWidth; start += 2 * H) {
      for (std::size_t j = 0; j < H; ++j) {
        Value &low = v[start + j], &high = v[start + j + H];
        const Value a = low, b = high;
        low = F::add(a, b);
        high = j == 0 ? F::template sub<In>(a, b) : F::mul(F::template carried_sub<In>(a, b), root[H + j]);
      }
    }
  }

  static void finish(Word* values, const Word* vectors, unsigned log_size, const Word* roots, const Word* factor,
                     std::size_t begin, std::size_t end) {
    constexpr unsigned kLogWidth = kWidth == 8 ? 3 : 2;
    const unsigned group_bits = log_size - 2 * kLogWidth;
    const std::size_t mask = (std::size_t{1} << log_size) - 1;
    // roots[h + j] is the j-th twiddle of level h < kWidth, times 16
    Value root[kWidth];
    for (std::size_t i = 1; i < kWidth; ++i) root[i] = F::splat(roots + 4 * i);
    const Value scale = factor == nullptr ? Value{} : F::splat(factor);
    // Element i of group t goes to place i n/64 + t: groups are taken a few at a time, so that whole cache lines are
    // written at once.
    alignas(64) Word places[kWidth * kWidth][kTogether * 4];
    for (std::size_t t = begin; t < end; t += kTogether) {
      const std::size_t together = end - t < kTogether ? end - t : kTogether;
      for (std::size_t k = 0; k < together; ++k) {
        if (t + k + 1 < end) {
          const Word* const next = vectors + reversed(t + k + 1, group_bits) * kWidth * kVectorWords;
          for (std::size_t i = 0; i < kWidth * kVectorWords; i += 8) __builtin_prefetch(next + i);
        }
        Value v[kWidth];
        finish_group(v, vectors + reversed(t + k, group_bits) * kWidth * kVectorWords, root);
        const std::size_t slot = factor == nullptr ? k : together - 1 - k;
        for (std::size_t r = 0; r < kWidth; ++r) {
          if (factor != nullptr) {
            v[r] = F::template canonical<2>(F::mul(v[r], scale));
          } else {
            v[r] = F::canonical_of(v[r]);
          }
          Word* to[kWidth];
          for (std::size_t b = 0; b < kWidth; ++b)
            to[b] = places[reversed(r, kLogWidth) << kLogWidth | reversed(b, kLogWidth)] + 4 * slot;
          Vector words[4];
          F::to_words(v[r], words);
          Machine::store_rows(to, words);
        }
      }
      for (std::size_t i = 0; i < kWidth * kWidth; ++i) {
        const std::size_t at = i << group_bits | t;
        const Word* from = places[i];
        std::size_t count = together, to = at;
        if (factor != nullptr) {  // place n - j instead of j, and 0 stays 0
          to = mask + 1 - (at + together - 1);
          if (at == 0) __builtin_memcpy(values, from + 4 * --count, 32);
        }
        __builtin_memcpy(values + 4 * to, from, 32 * count);
      }
    }
  }
};

}  // namespace ll::algebra::kernels
