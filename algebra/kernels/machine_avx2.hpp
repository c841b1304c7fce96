#pragma once
#include <immintrin.h>

#include "algebra/kernels/lanes.hpp"

namespace ll::algebra::kernels {

/// AVX2 with FMA: four lanes, products of 52-bit limbs in double precision.
///
/// With a, b < 2^52 and rounding towards zero, fma(a, b, 2^104) has the high half of a b in its mantissa, and
/// fma(a, b, 2^104 + 2^52 - that) the low half. Both are added up as integers, exponents and all: how often each
/// exponent enters a column is known beforehand, and is subtracted. Source: Emmart, Zheng, Weems, "Faster Modular
/// Exponentiation Using Double Precision Floating Point Arithmetic on the GPU", ARITH 2018, section III.
struct Avx2 {
  static constexpr int kWidth = 4;
  using Vector [[gnu::vector_size(32)]] = Word;
  using Double [[gnu::vector_size(32)]] = double;

  /// Rounding towards zero while it lives; every kernel has one.
  class Scope {
   public:
    [[gnu::always_inline]] Scope() : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | 0x6000U); }
    [[gnu::always_inline]] ~Scope() { _mm_setcsr(saved_); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    unsigned saved_;
  };

  /// Rows r[0..3] of 4 words to columns.
  LL_INLINE void transpose(const __m256i (&r)[4], Vector (&w)[4]) {
    const __m256i a = _mm256_unpacklo_epi64(r[0], r[1]), b = _mm256_unpackhi_epi64(r[0], r[1]);
    const __m256i c = _mm256_unpacklo_epi64(r[2], r[3]), d = _mm256_unpackhi_epi64(r[2], r[3]);
    w[0] = (Vector)_mm256_permute2x128_si256(a, c, 0x20);
    w[1] = (Vector)_mm256_permute2x128_si256(b, d, 0x20);
    w[2] = (Vector)_mm256_permute2x128_si256(a, c, 0x31);
    w[3] = (Vector)_mm256_permute2x128_si256(b, d, 0x31);
  }
  LL_INLINE void load_rows(const Word* rows, Vector (&w)[4]) {
    __m256i r[4];
    for (int i = 0; i < 4; ++i) r[i] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows + 4 * i));
    transpose(r, w);
  }
  LL_INLINE void load_rows(const Word* const (&rows)[kWidth], Vector (&w)[4]) {
    __m256i r[4];
    for (int i = 0; i < 4; ++i) r[i] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows[i]));
    transpose(r, w);
  }
  LL_INLINE void store_rows(Word* rows, const Vector (&w)[4]) {
    const __m256i columns[4] = {(__m256i)w[0], (__m256i)w[1], (__m256i)w[2], (__m256i)w[3]};
    Vector r[4];
    transpose(columns, r);
    for (int i = 0; i < 4; ++i) _mm256_storeu_si256(reinterpret_cast<__m256i*>(rows + 4 * i), (__m256i)r[i]);
  }
  LL_INLINE void store_rows(Word* const (&rows)[kWidth], const Vector (&w)[4]) {
    const __m256i columns[4] = {(__m256i)w[0], (__m256i)w[1], (__m256i)w[2], (__m256i)w[3]};
    Vector r[4];
    transpose(columns, r);
    for (int i = 0; i < 4; ++i) _mm256_storeu_si256(reinterpret_cast<__m256i*>(rows[i]), (__m256i)r[i]);
  }
  /// Swaps the square of four vectors across its diagonal.
  LL_INLINE void transpose_lanes(Vector (&v)[kWidth]) {
    const __m256i r[4] = {(__m256i)v[0], (__m256i)v[1], (__m256i)v[2], (__m256i)v[3]};
    transpose(r, v);
  }
  LL_INLINE bool any(const Vector& mask) { return _mm256_testz_si256((__m256i)mask, (__m256i)mask) == 0; }

  LL_INLINE Double fma(const Double& a, const Double& b, const Double& c) {
    return (Double)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
  }
  /// Exact for limbs below 2^52: the integer becomes the mantissa of 2^52 + v.
  LL_INLINE Double to_double(const Vector& v) { return (Double)(v | kLowExponent) - kTwo52; }

  template <class Modulus, int Count>
  LL_INLINE void mul(Lanes<Avx2> (&out)[Count], const Lanes<Avx2> (&a)[Count], const Lanes<Avx2> (&b)[Count]) {
    const Double high_bias = Double{} + kTwo104, both_bias = Double{} + (kTwo104 + kTwo52);
    const Double inverse = Double{} + static_cast<double>(Modulus::kNegativeInverse);
    // low and high += the halves of the product of x and y
    const auto add_product = [&](const Double& x, const Double& y, Vector& low, Vector& high)
                                 __attribute__((always_inline)) {
                                   const Double top = fma(x, y, high_bias);
                                   low += (Vector)fma(x, y, both_bias - top);
                                   high += (Vector)top;
                                 };
    Vector column[Count][2 * kLimbs];
#pragma GCC unroll 2
    for (int n = 0; n < Count; ++n) {
      Double x[kLimbs];
#pragma GCC unroll 5
      for (int j = 0; j < kLimbs; ++j) x[j] = to_double(a[n].limb[j]);
#pragma GCC unroll 10
      for (int c = 0; c < 2 * kLimbs; ++c) {  // a b and m p have c + 1 low halves in column c, and c high ones
        const Word lows = c < kLimbs ? c + 1 : 2 * kLimbs - 1 - c, highs = c <= kLimbs ? c : 2 * kLimbs - c;
        column[n][c] = Vector{} - 2 * (lows * kLowExponent + highs * kHighExponent);
      }
#pragma GCC unroll 5
      for (int i = 0; i < kLimbs; ++i) {
        const Double y = to_double(b[n].limb[i]);
#pragma GCC unroll 5
        for (int j = 0; j < kLimbs; ++j) add_product(x[j], y, column[n][i + j], column[n][i + j + 1]);
      }
    }
#pragma GCC unroll 5
    for (int i = 0; i < kLimbs; ++i) {
      Double m[Count];
#pragma GCC unroll 2
      for (int n = 0; n < Count; ++n) {
        // Column i still lacks one low half, which is to make its lowest 52 bits zero.
        const Double low = to_double((column[n][i] + kLowExponent) & kLimbMask);
        const Double top = fma(low, inverse, high_bias);
        m[n] = fma(low, inverse, both_bias - top) - kTwo52;
      }
#pragma GCC unroll 2
      for (int n = 0; n < Count; ++n) {
#pragma GCC unroll 5
        for (int j = 0; j < kLimbs; ++j) {
          add_product(Double{} + static_cast<double>(Modulus::kModulus[j]), m[n], column[n][i + j],
                      column[n][i + j + 1]);
        }
        column[n][i + 1] += column[n][i] >> kLimbBits;
      }
    }
#pragma GCC unroll 2
    for (int n = 0; n < Count; ++n) {
#pragma GCC unroll 5
      for (int i = 0; i < kLimbs; ++i) {
        Vector& limb = column[n][kLimbs + i];
        if (i + 1 < kLimbs) {
          column[n][kLimbs + i + 1] += limb >> kLimbBits;
          limb &= kLimbMask;
        }
        out[n].limb[i] = limb;
      }
    }
  }

 private:
  static constexpr double kTwo52 = 0x1p52, kTwo104 = 0x1p104;
  static constexpr Word kLowExponent = Word{0x433} << 52, kHighExponent = Word{0x467} << 52;
};

}  // namespace ll::algebra::kernels
