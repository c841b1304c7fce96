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

  static void load(Word* vectors, const Word* values, const Word* base, const Word* factor, std::size_t begin,
                   std::size_t end) {
    if (base == nullptr) {
      for (std::size_t v = begin; v < end; ++v) A::put(vectors, v, F::load(values + 4 * kWidth * v));
      return;
    }
    Value powers, step;
    A::first_powers(base, factor, powers, step);  // factor·base^i from `begin` on: the caller's factor says so
    for (std::size_t v = begin; v < end; ++v) {
      Value out[2];
      const Value a[2] = {F::load(values + 4 * kWidth * v), powers}, b[2] = {powers, step};
      F::template mul<2>(out, a, b);
      A::put(vectors, v, out[0]);  // below 2 p
      powers = out[1];
    }
  }

  static void constants(Word* vectors, const Word* values, std::size_t count) {
    for (std::size_t v = 0; v < count; ++v)
      A::put(vectors, v, F::template canonical<16>(F::load16(values + 4 * kWidth * v)));
  }

  /// Values below In p: the sums below 4 In p, everything else below 4 p.
  template <Word In>
  LL_INLINE void butterfly4(Value& a, Value& b, Value& c, Value& d, const Value& outer0, const Value& outer1,
                            const Value& inner) {
    const Value sum_even = F::add(a, c), sum_odd = F::add(b, d);
    const Value differences[2] = {F::template sub<In>(a, c), F::template sub<In>(b, d)}, outer[2] = {outer0, outer1};
    Value turned[2];
    F::template mul<2>(turned, differences, outer);
    const Value inner_differences[2] = {F::template sub<2 * In>(sum_even, sum_odd),
                                        F::template sub<2>(turned[0], turned[1])};
    const Value inners[2] = {inner, inner};
    Value lower[2];
    F::template mul<2>(lower, inner_differences, inners);
    a = F::add(sum_even, sum_odd);
    b = lower[0];
    c = F::add(turned[0], turned[1]);
    d = lower[1];
  }

  template <Word In>
  LL_INLINE void pass_of(Word* block, std::size_t h, const Word* outer, const Word* inner, std::size_t begin,
                         std::size_t end) {
    for (std::size_t j = begin; j < end; ++j) {
      Value a = A::get(block, j), b = A::get(block, j + h), c = A::get(block, j + 2 * h), d = A::get(block, j + 3 * h);
      butterfly4<In>(a, b, c, d, A::get(outer, j), A::get(outer, j + h), A::get(inner, j));
      if constexpr (In == 16) a = below4(a);
      A::put(block, j, a);
      A::put(block, j + h, b);
      A::put(block, j + 2 * h, c);
      A::put(block, j + 3 * h, d);
    }
  }
  /// From below 64 p to below 4 p.
  LL_INLINE Value below4(const Value& v) {
    return F::template reduce_once<4>(
        F::template reduce_once<8>(F::template reduce_once<16>(F::template reduce_once<32>(v))));
  }

  static void pass(Word* block, std::size_t h, const Word* outer, const Word* inner, std::size_t begin, std::size_t end,
                   bool wide) {
    wide ? pass_of<16>(block, h, outer, inner, begin, end) : pass_of<4>(block, h, outer, inner, begin, end);
  }

  static void block(Word* block, std::size_t size, const Word* twiddles, bool wide) {
    std::size_t part = size;
    for (; part >= 4; part /= 4, wide = !wide) {
      const std::size_t h = part / 4;
      const Word *const outer = twiddles + 2 * h * kVectorWords, *const inner = twiddles + h * kVectorWords;
      for (std::size_t offset = 0; offset < size; offset += part) {
        Word* const first = block + offset * kVectorWords;
        wide ? pass_of<16>(first, h, outer, inner, 0, h) : pass_of<4>(first, h, outer, inner, 0, h);
      }
    }
    if (part == 2) {  // below 16 p at most
      const Value twiddle = A::get(twiddles, 1);
      for (std::size_t v = 0; v < size; v += 2) {
        const Value a = A::get(block, v), b = A::get(block, v + 1);
        A::put(block, v, F::add(a, b));
        A::put(block, v + 1, F::mul(F::template sub<16>(a, b), twiddle));
      }
    }
  }

  static std::size_t reversed(std::size_t value, unsigned bits) {
    std::size_t out = 0;
    for (unsigned i = 0; i < bits; ++i) out |= (value >> i & 1) << (bits - 1 - i);
    return out;
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
    for (std::size_t t = begin; t < end; ++t) {
      const std::size_t group = reversed(t, group_bits);  // in this order its elements come out one behind the other
      Value v[kWidth];
      for (std::size_t i = 0; i < kWidth; ++i) v[i] = below4(A::get(vectors, group * kWidth + i));
      for (int limb = 0; limb < kLimbs; ++limb) {
        Vector square[kWidth];
        for (std::size_t i = 0; i < kWidth; ++i) square[i] = v[i].limb[limb];
        Machine::transpose_lanes(square);
        for (std::size_t i = 0; i < kWidth; ++i) v[i].limb[limb] = square[i];
      }
      // v[r], lane b: element r of block b. Levels of kWidth / 2 down to 1, the sums of which at most double.
      Word bound = 4;
      for (std::size_t h = kWidth / 2; h >= 1; h /= 2, bound *= 2) {
        for (std::size_t start = 0; start < kWidth; start += 2 * h) {
          for (std::size_t j = 0; j < h; ++j) {
            Value &low = v[start + j], &high = v[start + j + h];
            const Value difference = bound == 4   ? F::template sub<4>(low, high)
                                     : bound == 8 ? F::template sub<8>(low, high)
                                                  : F::template sub<16>(low, high);
            low = F::add(low, high);
            high = j == 0 ? difference : F::mul(difference, root[h + j]);
          }
        }
      }
      // All below 32 p.
      for (std::size_t r = 0; r < kWidth; ++r) {
        if (factor != nullptr) v[r] = F::template canonical<2>(F::mul(v[r], scale));
        if (factor == nullptr) v[r] = F::template canonical<32>(v[r]);
        const std::size_t first = reversed(r, kLogWidth) << (log_size - kLogWidth) | t;
        Word* to[kWidth];
        for (std::size_t b = 0; b < kWidth; ++b) {
          const std::size_t at = first | reversed(b, kLogWidth) << group_bits;
          to[b] = values + 4 * (factor == nullptr ? at : (mask + 1 - at) & mask);
        }
        Vector words[4];
        F::to_words(v[r], words);
        Machine::store_rows(to, words);
      }
    }
  }
};

}  // namespace ll::algebra::kernels
