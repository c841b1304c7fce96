#pragma once
#include <span>
#include <utility>

#include "algebra/g1.hpp"
#include "algebra/g2.hpp"
#include "algebra/tower.hpp"

namespace ll::algebra {

/// The optimal ate pairing of BN254, of order r; one when either point is the identity. Both points must lie in their
/// subgroups (the decoders of encoding.hpp check that); for others the value means nothing. Time depends on the points.
///
/// Source: Vercauteren, "Optimal Pairings", eprint 2008/096, section IV (Miller loop over 6x + 2, two Frobenius steps);
/// Scott, Benger, Charlemagne, Dominguez Perez, Kachisa, eprint 2008/490, section 5 (the final power).
Fq12 pairing(const G1Affine& p, const G2Affine& q);

/// True when the product of all pairings is one. One Miller loop and one final power for all pairs.
bool pairing_product_is_one(std::span<const std::pair<G1Affine, G2Affine>> pairs);

/// f^((q¹² - 1)/r); f != 0.
Fq12 final_exponentiation(const Fq12& f);

}  // namespace ll::algebra
