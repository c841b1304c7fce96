#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "algebra/fr.hpp"
#include "algebra/g1.hpp"
#include "algebra/g2.hpp"
#include "base/hash.hpp"

namespace ll::ceremony {

using algebra::Fq;
using algebra::Fr;
using algebra::G1;
using algebra::G1Affine;
using algebra::G2;
using algebra::G2Affine;

/// Field elements and points out of a ChaCha20 keystream as snarkjs draws them: both its hash to G2 and its beacon
/// keys.
///
/// Source: iden3/ffjavascript, src/chacha.js (nonce 0, counter from 0), src/wasm_field1.js and src/wasm_curve.js
/// (fromRng). An integer is four u64, the lowest first, each as two u32 words with the high one first, cut to 254 bits
/// and drawn again while >= the modulus; it is taken as the Montgomery form.
class SnarkjsRandom {
 public:
  /// The key is the first 32 bytes of `seed` as eight big-endian words.
  explicit SnarkjsRandom(std::span<const std::uint8_t, 32> seed);

  std::uint32_t next_u32();
  Fq fq();
  Fr fr();
  G1Affine g1();
  /// A point of the subgroup of order r: a curve point times the cofactor.
  G2Affine g2();

 private:
  template <class Field>
  Field element();
  std::uint64_t next_u64();
  bool next_bool() { return (next_u32() & 1) != 0; }

  std::array<std::uint8_t, 32> key_;
  std::array<std::uint8_t, 1024> block_{};
  std::size_t used_ = 1024;
  std::uint64_t counter_ = 0;
};

/// The point of G2 that a contribution's proof of knowledge is made on: from BLAKE2b(personal | challenge | s | s·x),
/// points uncompressed and big-endian. personal: 0 tau, 1 alpha, 2 beta. Source: iden3/snarkjs, src/keypair.js.
G2Affine proof_base_g2(std::uint8_t personal, const Digest64& challenge, const G1Affine& s, const G1Affine& sx);

/// y is above (q-1)/2, for F_q² by c1 first: snarkjs' and PPoT's sign of a point.
bool is_greater_half(const Fq& y);
bool is_greater_half(const algebra::Fq2& y);

}  // namespace ll::ceremony
