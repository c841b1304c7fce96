// Fq and Fr against Crypto++'s integers: sums, differences, products, squares, negatives, inverses, encodings. Limbs
// are drawn with a bent for carries: 0, all ones, the modulus's own limbs and their neighbours.
#include <cryptopp/integer.h>

#include "algebra/fq.hpp"
#include "algebra/fr.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace ll::algebra {
namespace {

using CryptoPP::Integer;
using fuzz::Input;
using fuzz::require;
using Bytes32 = std::array<std::uint8_t, 32>;

Integer integer_of(const Bytes32& bytes) {
  return Integer(bytes.data(), bytes.size(), Integer::UNSIGNED, CryptoPP::LITTLE_ENDIAN_ORDER);
}

template <class F>
Bytes32 limbs_from(Input& input) {
  Bytes32 bytes{};
  for (std::size_t limb = 0; limb < 4; ++limb) {
    const std::uint8_t kind = input.byte();
    std::uint64_t value = 0;
    const std::uint64_t modulus = F::kModulus[limb];
    switch (kind % 8) {
      case 0:
        break;
      case 1:
        value = ~std::uint64_t{0};
        break;
      case 2:
        value = modulus;
        break;
      case 3:
        value = modulus - 1;
        break;
      case 4:
        value = modulus + 1;
        break;
      case 5:
        value = std::uint64_t{1} << (input.byte() % 64);  // 2^52k edges among them
        break;
      case 6:
        value = (std::uint64_t{1} << (input.byte() % 64)) - 1;
        break;
      default:
        for (int i = 0; i < 8; ++i) value = value << 8 | input.byte();
    }
    for (std::size_t i = 0; i < 8; ++i) bytes[8 * limb + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  return bytes;
}

template <class F>
void check(Input& input) {
  const Integer p = integer_of([] {
    Bytes32 bytes{};
    for (std::size_t i = 0; i < 32; ++i) bytes[i] = static_cast<std::uint8_t>(F::kModulus[i / 8] >> (8 * (i % 8)));
    return bytes;
  }());
  static const Integer r_inverse = (Integer::Power2(256) % p).InverseMod(p);
  const Bytes32 a_bytes = limbs_from<F>(input), b_bytes = limbs_from<F>(input);
  const bool montgomery = (input.byte() & 1) != 0;
  const auto a = montgomery ? F::from_montgomery_bytes(a_bytes) : F::from_bytes_le(a_bytes);
  const auto b = montgomery ? F::from_montgomery_bytes(b_bytes) : F::from_bytes_le(b_bytes);
  Integer x = integer_of(a_bytes), y = integer_of(b_bytes);
  require(a.has_value() == (x < p) && b.has_value() == (y < p), "exactly the canonical integers are read");
  Bytes wide;
  append(wide, a_bytes);
  append(wide, b_bytes);
  const Integer both(wide.data(), wide.size(), Integer::UNSIGNED, CryptoPP::LITTLE_ENDIAN_ORDER);
  const auto value = [](const F& f) { return integer_of(f.to_bytes_le()); };
  require(value(F::from_uniform_bytes(std::span(wide).template first<64>())) == both % p, "wide reduction");
  if (!a || !b) return;
  if (montgomery) x = x * r_inverse % p, y = y * r_inverse % p;
  require(value(*a) == x && value(*b) == y, "value");
  require(value(*a + *b) == (x + y) % p, "sum");
  require(value(*a - *b) == (x + p - y) % p, "difference");
  require(value(*a * *b) == x * y % p, "product");
  require(value(a->square()) == x * x % p, "square");
  require(value(-*a) == (p - x) % p, "negative");
  require(value(a->doubled()) == (x + x) % p, "double");
  require(a->is_zero() == x.IsZero() && (*a == *b) == (x == y), "comparison");
  require(canonical_less(*a, *b) == (x < y), "order");
  const auto inverse = a->inverse();
  require(inverse.has_value() == !x.IsZero(), "all but zero have an inverse");
  if (inverse) require(*inverse * *a == F::one(), "inverse");
  require(F::from_hex(a->to_hex()) == *a, "hex");
  Bytes32 raw = a->to_montgomery_bytes();
  require(F::from_montgomery_bytes(raw) == *a, "Montgomery bytes");
}

}  // namespace
}  // namespace ll::algebra

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ll::fuzz::Input input(data, size);
  while (!input.empty()) {
    ll::algebra::check<ll::algebra::Fr>(input);
    ll::algebra::check<ll::algebra::Fq>(input);
  }
  return 0;
}
