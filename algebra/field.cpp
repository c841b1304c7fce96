#include "algebra/field.hpp"

#include "algebra/batch_inverse.hpp"
#include "algebra/fq.hpp"
#include "algebra/fr.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"

namespace ll::algebra {
namespace {

/// Below this many elements an extra inversion costs more than a thread gains.
constexpr std::size_t kInversionGrain = 4096;

constexpr Limbs minus_small(Limbs value, std::uint64_t subtrahend) {
  std::uint64_t borrow = 0;
  return sub_limbs(value, {subtrahend, 0, 0, 0}, borrow);
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

template <class Params>
std::optional<PrimeField<Params>> PrimeField<Params>::inverse() const noexcept {
  if (is_zero()) return std::nullopt;
  constexpr Limbs kExponent = minus_small(kModulus, 2);  // a^(p-2) = a^-1 (Fermat)
  return pow_vartime(kExponent);
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
