#pragma once
#include <array>
#include <cstdint>

namespace ll::algebra::kernels {

using Word = std::uint64_t;

__extension__ using DoubleWord = unsigned __int128;
inline constexpr int kLimbs = 5, kLimbBits = 52;
inline constexpr Word kLimbMask = (Word{1} << kLimbBits) - 1;
using Limbs52 = std::array<Word, kLimbs>;

/// A modulus below 2^254 in radix 2^52, with what Montgomery reduction by 2^260 needs. `W0` is the lowest 64-bit word.
///
/// Bounds: "v < B p" counts in multiples of p. A product of values below A p and B p is below (A B p / 2^260 + 1) p,
/// and p / 2^260 < 0.012: with A B <= 84 it is below 2 p. Five limbs hold values up to 84 p.
template <Word W0, Word W1, Word W2, Word W3>
struct Modulus52 {
  static constexpr std::array<Word, 4> kWords = {W0, W1, W2, W3};
  static_assert(W3 < (Word{1} << 62), "the bounds need p < 2^254");

  static constexpr Limbs52 split(const std::array<Word, 4>& w) {
    return {w[0] & kLimbMask, (w[0] >> 52 | w[1] << 12) & kLimbMask, (w[1] >> 40 | w[2] << 24) & kLimbMask,
            (w[2] >> 28 | w[3] << 36) & kLimbMask, w[3] >> 16};
  }
  static constexpr Limbs52 kModulus = split(kWords);

  /// times·p, limbs below 2^52.
  static constexpr Limbs52 multiple(Word times) {
    Limbs52 out{};
    DoubleWord carry = 0;
    for (int i = 0; i < kLimbs; ++i) {
      carry += static_cast<DoubleWord>(kModulus[i]) * times;
      out[i] = static_cast<Word>(carry) & (i + 1 < kLimbs ? kLimbMask : ~Word{0});
      carry >>= kLimbBits;
    }
    return out;
  }
  /// times·p with 2^54 more in each limb but the top one, borrowed from the next: from it up to four values with limbs
  /// below 2^52 can be subtracted limb by limb. (The top limb may wrap; the carries from below bring it back.)
  static constexpr Limbs52 lifted(Word times) {
    Limbs52 out = multiple(times);
    for (int i = 0; i + 1 < kLimbs; ++i) {
      out[i] += Word{1} << (kLimbBits + 2);
      out[i + 1] -= 4;
    }
    return out;
  }
  /// 2^260 - times·p: added to v, it carries out of the top limb exactly when v >= times·p.
  static constexpr Limbs52 complement(Word times) {
    Limbs52 out = multiple(times);
    Word carry = 1;
    for (int i = 0; i < kLimbs; ++i) {
      out[i] = (~out[i] & kLimbMask) + carry;
      carry = out[i] >> kLimbBits;
      out[i] &= kLimbMask;
    }
    return out;
  }

  /// 2^92 over the top limb of p rounded up: for quotients by p from top limbs alone.
  static constexpr int kReciprocalBits = 40;
  static constexpr Word kReciprocal =
      static_cast<Word>((DoubleWord{1} << (kLimbBits + kReciprocalBits)) / (kModulus[kLimbs - 1] + 1));
  static_assert(kReciprocal < (Word{1} << kLimbBits));

  /// -p^-1 mod 2^52, by Newton's iteration.
  static consteval Word negative_inverse() {
    Word inverse = 1;
    for (int i = 0; i < 6; ++i) inverse *= 2 - W0 * inverse;
    return (0 - inverse) & kLimbMask;
  }
  static constexpr Word kNegativeInverse = negative_inverse();
};

/// The base field and the scalar field of BN254 (docs/bn254.md).
using FqModulus = Modulus52<0x3c208c16d87cfd47, 0x97816a916871ca8d, 0xb85045b68181585d, 0x30644e72e131a029>;
using FrModulus = Modulus52<0x43e1f593f0000001, 0x2833e84879b97091, 0xb85045b68181585d, 0x30644e72e131a029>;

}  // namespace ll::algebra::kernels
