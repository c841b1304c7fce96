#pragma once
#include "algebra/kernels/lanes.hpp"
#include "algebra/kernels/table.hpp"

namespace ll::algebra::kernels {

/// The eight lanes of Ifma on any processor, its products one by one: the twin that its algorithms are tested with.
struct Emulated {
  static constexpr const char* kName = "emulated-ifma";
  static constexpr int kWidth = 8;
  using Vector [[gnu::vector_size(64)]] = Word;

  LL_INLINE void load_rows(const Word* const (&rows)[kWidth], Vector (&w)[4]) {
    for (int lane = 0; lane < kWidth; ++lane) {
      for (int i = 0; i < 4; ++i) w[i][lane] = rows[lane][i];
    }
  }
  LL_INLINE void load_rows(const Word* rows, Vector (&w)[4]) {
    for (int lane = 0; lane < kWidth; ++lane) {
      for (int i = 0; i < 4; ++i) w[i][lane] = rows[4 * lane + i];
    }
  }
  LL_INLINE void store_rows(Word* const (&rows)[kWidth], const Vector (&w)[4]) {
    for (int lane = 0; lane < kWidth; ++lane) {
      for (int i = 0; i < 4; ++i) rows[lane][i] = w[i][lane];
    }
  }
  LL_INLINE void store_rows(Word* rows, const Vector (&w)[4]) {
    for (int lane = 0; lane < kWidth; ++lane) {
      for (int i = 0; i < 4; ++i) rows[4 * lane + i] = w[i][lane];
    }
  }
  LL_INLINE void load_signs(const Pair* pairs, Vector& left, Vector& right) {
    for (int lane = 0; lane < kWidth; ++lane) {
      left[lane] = Word{0} - (pairs[lane].left >> 31);
      right[lane] = Word{0} - (pairs[lane].right >> 31);
    }
  }
  LL_INLINE Vector negate_where(const Vector& mask, const Vector& v) { return (v ^ mask) - mask; }
  LL_INLINE void transpose_lanes(Vector (&v)[kWidth]) {
    for (int i = 0; i < kWidth; ++i) {
      for (int j = 0; j < i; ++j) {
        const Word swapped = v[i][j];
        v[i][j] = v[j][i];
        v[j][i] = swapped;
      }
    }
  }
  LL_INLINE bool any(const Vector& mask) {
    Word all = 0;
    for (int lane = 0; lane < kWidth; ++lane) all |= mask[lane];
    return all != 0;
  }

  LL_INLINE DoubleWord product(Word x, Word y) { return static_cast<DoubleWord>(x & kLimbMask) * (y & kLimbMask); }
  LL_INLINE Vector madd_low(const Vector& sum, const Vector& x, const Vector& y) {
    Vector out = sum;
    for (int lane = 0; lane < kWidth; ++lane) out[lane] += static_cast<Word>(product(x[lane], y[lane])) & kLimbMask;
    return out;
  }
  LL_INLINE Vector madd_high(const Vector& sum, const Vector& x, const Vector& y) {
    Vector out = sum;
    for (int lane = 0; lane < kWidth; ++lane) out[lane] += static_cast<Word>(product(x[lane], y[lane]) >> kLimbBits);
    return out;
  }

  template <class Modulus, int Count>
  LL_INLINE void mul(Lanes<Emulated> (&out)[Count], const Lanes<Emulated> (&a)[Count],
                     const Lanes<Emulated> (&b)[Count]) {
    mul_by_rows<Emulated, Modulus, Count>(out, a, b);
  }
};

}  // namespace ll::algebra::kernels
