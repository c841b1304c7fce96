#pragma once
#include <immintrin.h>

#include "algebra/kernels/lanes.hpp"
#include "algebra/kernels/table.hpp"

namespace ll::algebra::kernels {

/// AVX-512 with IFMA: eight lanes, products of 52-bit limbs by vpmadd52luq and vpmadd52huq.
/// Source: Gueron, Krasnov, "Accelerating Big Integer Arithmetic Using Intel IFMA Extensions", ARITH 2016.
struct Ifma {
  static constexpr const char* kName = "avx512-ifma";
  static constexpr int kWidth = 8;
  using Vector [[gnu::vector_size(64)]] = Word;

  /// Rows i and i + 4, of 4 words each, stand in r[i]; to columns.
  LL_INLINE void transpose(const __m512i (&r)[4], Vector (&w)[4]) {
    const __m512i a = _mm512_unpacklo_epi64(r[0], r[1]), b = _mm512_unpackhi_epi64(r[0], r[1]);
    const __m512i c = _mm512_unpacklo_epi64(r[2], r[3]), d = _mm512_unpackhi_epi64(r[2], r[3]);
    const __m512i low = _mm512_set_epi64(13, 12, 5, 4, 9, 8, 1, 0), high = _mm512_set_epi64(15, 14, 7, 6, 11, 10, 3, 2);
    w[0] = (Vector)_mm512_permutex2var_epi64(a, low, c);
    w[1] = (Vector)_mm512_permutex2var_epi64(b, low, d);
    w[2] = (Vector)_mm512_permutex2var_epi64(a, high, c);
    w[3] = (Vector)_mm512_permutex2var_epi64(b, high, d);
  }
  LL_INLINE __m512i two_rows(const Word* first, const Word* second) {
    return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(first))),
                              _mm256_loadu_si256(reinterpret_cast<const __m256i*>(second)), 1);
  }
  LL_INLINE void load_rows(const Word* rows, Vector (&w)[4]) {
    __m512i r[4];
    for (int i = 0; i < 4; ++i) r[i] = two_rows(rows + 4 * i, rows + 4 * (i + 4));
    transpose(r, w);
  }
  LL_INLINE void load_rows(const Word* const (&rows)[kWidth], Vector (&w)[4]) {
    __m512i r[4];
    for (int i = 0; i < 4; ++i) r[i] = two_rows(rows[i], rows[i + 4]);
    transpose(r, w);
  }
  LL_INLINE void store_rows(Word* rows, const Vector (&w)[4]) {
    Word* const at[kWidth] = {rows, rows + 4, rows + 8, rows + 12, rows + 16, rows + 20, rows + 24, rows + 28};
    store_rows(at, w);
  }
  LL_INLINE void store_rows(Word* const (&rows)[kWidth], const Vector (&w)[4]) {
    const __m512i columns[4] = {(__m512i)w[0], (__m512i)w[1], (__m512i)w[2], (__m512i)w[3]};
    Vector r[4];
    transpose(columns, r);
    for (int i = 0; i < 4; ++i) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(rows[i]), _mm512_castsi512_si256((__m512i)r[i]));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(rows[i + 4]), _mm512_extracti64x4_epi64((__m512i)r[i], 1));
    }
  }
  /// All ones in the lanes of the points that a pair takes negated.
  LL_INLINE void load_signs(const Pair* pairs, Vector& left, Vector& right) {
    static_assert(sizeof(Pair) ==
                  12);  // words of 32 bits: 0 to 15 in `low`, 8 to 23 in `high`; here those that have signs
    const __m512i low = _mm512_loadu_si512(pairs), high = _mm512_loadu_si512(reinterpret_cast<const Word*>(pairs) + 4);
    const __m512i lefts = _mm512_set_epi32(29, 0, 26, 0, 23, 0, 12, 0, 9, 0, 6, 0, 3, 0, 0, 0);
    const __m512i rights = _mm512_set_epi32(30, 0, 27, 0, 24, 0, 13, 0, 10, 0, 7, 0, 4, 0, 1, 0);
    left = (Vector)_mm512_srai_epi64(_mm512_permutex2var_epi32(low, lefts, high), 63);
    right = (Vector)_mm512_srai_epi64(_mm512_permutex2var_epi32(low, rights, high), 63);
  }
  /// -v where the lanes of `mask` are all ones, v where they are zero.
  LL_INLINE Vector negate_where(const Vector& mask, const Vector& v) {
    return (Vector)_mm512_mask_sub_epi64((__m512i)v, _mm512_movepi64_mask((__m512i)mask), _mm512_setzero_si512(),
                                         (__m512i)v);
  }
  /// Swaps the square of eight vectors across its diagonal.
  LL_INLINE void transpose_lanes(Vector (&v)[kWidth]) {
    const __m512i low = _mm512_set_epi64(13, 12, 5, 4, 9, 8, 1, 0), high = _mm512_set_epi64(15, 14, 7, 6, 11, 10, 3, 2);
    __m512i a[8], b[8];
    for (int i = 0; i < 8; i += 2) {  // squares of 1
      a[i] = _mm512_unpacklo_epi64((__m512i)v[i], (__m512i)v[i + 1]);
      a[i + 1] = _mm512_unpackhi_epi64((__m512i)v[i], (__m512i)v[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {  // squares of 2
      for (int j = 0; j < 2; ++j) {
        b[i + j] = _mm512_permutex2var_epi64(a[i + j], low, a[i + j + 2]);
        b[i + j + 2] = _mm512_permutex2var_epi64(a[i + j], high, a[i + j + 2]);
      }
    }
    for (int i = 0; i < 4; ++i) {  // squares of 4
      v[i] = (Vector)_mm512_shuffle_i64x2(b[i], b[i + 4], 0x44);
      v[i + 4] = (Vector)_mm512_shuffle_i64x2(b[i], b[i + 4], 0xee);
    }
  }
  LL_INLINE bool any(const Vector& mask) { return _mm512_test_epi64_mask((__m512i)mask, (__m512i)mask) != 0; }

  LL_INLINE Vector madd_low(const Vector& sum, const Vector& x, const Vector& y) {
    return (Vector)_mm512_madd52lo_epu64((__m512i)sum, (__m512i)x, (__m512i)y);
  }
  LL_INLINE Vector madd_high(const Vector& sum, const Vector& x, const Vector& y) {
    return (Vector)_mm512_madd52hi_epu64((__m512i)sum, (__m512i)x, (__m512i)y);
  }

  template <class Modulus, int Count>
  LL_INLINE void mul(Lanes<Ifma> (&out)[Count], const Lanes<Ifma> (&a)[Count], const Lanes<Ifma> (&b)[Count]) {
    mul_by_rows<Ifma, Modulus, Count>(out, a, b);
  }
};

}  // namespace ll::algebra::kernels
