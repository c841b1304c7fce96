#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/u128.hpp"

namespace ll::algebra {

/// A 256-bit unsigned integer: four 64-bit words, least significant first.
using Limbs = std::array<std::uint64_t, 4>;

/// a + b + carry; carry (0 or 1) becomes the overflow.
constexpr std::uint64_t add_carry(std::uint64_t a, std::uint64_t b, std::uint64_t& carry) noexcept {
  const u128 sum = u128{a} + b + carry;
  carry = static_cast<std::uint64_t>(sum >> 64);
  return static_cast<std::uint64_t>(sum);
}

/// a - b - borrow; borrow (0 or 1) becomes 1 when the difference is negative.
constexpr std::uint64_t sub_borrow(std::uint64_t a, std::uint64_t b, std::uint64_t& borrow) noexcept {
  const u128 difference = u128{a} - b - borrow;
  borrow = static_cast<std::uint64_t>(difference >> 64) & 1;
  return static_cast<std::uint64_t>(difference);
}

/// a·b + c + carry, which fits 128 bits; carry becomes the high word.
constexpr std::uint64_t mul_add(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t& carry) noexcept {
  const u128 product = u128{a} * b + c + carry;
  carry = static_cast<std::uint64_t>(product >> 64);
  return static_cast<std::uint64_t>(product);
}

/// a - b mod 2^256; borrow becomes 1 when a < b.
constexpr Limbs sub_limbs(const Limbs& a, const Limbs& b, std::uint64_t& borrow) noexcept {
  borrow = 0;
  Limbs out{};
  for (int i = 0; i < 4; ++i) out[i] = sub_borrow(a[i], b[i], borrow);
  return out;
}

constexpr bool less_limbs(const Limbs& a, const Limbs& b) noexcept {
  std::uint64_t borrow = 0;
  sub_limbs(a, b, borrow);
  return borrow != 0;
}

/// Position of the highest set bit plus one; 0 for zero.
constexpr unsigned bit_length(std::span<const std::uint64_t> limbs) noexcept {
  for (std::size_t i = limbs.size(); i-- > 0;) {
    if (limbs[i] != 0) return static_cast<unsigned>(64 * i + 64) - static_cast<unsigned>(__builtin_clzll(limbs[i]));
  }
  return 0;
}

/// Little-endian bytes to limbs.
constexpr Limbs load_limbs(std::span<const std::uint8_t, 32> bytes) noexcept {
  Limbs out{};
  for (int i = 0; i < 32; ++i) out[i / 8] |= std::uint64_t{bytes[i]} << (8 * (i % 8));
  return out;
}

constexpr std::array<std::uint8_t, 32> store_limbs(const Limbs& limbs) noexcept {
  std::array<std::uint8_t, 32> out{};
  for (int i = 0; i < 32; ++i) out[i] = static_cast<std::uint8_t>(limbs[i / 8] >> (8 * (i % 8)));
  return out;
}

/// Reads "0x" and 64 lower-case hex digits, most significant first, for constants: anything else does not compile.
consteval Limbs operator""_limbs(const char* text, std::size_t length) {
  if (length != 66 || text[0] != '0' || text[1] != 'x') throw "expected 0x and 64 hex digits";
  Limbs out{};
  for (int i = 0; i < 64; ++i) {
    const char c = text[65 - i];
    std::uint64_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint64_t>(c - 'a' + 10);
    } else {
      throw "expected a lower-case hex digit";
    }
    out[i / 16] |= digit << (4 * (i % 16));
  }
  return out;
}

}  // namespace ll::algebra
