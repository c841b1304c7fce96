#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "algebra/field_x86.hpp"
#include "algebra/limbs.hpp"
#include "base/random.hpp"

namespace ll::algebra {

/// Element of the prime field F_p, p = Params::kModulus (254 bits: `Fr` in fr.hpp, `Fq` in fq.hpp; docs/bn254.md).
///
/// Montgomery form: limbs hold a·R mod p with R = 2^256, four 64-bit limbs, least significant first, always < p, so
/// equal values have equal limbs. Constant time unless named `_vartime`.
template <class Params>
class PrimeField {
 public:
  static constexpr std::size_t kBytes = 32;
  static constexpr Limbs kModulus = Params::kModulus;
  static_assert(kModulus[0] % 2 == 1 && kModulus[3] < (std::uint64_t{1} << 62), "no-carry product needs p < 2^254");

  constexpr PrimeField() noexcept = default;  // zero
  static constexpr PrimeField zero() noexcept { return {}; }
  static constexpr PrimeField one() noexcept { return PrimeField(kR); }
  static constexpr PrimeField from_u64(std::uint64_t value) noexcept { return reduce({value, 0, 0, 0}); }
  static constexpr PrimeField from_u128(u128 value) noexcept {
    return reduce({static_cast<std::uint64_t>(value), static_cast<std::uint64_t>(value >> 64), 0, 0});
  }
  /// -1 becomes p - 1.
  static constexpr PrimeField from_i64(std::int64_t value) noexcept {
    const std::uint64_t negative = value < 0 ? 1 : 0, bits = static_cast<std::uint64_t>(value);
    const PrimeField magnitude = from_u64(negative != 0 ? 0 - bits : bits);
    return select(negative, -magnitude, magnitude);
  }

  /// Reads 32 little-endian bytes; nullopt when the integer is >= p (non-canonical).
  static std::optional<PrimeField> from_bytes_le(std::span<const std::uint8_t, kBytes> bytes) noexcept {
    return from_canonical_limbs(load_limbs(bytes));
  }
  std::array<std::uint8_t, kBytes> to_bytes_le() const noexcept { return store_limbs(canonical_limbs()); }

  /// Reads the limbs of the Montgomery form, each little-endian, lowest first (halo2's RawBytes); nullopt when the
  /// integer they hold is >= p.
  static std::optional<PrimeField> from_montgomery_bytes(std::span<const std::uint8_t, kBytes> bytes) noexcept {
    const Limbs limbs = load_limbs(bytes);
    if (!less_limbs(limbs, kModulus)) return std::nullopt;
    return PrimeField(limbs);
  }
  std::array<std::uint8_t, kBytes> to_montgomery_bytes() const noexcept { return store_limbs(limbs_); }

  /// A 512-bit little-endian integer mod p: within 2^-258 of uniform for uniform bytes.
  static PrimeField from_uniform_bytes(std::span<const std::uint8_t, 64> bytes) noexcept {
    return reduce(load_limbs(bytes.first<32>())) + PrimeField(mul(kR3, load_limbs(bytes.last<32>())));
  }
  static PrimeField random(Rng& rng) {
    std::array<std::uint8_t, 64> bytes;
    rng.fill(bytes);
    return from_uniform_bytes(bytes);
  }

  /// The integer in [0, p).
  constexpr Limbs canonical_limbs() const noexcept { return mul(limbs_, {1, 0, 0, 0}); }
  static constexpr std::optional<PrimeField> from_canonical_limbs(const Limbs& limbs) noexcept {
    if (!less_limbs(limbs, kModulus)) return std::nullopt;
    return reduce(limbs);
  }

  friend constexpr PrimeField operator+(const PrimeField& a, const PrimeField& b) noexcept {
    PrimeField out;
    add(out.limbs_, a.limbs_, b.limbs_);
    return out;
  }
  friend constexpr PrimeField operator-(const PrimeField& a, const PrimeField& b) noexcept {
    PrimeField out;
    sub(out.limbs_, a.limbs_, b.limbs_);
    return out;
  }
  friend constexpr PrimeField operator*(const PrimeField& a, const PrimeField& b) noexcept {
    PrimeField out;
    mul(out.limbs_, a.limbs_, b.limbs_);
    return out;
  }
  constexpr PrimeField operator-() const noexcept { return PrimeField() - *this; }
  constexpr PrimeField& operator+=(const PrimeField& other) noexcept {
    add(limbs_, limbs_, other.limbs_);
    return *this;
  }
  constexpr PrimeField& operator-=(const PrimeField& other) noexcept {
    sub(limbs_, limbs_, other.limbs_);
    return *this;
  }
  constexpr PrimeField& operator*=(const PrimeField& other) noexcept {
    mul(limbs_, limbs_, other.limbs_);
    return *this;
  }
  friend constexpr bool operator==(const PrimeField& a, const PrimeField& b) noexcept {
    std::uint64_t different = 0;
    for (int i = 0; i < 4; ++i) different |= a.limbs_[i] ^ b.limbs_[i];
    return different == 0;
  }
  constexpr PrimeField square() const noexcept { return *this * *this; }
  constexpr PrimeField doubled() const noexcept { return *this + *this; }
  constexpr bool is_zero() const noexcept { return *this == PrimeField(); }
  /// Lowest bit of the integer in [0, p): the sign of a point encoding.
  constexpr bool is_odd() const noexcept { return (canonical_limbs()[0] & 1) != 0; }
  /// Order of the integers in [0, p).
  friend constexpr bool canonical_less(const PrimeField& a, const PrimeField& b) noexcept {
    return less_limbs(a.canonical_limbs(), b.canonical_limbs());
  }

  /// nullopt for zero.
  std::optional<PrimeField> inverse() const noexcept;
  /// Time depends on the exponent only.
  PrimeField pow_vartime(std::uint64_t exponent) const noexcept {
    return pow_vartime(std::span<const std::uint64_t>(&exponent, 1));
  }
  /// Exponent in 64-bit words, least significant first, of any length.
  PrimeField pow_vartime(std::span<const std::uint64_t> exponent) const noexcept;
  /// The square root a^((p+1)/4), nullopt for a non-square. Only for p = 3 mod 4 (Fq).
  std::optional<PrimeField> sqrt_vartime() const noexcept
    requires(Params::kModulus[0] % 4 == 3);

  /// "0x" and 64 lower-case hex digits, most significant first.
  std::string to_hex() const;
  /// Reads exactly what to_hex writes; nullopt for any other text and for integers >= p.
  static std::optional<PrimeField> from_hex(std::string_view text) noexcept;

 private:
  constexpr explicit PrimeField(const Limbs& limbs) noexcept : limbs_(limbs) {}

  /// value - p if value >= p, else value; value < 2p.
  static constexpr Limbs subtract_modulus_once(const Limbs& value) noexcept {
    std::uint64_t borrow = 0;
    const Limbs reduced = sub_limbs(value, kModulus, borrow);
    const std::uint64_t keep = 0 - borrow;
    Limbs out{};
    for (int i = 0; i < 4; ++i) out[i] = (value[i] & keep) | (reduced[i] & ~keep);
    return out;
  }

  static constexpr PrimeField select(std::uint64_t condition, const PrimeField& yes, const PrimeField& no) noexcept {
    const std::uint64_t mask = 0 - condition;
    PrimeField out;
    for (int i = 0; i < 4; ++i) out.limbs_[i] = (yes.limbs_[i] & mask) | (no.limbs_[i] & ~mask);
    return out;
  }

  /// The field element of any 256-bit integer.
  static constexpr PrimeField reduce(const Limbs& integer) noexcept { return PrimeField(mul(kR2, integer)); }

  // The three operations that everything goes through: assembly where there is some, else (and at compile time) the
  // portable versions below. They write their result in place: a copy of fresh limbs by vector instructions would wait
  // for the four stores.
  static constexpr void add(Limbs& out, const Limbs& a, const Limbs& b) noexcept {
#if LL_FIELD_X86
    if (!std::is_constant_evaluated()) return x86::add(out, a, b, kModulus);
#endif
    out = portable_add(a, b);
  }
  static constexpr void sub(Limbs& out, const Limbs& a, const Limbs& b) noexcept {
#if LL_FIELD_X86
    if (!std::is_constant_evaluated()) return x86::sub(out, a, b, kModulus);
#endif
    out = portable_sub(a, b);
  }
  /// out = a·b/R mod p for a < p and any 256-bit b.
  static constexpr void mul(Limbs& out, const Limbs& a, const Limbs& b) noexcept {
#if LL_FIELD_X86
    if (!std::is_constant_evaluated()) {
      if (x86::use_adx) [[likely]]
        return x86::mul_adx(out, a, b, kModulus, kNegativeInverse);
      return mul_on_old_processor(out, a, b);
    }
#endif
    out = portable_mul(a, b);
  }
  static constexpr Limbs mul(const Limbs& a, const Limbs& b) noexcept {
    Limbs out{};
    mul(out, a, b);
    return out;
  }

  /// A call, so that the portable code is not repeated beside each assembly product.
  [[gnu::noinline, gnu::cold]] static void mul_on_old_processor(Limbs& out, const Limbs& a, const Limbs& b) noexcept {
    out = portable_mul(a, b);
  }
  static constexpr Limbs portable_add(const Limbs& a, const Limbs& b) noexcept {
    Limbs sum{};
    std::uint64_t carry = 0;
    for (int i = 0; i < 4; ++i) sum[i] = add_carry(a[i], b[i], carry);
    return subtract_modulus_once(sum);  // sum < 2^255: no carry out
  }
  static constexpr Limbs portable_sub(const Limbs& a, const Limbs& b) noexcept {
    std::uint64_t borrow = 0, carry = 0;
    Limbs difference = sub_limbs(a, b, borrow);
    const std::uint64_t mask = 0 - borrow;
    for (int i = 0; i < 4; ++i) difference[i] = add_carry(difference[i], kModulus[i] & mask, carry);
    return difference;
  }
  /// The product, by operand scanning.
  ///
  /// No extra carry words: after each row t < a + p < 2^255, so the two carries of a row add up without overflow.
  /// Source: Koc, Acar, Kaliski, "Analyzing and Comparing Montgomery Multiplication Algorithms" (CIOS).
  static constexpr Limbs portable_mul(const Limbs& a, const Limbs& b) noexcept {
    std::uint64_t t0 = 0, t1 = 0, t2 = 0, t3 = 0;
    for (int i = 0; i < 4; ++i) {
      std::uint64_t high = 0, reduced = 0;
      t0 = mul_add(a[0], b[i], t0, high);
      const std::uint64_t m = t0 * kNegativeInverse;
      mul_add(m, kModulus[0], t0, reduced);
      t1 = mul_add(a[1], b[i], t1, high);
      t0 = mul_add(m, kModulus[1], t1, reduced);
      t2 = mul_add(a[2], b[i], t2, high);
      t1 = mul_add(m, kModulus[2], t2, reduced);
      t3 = mul_add(a[3], b[i], t3, high);
      t2 = mul_add(m, kModulus[3], t3, reduced);
      t3 = high + reduced;
    }
    return subtract_modulus_once({t0, t1, t2, t3});
  }

  /// -p^-1 mod 2^64 by Newton's iteration; each step doubles the number of right bits.
  static consteval std::uint64_t negative_inverse() {
    std::uint64_t inverse = 1;
    for (int i = 0; i < 6; ++i) inverse *= 2 - kModulus[0] * inverse;
    return 0 - inverse;
  }
  /// 2^exponent mod p by doubling.
  static consteval Limbs power_of_two(int exponent) {
    Limbs value{1, 0, 0, 0};
    for (int i = 0; i < exponent; ++i) {
      std::uint64_t carry = 0;
      for (int j = 0; j < 4; ++j) value[j] = add_carry(value[j], value[j], carry);
      value = subtract_modulus_once(value);
    }
    return value;
  }

  static constexpr std::uint64_t kNegativeInverse = negative_inverse();
  static constexpr Limbs kR = power_of_two(256), kR2 = power_of_two(512), kR3 = power_of_two(768);

  Limbs limbs_{};
};

/// Replaces each element by its inverse with one inversion and 3 products each; zeros stay zero. Time depends on
/// which elements are zero.
template <class Field>
void batch_inverse_vartime(std::span<Field> values);

}  // namespace ll::algebra
