#include "algebra/field.hpp"

#include <bit>
#include <utility>

#include "algebra/batch_inverse.hpp"
#include "algebra/fq.hpp"
#include "algebra/fr.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"

namespace ll::algebra {
namespace {

/// Below this many elements an extra inversion costs more than a thread gains.
constexpr std::size_t kInversionGrain = 4096;

/// Bits that one round of the binary GCD shifts out, and rounds enough for two numbers below 2^254.
constexpr int kGcdBits = 31, kGcdRounds = 17;
static_assert(kGcdBits * kGcdRounds >= 2 * 254 - 1);

/// One round's linear map: (a, b) becomes (a·f0 + b·g0, a·f1 + b·g1)/2^31, |f| + |g| <= 2^31.
struct GcdStep {
  std::int64_t f0 = 1, g0 = 0, f1 = 0, g1 = 1;
};

/// 31 steps of the binary GCD on 64-bit stand-ins for a and b: their low 31 bits, and the 33 bits from the top of the
/// larger one down (or all bits when both fit).
GcdStep gcd_step(const Limbs& a, const Limbs& b) {
  std::uint64_t take_high = ~std::uint64_t{0}, take_low = take_high;  // masks
  std::uint64_t a_high = 0, a_low = 0, b_high = 0, b_low = 0;
  for (int i = 3; i >= 0; --i) {  // the top word that is not zero in both, and the one below
    a_high ^= (a_high ^ a[i]) & take_high;
    b_high ^= (b_high ^ b[i]) & take_high;
    a_low ^= (a_low ^ a[i]) & take_low;
    b_low ^= (b_low ^ b[i]) & take_low;
    take_low = take_high;
    const std::uint64_t any = a[i] | b[i];
    take_high &= ((any | (0 - any)) >> 63) - 1;
  }
  const int shift = std::countl_zero(a_high | b_high | 1);
  constexpr std::uint64_t kLowBits = (std::uint64_t{1} << kGcdBits) - 1;
  const auto stand_in = [&](std::uint64_t high, std::uint64_t low, std::uint64_t bottom) {
    const std::uint64_t top = high << shift | low >> 1 >> (63 - shift);
    const std::uint64_t mixed = (bottom & kLowBits) | (top & ~kLowBits);
    return mixed ^ ((mixed ^ bottom) & take_low);  // take_low is still set when one word holds all
  };
  std::uint64_t x = stand_in(a_high, a_low, a[0]), y = stand_in(b_high, b_low, b[0]);
  std::uint64_t fg0 = 1, fg1 = std::uint64_t{1} << 32;  // f + 2^32·g: both halves move in one word
  for (int i = 0; i < kGcdBits; ++i) {
    const std::uint64_t odd = 0 - (x & 1), swap = odd & (0 - std::uint64_t{x < y});
    const std::uint64_t t = (x ^ y) & swap, u = (fg0 ^ fg1) & swap;
    x ^= t;
    y ^= t;
    fg0 ^= u;
    fg1 ^= u;
    x = (x - (y & odd)) >> 1;
    fg0 -= fg1 & odd;
    fg1 <<= 1;
  }
  // each half lies in (-2^31, 2^31]
  constexpr std::uint64_t kBias = 0x7fffffff7fffffff;
  const auto low_half = [](std::uint64_t fg) {
    return static_cast<std::int64_t>((fg + kBias) & 0xffffffff) - 0x7fffffff;
  };
  const auto high_half = [](std::uint64_t fg) { return static_cast<std::int64_t>((fg + kBias) >> 32) - 0x7fffffff; };
  return {low_half(fg0), high_half(fg0), low_half(fg1), high_half(fg1)};
}

/// (a·f + b·g + m·t)/2^31, exact, as four limbs and a signed top word.
std::pair<Limbs, std::int64_t> combine(const Limbs& a, std::int64_t f, const Limbs& b, std::int64_t g, const Limbs& m,
                                       std::int64_t t) {
  i128 carry = 0;
  Limbs sum{};
  for (int i = 0; i < 4; ++i) {  // below 2^64·2^33 in absolute value
    carry += i128{a[i]} * f + i128{b[i]} * g + i128{m[i]} * t;
    sum[i] = static_cast<std::uint64_t>(carry);
    carry >>= 64;
  }
  const std::int64_t top = static_cast<std::int64_t>(carry);
  for (int i = 0; i < 4; ++i) {
    const std::uint64_t above = i == 3 ? static_cast<std::uint64_t>(top) : sum[i + 1];
    sum[i] = sum[i] >> kGcdBits | above << (64 - kGcdBits);
  }
  return {sum, top >> kGcdBits};
}

/// a = |(a·f + b·g)/2^31|; f and g change sign with it.
Limbs combine_to_magnitude(const Limbs& a, std::int64_t& f, const Limbs& b, std::int64_t& g) {
  auto [sum, top] = combine(a, f, b, g, {}, 0);
  const std::uint64_t mask = static_cast<std::uint64_t>(top >> 63);
  std::uint64_t carry = mask & 1;
  for (std::uint64_t& limb : sum) limb = add_carry(limb ^ mask, 0, carry);
  f = (f ^ static_cast<std::int64_t>(mask)) - static_cast<std::int64_t>(mask);
  g = (g ^ static_cast<std::int64_t>(mask)) - static_cast<std::int64_t>(mask);
  return sum;
}

/// (a·f + b·g)/2^31 mod p, reduced, for a, b < p.
Limbs combine_mod(const Limbs& a, std::int64_t f, const Limbs& b, std::int64_t g, const Limbs& p,
                  std::uint64_t negative_inverse) {
  const std::uint64_t lowest = a[0] * static_cast<std::uint64_t>(f) + b[0] * static_cast<std::uint64_t>(g);
  const std::uint64_t t = lowest * negative_inverse & ((std::uint64_t{1} << kGcdBits) - 1);
  auto [sum, top] = combine(a, f, b, g, p, static_cast<std::int64_t>(t));  // in (-p, 2p)
  const std::uint64_t negative = static_cast<std::uint64_t>(top >> 63);
  std::uint64_t carry = 0, borrow = 0;
  for (int i = 0; i < 4; ++i) sum[i] = add_carry(sum[i], p[i] & negative, carry);
  const Limbs reduced = sub_limbs(sum, p, borrow);
  const std::uint64_t keep = 0 - borrow;
  for (int i = 0; i < 4; ++i) sum[i] = (sum[i] & keep) | (reduced[i] & ~keep);
  return sum;
}

}  // namespace

template <class Params>
PrimeField<Params> PrimeField<Params>::pow_vartime(std::span<const std::uint64_t> exponent) const noexcept {
  const unsigned bits = bit_length(exponent);
  if (bits == 0) return one();
  if (bits <= 16) {  // too short to pay for a table
    PrimeField result = *this;
    for (unsigned i = bits - 1; i-- > 0;) {
      result = result.square();
      if ((exponent[0] >> i & 1) != 0) result *= *this;
    }
    return result;
  }
  std::array<PrimeField, 16> powers;  // four bits at a time
  powers[0] = one();
  for (int i = 1; i < 16; ++i) powers[i] = powers[i - 1] * *this;
  PrimeField result = one();
  for (unsigned i = (bits + 3) / 4; i-- > 0;) {
    for (int j = 0; j < 4; ++j) result = result.square();
    const std::uint64_t digit = exponent[i / 16] >> (4 * (i % 16)) & 15;
    if (digit != 0) result *= powers[digit];
  }
  return result;
}

// a = input·u and b = input·v mod p hold throughout, up to a common power of 2 that the rounds divide out of both
// sides; at the end a = 0 and b = gcd = 1, so v is the inverse. The work does not depend on the value.
// Source: Pornin, "Optimized Binary GCD for Modular Inversion", eprint 2020/972, algorithm 2.
template <class Params>
std::optional<PrimeField<Params>> PrimeField<Params>::inverse() const noexcept {
  if (is_zero()) return std::nullopt;
  Limbs a = limbs_, b = kModulus, u{1, 0, 0, 0}, v{};
  for (int round = 0; round < kGcdRounds; ++round) {
    GcdStep step = gcd_step(a, b);
    const Limbs next_a = combine_to_magnitude(a, step.f0, b, step.g0);
    b = combine_to_magnitude(a, step.f1, b, step.g1);
    a = next_a;
    const Limbs next_u = combine_mod(u, step.f0, v, step.g0, kModulus, kNegativeInverse);
    v = combine_mod(u, step.f1, v, step.g1, kModulus, kNegativeInverse);
    u = next_u;
  }
  return PrimeField(mul(kR3, v));  // v = (x·R)^-1, and x^-1·R = v·R³/R
}

template <class Params>
std::optional<PrimeField<Params>> PrimeField<Params>::sqrt_vartime() const noexcept
  requires(Params::kModulus[0] % 4 == 3)
{
  Limbs exponent{};  // (p + 1)/4 = (p - 3)/4 + 1, and p - 3 is a multiple of 4
  std::uint64_t carry = 1;
  for (int i = 0; i < 4; ++i) {
    const std::uint64_t above = i == 3 ? 0 : kModulus[i + 1];
    exponent[i] = add_carry(kModulus[i] >> 2 | above << 62, 0, carry);
  }
  const PrimeField root = pow_vartime(exponent);
  if (root.square() != *this) return std::nullopt;
  return root;
}

template <class Params>
std::string PrimeField<Params>::to_hex() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const Limbs limbs = canonical_limbs();
  std::string text = "0x";
  for (int i = 63; i >= 0; --i) text.push_back(kDigits[limbs[i / 16] >> (4 * (i % 16)) & 15]);
  return text;
}

template <class Params>
std::optional<PrimeField<Params>> PrimeField<Params>::from_hex(std::string_view text) noexcept {
  if (text.size() != 66 || text.substr(0, 2) != "0x") return std::nullopt;
  Limbs limbs{};
  for (int i = 0; i < 64; ++i) {
    const char c = text[65 - i];
    std::uint64_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint64_t>(c - 'a' + 10);
    } else {
      return std::nullopt;
    }
    limbs[i / 16] |= digit << (4 * (i % 16));
  }
  return from_canonical_limbs(limbs);
}

template <class Field>
void batch_inverse_vartime(std::span<Field> values) {
  parallel_for(values.size(), kInversionGrain, [&](std::size_t begin, std::size_t end) {
    batch_inverse_serial_vartime(values.subspan(begin, end - begin));
  });
}

Fr fr_root_of_unity_of_order_log2(unsigned k) {
  LL_CHECK(k <= kTwoAdicity, "domain: k = {} exceeds 28, the most that r - 1 = 2^28·t allows", k);
  Fr root = fr_root_of_unity();
  for (unsigned i = k; i < kTwoAdicity; ++i) root = root.square();
  return root;
}

template class PrimeField<FrParams>;
template class PrimeField<FqParams>;
template void batch_inverse_vartime(std::span<Fr>);
template void batch_inverse_vartime(std::span<Fq>);

}  // namespace ll::algebra
