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

/// What a key fixes in these columns; layout.used_rows values each.
struct EncoderFixed {
  std::vector<Fr> f0, f1, q4;
};
EncoderFixed encoder_fixed(const UpdateLayout& at, const std::vector<std::vector<Fr>>& constants);

/// Puts the run over account i's constants into R and gives its end u_i = sum_q gamma^(words - 1 - q) W^_iq.
Fr fill_horner(const UpdateLayout& at, const std::vector<std::vector<Fr>>& constants, std::size_t i, const Fr& gamma,
               std::vector<Fr>& r);

/// W^ in words [accounts][words]. Throws Error{invalid_argument} unless the encoder has the shape's sizes and W^ full
/// row rank over F_r: an account without a direction of its own could hold money that no embedding shows.
std::vector<std::vector<Fr>> checked_constants(const UpdateShape& shape, const model::QuantizedEncoder& encoder);

}  // namespace ll::circuits
