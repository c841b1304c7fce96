#pragma once
#include <vector>

#include "circuits/update_witness.hpp"
#include "halo2/constraint_system.hpp"

// The rows that every statement with public vectors shares: Horner runs over the constants W^ in column R
// (gadgets/random_combination.hpp). Layout and gates: docs/circuits/update.md.
namespace ll::circuits {

/// Values of the type column q4.
enum HornerRow : unsigned { kStep = 1, kStart = 2, kPublic = 3, kLargestQ4 = kPublic };

struct EncoderColumns {
  halo2::AdviceColumn r;
  halo2::FixedColumn f0, f1, q4;
  halo2::Challenge gamma;
};

/// "horner", "horner start".
void horner_gates(halo2::ConstraintSystem& cs, const EncoderColumns& columns);

/// What a balance counts for in the sum over the accounts: sum_l gamma^(words (limbs - 1 - l)) limb_l, its limbs read
/// off the running sum that `sum_at` gives by rotation from the sum's start. `Value` is Fr in the prover and Expression
/// in a gate; one limb needs no running sum.
template <class Value, class SumAt>
Value limb_combination(const UpdateLayout& at, const Value& gamma_to_words, const SumAt& sum_at) {
  const Fr base = fr_from_u128(u128{1} << (2 * at.limb_digits));
  Value left = sum_at(0);
  Value combination = at.limbs == 1 ? left : Value(Fr::zero());
  for (unsigned limb = 0; limb < at.limbs && at.limbs > 1; ++limb) {
    Value value = left;
    if (limb + 1 < at.limbs) {
      left = sum_at(at.limb_at(limb + 1));
      value = value - left * base;
    }
    combination = limb == 0 ? value : combination * gamma_to_words + value;
  }
  return combination;
}
/// gamma^words by repeated squaring, as an expression of degree 0.
halo2::Expression gamma_to_words(const UpdateLayout& at, const halo2::Expression& gamma);

/// What a key fixes in these columns; layout.used_rows values each.
struct EncoderFixed {
  std::vector<Fr> f0, f1, q4;
};
EncoderFixed encoder_fixed(const UpdateLayout& at, const std::vector<std::vector<Fr>>& constants);

/// Puts the run over account i's constants into R and gives its end u_i = sum_q gamma^(words - 1 - q) W^_iq. Rows
/// between that are no steps carry the run along.
Fr fill_horner(const UpdateLayout& at, const std::vector<std::vector<Fr>>& constants, std::size_t i, const Fr& gamma,
               std::vector<Fr>& r);

/// W^ in words [accounts][words]. Throws Error{invalid_argument} unless the encoder has the shape's sizes and full row
/// rank, W^ over F_r where it can (accounts <= words), else V^ over the rationals, which is enough for ranged balances:
/// an account without a direction of its own could hold money that no embedding shows.
std::vector<std::vector<Fr>> checked_constants(const UpdateShape& shape, const model::QuantizedEncoder& encoder);

}  // namespace ll::circuits
