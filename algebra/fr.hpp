#pragma once
#include <memory>
#include <new>

#include "algebra/field.hpp"
#include "base/wipe.hpp"

namespace ll::algebra {

struct FrParams {
  static constexpr Limbs kModulus = "0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001"_limbs;
};

/// The BN254 scalar field, of order r. Constants: docs/bn254.md, derived by tools/derive_bn254.py.
using Fr = PrimeField<FrParams>;
extern template class PrimeField<FrParams>;

}  // namespace ll::algebra

/// Every vector of scalars is overwritten before its memory is given back: witnesses, blinding rows and all that a
/// prover derives from them live in such vectors, and none is missed this way. A specialisation for a type of one's own
/// is what [namespace.std] allows. It costs one pass over the memory.
template <>
class std::allocator<ll::algebra::Fr> {
 public:
  using value_type = ll::algebra::Fr;
  using size_type = std::size_t;
  using difference_type = std::ptrdiff_t;
  using propagate_on_container_move_assignment = std::true_type;

  constexpr allocator() noexcept = default;
  constexpr allocator(const allocator&) noexcept = default;
  template <class U>
  constexpr allocator(const allocator<U>&) noexcept {}  // NOLINT: allocators convert
  constexpr allocator& operator=(const allocator&) noexcept = default;

  value_type* allocate(size_type count) {
    if (count > static_cast<size_type>(-1) / sizeof(value_type)) throw std::bad_array_new_length();
    return static_cast<value_type*>(::operator new(count * sizeof(value_type), kLine));
  }
  void deallocate(value_type* memory, size_type count) noexcept {
    ll::wipe(memory, count * sizeof(value_type));
    ::operator delete(memory, kLine);
  }
  friend constexpr bool operator==(const allocator&, const allocator&) noexcept { return true; }

 private:
  static constexpr std::align_val_t kLine{64};  // of a cache: kernels read two elements or a vector at a time
};

namespace ll::algebra {

/// r - 1 = 2^28·t, t odd: NTT domains reach 2^28.
inline constexpr unsigned kTwoAdicity = 28;

/// Generator of the multiplicative group, 7.
constexpr Fr fr_multiplicative_generator() noexcept { return Fr::from_u64(7); }
/// 7^t, of order 2^28 (halo2's ROOT_OF_UNITY).
constexpr Fr fr_root_of_unity() noexcept {
  return *Fr::from_canonical_limbs("0x03ddb9f5166d18b798865ea93dd31f743215cf6dd39329c8d34f1ed960c37c9c"_limbs);
}
/// ROOT_OF_UNITY^(2^(28-k)), of order 2^k. Throws Error{invalid_argument} for k > 28.
Fr fr_root_of_unity_of_order_log2(unsigned k);
/// 7^(2^28), of odd order t: its powers tell the columns of a permutation argument apart.
constexpr Fr fr_delta() noexcept {
  return *Fr::from_canonical_limbs("0x09226b6e22c6f0ca64ec26aad4c86e715b5f898e5e963f25870e56bbe533e9a2"_limbs);
}
/// Primitive cube root of one: the coset on which quotients are computed.
constexpr Fr fr_zeta() noexcept {
  return *Fr::from_canonical_limbs("0x30644e72e131a029048b6e193fd84104cc37a73fec2bc5e9b8ca0b2d36636f23"_limbs);
}

}  // namespace ll::algebra
