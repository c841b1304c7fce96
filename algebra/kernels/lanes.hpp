#pragma once
// Included only by the kernel files, each compiled for its own processor: nothing here may be an ordinary inline
// function (the linker would keep one copy for all), so all is forced inline.
#include "algebra/kernels/modulus52.hpp"

#define LL_INLINE [[gnu::always_inline]] static inline

namespace ll::algebra::kernels {

/// A vector of field elements, one in each lane: limb i of all of them side by side. A limb is below 2^52 ("normal")
/// but for the top one, which the value's bound keeps below 2^52.
template <class Machine>
struct Lanes {
  typename Machine::Vector limb[kLimbs];
};

/// out[n] = a[n] b[n] / 2^260 mod p by rows, for machines with a multiply-and-add of 52-bit limbs (madd_low,
/// madd_high). Limbs of a and b are normal; columns stay below 2^56.
template <class Machine, class Modulus, int Count>
LL_INLINE void mul_by_rows(Lanes<Machine> (&out)[Count], const Lanes<Machine> (&a)[Count],
                           const Lanes<Machine> (&b)[Count]) {
  using Vector = typename Machine::Vector;
  Vector column[Count][kLimbs + 1] = {};
#pragma GCC unroll 5
  for (int i = 0; i < kLimbs; ++i) {
#pragma GCC unroll 2
    for (int n = 0; n < Count; ++n) {
      Vector* const c = column[n];
      c[kLimbs] = Vector{};
#pragma GCC unroll 5
      for (int j = 0; j < kLimbs; ++j) c[j] = Machine::madd_low(c[j], a[n].limb[j], b[n].limb[i]);
#pragma GCC unroll 5
      for (int j = 0; j < kLimbs; ++j) c[j + 1] = Machine::madd_high(c[j + 1], a[n].limb[j], b[n].limb[i]);
    }
#pragma GCC unroll 2
    for (int n = 0; n < Count; ++n) {
      Vector* const c = column[n];
      const Vector m = Machine::madd_low(Vector{}, c[0], Vector{} + Modulus::kNegativeInverse);
#pragma GCC unroll 5
      for (int j = 0; j < kLimbs; ++j) c[j] = Machine::madd_low(c[j], m, Vector{} + Modulus::kModulus[j]);
#pragma GCC unroll 5
      for (int j = 0; j < kLimbs; ++j) c[j + 1] = Machine::madd_high(c[j + 1], m, Vector{} + Modulus::kModulus[j]);
      c[1] += c[0] >> kLimbBits;  // the low 52 bits are zero now
#pragma GCC unroll 5
      for (int j = 0; j < kLimbs; ++j) c[j] = c[j + 1];
    }
  }
  for (int n = 0; n < Count; ++n) {
    for (int j = 0; j < kLimbs; ++j) out[n].limb[j] = column[n][j];
    for (int j = 0; j + 1 < kLimbs; ++j) {
      out[n].limb[j + 1] += out[n].limb[j] >> kLimbBits;
      out[n].limb[j] &= kLimbMask;
    }
  }
}

/// Arithmetic mod p on vectors. Values are bounded, not reduced (modulus52.hpp); each function says its bounds.
/// Elements in memory are 4 words in Montgomery form with R = 2^256 and below p, as PrimeField has them; a product here
/// divides by 2^260, so of two factors one is taken 16 times (load16) or is a constant that was stored so.
template <class Machine, class Modulus>
struct FieldLanes {
  using Vector = typename Machine::Vector;
  using Value = Lanes<Machine>;
  static constexpr int kWidth = Machine::kWidth;

  /// Carries limbs of up to 60 bits upwards.
  LL_INLINE void normalise(Value& v) {
    for (int i = 0; i + 1 < kLimbs; ++i) {
      v.limb[i + 1] += v.limb[i] >> kLimbBits;
      v.limb[i] &= kLimbMask;
    }
  }

  /// Words of the memory form to limbs.
  LL_INLINE Value from_words(const Vector (&w)[4]) {
    return {w[0] & kLimbMask, (w[0] >> 52 | w[1] << 12) & kLimbMask, (w[1] >> 40 | w[2] << 24) & kLimbMask,
            (w[2] >> 28 | w[3] << 36) & kLimbMask, w[3] >> 16};
  }
  /// The same times 16: below 16 p.
  LL_INLINE Value from_words16(const Vector (&w)[4]) {
    return {(w[0] << 4) & kLimbMask, (w[0] >> 48 | w[1] << 16) & kLimbMask, (w[1] >> 36 | w[2] << 28) & kLimbMask,
            (w[2] >> 24 | w[3] << 40) & kLimbMask, w[3] >> 12};
  }
  /// Canonical limbs to the words of the memory form.
  LL_INLINE void to_words(const Value& v, Vector (&w)[4]) {
    w[0] = v.limb[0] | v.limb[1] << 52;
    w[1] = v.limb[1] >> 12 | v.limb[2] << 40;
    w[2] = v.limb[2] >> 24 | v.limb[3] << 28;
    w[3] = v.limb[3] >> 36 | v.limb[4] << 16;
  }

  /// kWidth elements one behind the other.
  LL_INLINE Value load(const Word* elements) {
    Vector w[4];
    Machine::load_rows(elements, w);
    return from_words(w);
  }
  LL_INLINE Value load16(const Word* elements) {
    Vector w[4];
    Machine::load_rows(elements, w);
    return from_words16(w);
  }
  /// v < p.
  LL_INLINE void store(Word* elements, const Value& v) {
    Vector w[4];
    to_words(v, w);
    Machine::store_rows(elements, w);
  }
  /// One element in every lane.
  LL_INLINE Value splat(const Word* element) {
    Vector w[4];
    for (int i = 0; i < 4; ++i) w[i] = Vector{} + element[i];
    return from_words(w);
  }
  LL_INLINE Value splat16(const Word* element) {
    Vector w[4];
    for (int i = 0; i < 4; ++i) w[i] = Vector{} + element[i];
    return from_words16(w);
  }

  /// a < A p, b < B p: below (A + B) p.
  LL_INLINE Value add(const Value& a, const Value& b) {
    Value out;
    for (int i = 0; i < kLimbs; ++i) out.limb[i] = a.limb[i] + b.limb[i];
    normalise(out);
    return out;
  }
  /// a + b without carries.
  LL_INLINE Value raw_add(const Value& a, const Value& b) {
    Value out;
    for (int i = 0; i < kLimbs; ++i) out.limb[i] = a.limb[i] + b.limb[i];
    return out;
  }
  /// a - b - c + Times p without carries, for b + c <= (Times - 1) p: the top limb is not negative.
  template <Word Times>
  LL_INLINE Value raw_sub(const Value& a, const Value& b, const Value& c = Value{}) {
    constexpr Limbs52 kLift = Modulus::lifted(Times);
    Value out;
    for (int i = 0; i < kLimbs; ++i) out.limb[i] = a.limb[i] + kLift[i] - b.limb[i] - c.limb[i];
    return out;
  }
  /// Scale (a - b + Times p), for b <= Times p; for products alone: they read the low 52 bits of a limb, so the carries
  /// go upwards but stay in the limbs that they come from.
  template <Word Times, Word Scale = 1>
  LL_INLINE Value carried_sub(const Value& a, const Value& b) {
    constexpr Limbs52 kLift = Modulus::lifted(Times);
    Value out;
    for (int i = 0; i < kLimbs; ++i) out.limb[i] = (a.limb[i] + kLift[i] - b.limb[i]) * Scale;
    for (int i = 0; i + 1 < kLimbs; ++i) out.limb[i + 1] += out.limb[i] >> kLimbBits;
    return out;
  }
  /// a - b + Times p, for b <= Times p. Here and in carried_sub limbs of a and b may be of either sign.
  template <Word Times>
  LL_INLINE Value sub(const Value& a, const Value& b) {
    constexpr Limbs52 kLift = Modulus::lifted(Times);
    Value out;
    for (int i = 0; i < kLimbs; ++i) out.limb[i] = a.limb[i] + kLift[i] - b.limb[i];
    normalise(out);
    return out;
  }
  /// v - Times p where that is not negative.
  template <Word Times>
  LL_INLINE Value reduce_once(const Value& v) {
    constexpr Limbs52 kComplement = Modulus::complement(Times);
    Value less;
    for (int i = 0; i < kLimbs; ++i) less.limb[i] = v.limb[i] + kComplement[i];
    normalise(less);
    const Vector keep = (less.limb[kLimbs - 1] >> kLimbBits) - 1;  // all ones where v < Times p
    less.limb[kLimbs - 1] &= kLimbMask;
    for (int i = 0; i < kLimbs; ++i) less.limb[i] ^= (less.limb[i] ^ v.limb[i]) & keep;
    return less;
  }
  /// v - q p, for v < 84 p and a quotient q that the top limb tells to 2^-38: below (1 + 2^-38) p. Limbs may be those
  /// of a few sums or lifted differences without their carries, as long as the top one is not negative.
  LL_INLINE Value reduce(const Value& v) {
    constexpr Limbs52 kComplement = Modulus::complement(1);
    const Vector quotient =
        Machine::madd_high(Vector{}, v.limb[kLimbs - 1], Vector{} + Modulus::kReciprocal) >> Modulus::kReciprocalBits;
    Value out = v;
    for (int i = 0; i < kLimbs; ++i) out.limb[i] = Machine::madd_low(out.limb[i], quotient, Vector{} + kComplement[i]);
    for (int i = 0; i + 1 < kLimbs; ++i)
      out.limb[i + 1] = Machine::madd_high(out.limb[i + 1], quotient, Vector{} + kComplement[i]);
    normalise(out);
    out.limb[kLimbs - 1] &= kLimbMask;  // q 2^260
    return out;
  }
  /// The same value below p, for what reduce() takes. Past the quotient's error only multiples of p are left: such, and
  /// next to nothing else, reach the top limb of p.
  LL_INLINE Value canonical_of(const Value& v) {
    Value out = reduce(v);
    if (Machine::any((Vector)(out.limb[kLimbs - 1] >= Modulus::kModulus[kLimbs - 1]))) [[unlikely]]
      out = reduce_once<1>(out);
    return out;
  }
  /// The same value below p, for v < Bound p.
  template <Word Bound>
  LL_INLINE Value canonical(const Value& v) {
    static_assert(Bound <= 84);
    if constexpr (Bound <= 1) {
      return v;
    } else if constexpr (Bound == 2) {
      return reduce_once<1>(v);
    } else {
      return canonical_of(v);
    }
  }
  /// a where the lanes of `mask` are all ones, b where they are zero.
  LL_INLINE Value select(const Vector& mask, const Value& a, const Value& b) {
    Value out;
    for (int i = 0; i < kLimbs; ++i) out.limb[i] = b.limb[i] ^ ((a.limb[i] ^ b.limb[i]) & mask);
    return out;
  }

  /// out[i] = a[i] b[i] / 2^260 mod p, below (A B p / 2^260 + 1) p. Count products that do not depend on each other
  /// keep the pipelines busy. A call: inlined everywhere, products would not fit the instruction cache.
  template <int Count>
  [[gnu::noinline]] static void mul(Value (&out)[Count], const Value (&a)[Count], const Value (&b)[Count]) {
    Machine::template mul<Modulus, Count>(out, a, b);
  }
  LL_INLINE Value mul(const Value& a, const Value& b) {
    Value out[1];
    const Value as[1] = {a}, bs[1] = {b};
    mul<1>(out, as, bs);
    return out[0];
  }
};

}  // namespace ll::algebra::kernels
