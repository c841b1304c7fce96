#include "algebra/glv.hpp"

#include "base/error.hpp"

namespace ll::algebra {
namespace {

// The short lattice vectors (A, B) and (-B, C) with A + B·lambda = 0 = -B + C·lambda mod r, A·C + B² = r; in the BN
// parameter x: A = 6x² + 4x + 1, B = 2x + 1, C = 6x² + 2x. kCOverR and kBOverR are 2^256·C/r and 2^256·B/r, rounded.
constexpr Limbs kA = "0x000000000000000000000000000000006f4d8248eeb859fd0be4e1541221250b"_limbs;
constexpr Limbs kB = "0x00000000000000000000000000000000000000000000000089d3256894d213e3"_limbs;
constexpr Limbs kC = "0x000000000000000000000000000000006f4d8248eeb859fc8211bbeb7d4f1128"_limbs;
constexpr Limbs kCOverR = "0x000000000000000000000000000000024ccef014a773d2cf7a7bd9d4391eb18e"_limbs;
constexpr Limbs kBOverR = "0x000000000000000000000000000000000000000000000002d91d232ec7e0b3d7"_limbs;

std::array<std::uint64_t, 8> mul_wide(const Limbs& a, const Limbs& b) {
  std::array<std::uint64_t, 8> out{};
  for (int i = 0; i < 4; ++i) {
    std::uint64_t carry = 0;
    for (int j = 0; j < 4; ++j) out[i + j] = mul_add(a[i], b[j], out[i + j], carry);
    out[i + 4] = carry;
  }
  return out;
}

/// a·b/2^256, rounded; below 2^256.
Limbs rounded_high_half(const Limbs& a, const Limbs& b) {
  const auto product = mul_wide(a, b);
  std::uint64_t carry = product[3] >> 63;
  Limbs out{};
  for (int i = 0; i < 4; ++i) out[i] = add_carry(product[i + 4], 0, carry);
  return out;
}

/// a·b mod 2^256.
Limbs mul_low(const Limbs& a, const Limbs& b) {
  const auto product = mul_wide(a, b);
  return {product[0], product[1], product[2], product[3]};
}

/// a - b mod 2^256.
Limbs minus(const Limbs& a, const Limbs& b) {
  std::uint64_t borrow = 0;
  return sub_limbs(a, b, borrow);
}

/// Magnitude of a two's complement integer of magnitude below 2^128; its sign goes to `negative`.
std::array<std::uint64_t, 2> magnitude(const Limbs& value, bool& negative) {
  negative = value[3] >> 63 != 0;
  const Limbs absolute = negative ? minus({}, value) : value;
  return {absolute[0], absolute[1]};
}

/// The point times the scalar, by interleaved signed windows of both halves.
G1 mul_glv(const G1& point, const GlvScalar& scalar) {
  constexpr unsigned kWidth = 5;
  std::array<G1, 1 << (kWidth - 2)> odd, odd_lambda;  // 1, 3, ..., 15 times the point, and lambda times that
  odd[0] = point;
  const G1 twice = point.doubled();
  for (std::size_t i = 1; i < odd.size(); ++i) odd[i] = odd[i - 1] + twice;
  for (std::size_t i = 0; i < odd.size(); ++i) odd_lambda[i] = odd[i].with_x_times(glv_beta());
  const auto a = wnaf(scalar.a, kWidth), b = wnaf(scalar.b, kWidth);
  const auto take = [](G1& sum, const auto& table, int digit) {
    if (digit > 0) sum += table[digit / 2];
    if (digit < 0) sum -= table[-digit / 2];
  };
  G1 sum;
  for (std::size_t i = std::max(a.size(), b.size()); i-- > 0;) {
    sum = sum.doubled();
    if (i < a.size()) take(sum, odd, scalar.a_negative ? -a[i] : a[i]);
    if (i < b.size()) take(sum, odd_lambda, scalar.b_negative ? -b[i] : b[i]);
  }
  return sum;
}

}  // namespace

Fr glv_lambda() {
  return *Fr::from_canonical_limbs("0x0000000000000000b3c4d79d41a917585bfc41088d8daaa78b17ea66b99c90dd"_limbs);
}

const Fq& glv_beta() {
  static const Fq value =
      *Fq::from_canonical_limbs("0x000000000000000059e26bcea0d48bacd4f263f1acdb5c4f5763473177fffffe"_limbs);
  return value;
}

GlvScalar glv_decompose(const Fr& k) {
  // (k, 0) is close to c1·(A, B) - c2·(-B, C), c1 = k·C/r and c2 = k·B/r rounded: what is left is (a, b).
  const Limbs integer = k.canonical_limbs();
  const Limbs c1 = rounded_high_half(integer, kCOverR), c2 = rounded_high_half(integer, kBOverR);
  GlvScalar out;
  out.a = magnitude(minus(minus(integer, mul_low(c1, kA)), mul_low(c2, kB)), out.a_negative);
  out.b = magnitude(minus(mul_low(c2, kC), mul_low(c1, kB)), out.b_negative);
  return out;
}

std::vector<std::int8_t> wnaf(std::span<const std::uint64_t> integer, unsigned width) {
  LL_CHECK(width >= 2 && width <= 7, "wnaf: width {} is not in 2..7", width);
  const unsigned bits = bit_length(integer);
  std::vector<std::int8_t> digits(bits + 1);
  const auto bit = [&](unsigned i) { return i < bits ? static_cast<int>(integer[i / 64] >> (i % 64) & 1) : 0; };
  int carry = 0;
  for (unsigned i = 0; i <= bits;) {
    if (bit(i) + carry != 1) {  // 0 or 2: an even rest, the carry moves on
      ++i;
      continue;
    }
    int window = carry;
    for (unsigned j = 0; j < width; ++j) window += bit(i + j) << j;
    carry = window >> (width - 1);  // an odd window above 2^(width-1) becomes negative
    digits[i] = static_cast<std::int8_t>(window - (carry << width));
    i += width;
  }
  return digits;
}

template <>
G1 G1::mul_vartime(const Fr& scalar) const {
  return mul_glv(*this, glv_decompose(scalar));
}

}  // namespace ll::algebra
