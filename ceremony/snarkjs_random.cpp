#include "ceremony/snarkjs_random.hpp"

#include <sodium.h>

#include "ceremony/point_codec.hpp"
#include "ceremony/resumable_blake2b.hpp"

namespace ll::ceremony {
namespace {

using algebra::Fq2;
using algebra::Limbs;

/// (q - 1)/2.
constexpr Limbs half_modulus() {
  Limbs half{};
  for (std::size_t i = 0; i < 4; ++i) {
    half[i] = Fq::kModulus[i] >> 1;
    if (i < 3) half[i] |= Fq::kModulus[i + 1] << 63;
  }
  return half;
}

/// Of the curve over F_q²: 2q - r (254 bits).
constexpr Limbs g2_cofactor() {
  std::uint64_t borrow = 0;
  Limbs out = algebra::sub_limbs(Fq::kModulus, Fr::kModulus, borrow);  // q - r, positive
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < 4; ++i) out[i] = algebra::add_carry(out[i], Fq::kModulus[i], carry);
  return out;
}

}  // namespace

bool is_greater_half(const Fq& y) { return algebra::less_limbs(half_modulus(), y.canonical_limbs()); }
bool is_greater_half(const Fq2& y) { return y.c1.is_zero() ? is_greater_half(y.c0) : is_greater_half(y.c1); }

SnarkjsRandom::SnarkjsRandom(std::span<const std::uint8_t, 32> seed) : key_{} {
  for (std::size_t i = 0; i < 32; ++i) key_[i] = seed[i / 4 * 4 + 3 - i % 4];  // a u32 of the state is little-endian
}

std::uint32_t SnarkjsRandom::next_u32() {
  if (used_ == block_.size()) {
    constexpr std::array<std::uint8_t, 8> kNonce{};
    block_.fill(0);
    crypto_stream_chacha20_xor_ic(block_.data(), block_.data(), block_.size(), kNonce.data(), counter_, key_.data());
    counter_ += block_.size() / 64;
    used_ = 0;
  }
  const std::uint8_t* word = block_.data() + used_;
  used_ += 4;
  return std::uint32_t{word[0]} | std::uint32_t{word[1]} << 8 | std::uint32_t{word[2]} << 16 |
         std::uint32_t{word[3]} << 24;
}

std::uint64_t SnarkjsRandom::next_u64() {
  const std::uint64_t high = next_u32();
  return high << 32 | next_u32();
}

template <class Field>
Field SnarkjsRandom::element() {
  while (true) {
    std::array<std::uint8_t, 32> bytes;
    for (std::size_t i = 0; i < 4; ++i) {
      std::uint64_t word = next_u64();
      if (i == 3) word &= ~std::uint64_t{0} >> 2;  // both moduli have 254 bits
      for (std::size_t j = 0; j < 8; ++j) bytes[8 * i + j] = static_cast<std::uint8_t>(word >> (8 * j));
    }
    if (const auto value = Field::from_montgomery_bytes(bytes)) return *value;
  }
}

Fq SnarkjsRandom::fq() { return element<Fq>(); }
Fr SnarkjsRandom::fr() { return element<Fr>(); }

G1Affine SnarkjsRandom::g1() {
  while (true) {
    const Fq x = fq();
    const bool greater = next_bool();
    const auto root = (x.square() * x + algebra::G1Curve::b()).sqrt_vartime();
    if (!root) continue;
    return {x, is_greater_half(*root) == greater ? *root : -*root};
  }
}

G2Affine SnarkjsRandom::g2() {
  while (true) {
    const Fq c0 = fq(), c1 = fq();
    const Fq2 x{c0, c1};
    const bool greater = next_bool();
    const auto root = (x.square() * x + algebra::G2Curve::b()).sqrt_vartime();
    if (!root) continue;
    const G2Affine point{x, is_greater_half(*root) == greater ? *root : -*root};
    static constexpr Limbs kCofactor = g2_cofactor();
    return G2(point).mul_vartime(kCofactor).to_affine();
  }
}

G2Affine proof_base_g2(std::uint8_t personal, const Digest64& challenge, const G1Affine& s, const G1Affine& sx) {
  ResumableBlake2b hash;
  hash.update(std::span(&personal, 1));
  hash.update(challenge);
  hash.update(encode_point(s, PointForm::ppot_uncompressed));
  hash.update(encode_point(sx, PointForm::ppot_uncompressed));
  const Digest64 digest = hash.digest();
  return SnarkjsRandom(std::span(digest).first<32>()).g2();
}

}  // namespace ll::ceremony
