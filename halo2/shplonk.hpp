#pragma once
#include <vector>

#include "halo2/opening.hpp"

namespace ll::halo2 {

/// The same queries grouped as SHPLONK wants them: polynomials with equal point sets together, in order of appearance.
/// Source: Boneh, Drake, Fisch, Gabizon, eprint 2020/081, section 4; order as in halo2_proofs v0.3.0,
/// poly/kzg/multiopen/shplonk.
struct OpeningPlan {
  struct Polynomial {
    std::size_t slot;
    std::vector<Fr> values;  ///< at the set's points, in its order
  };
  struct Set {
    std::vector<Fr> points;
    std::vector<Polynomial> polynomials;
  };
  std::vector<Set> sets;
  std::vector<Fr> all_points;
};

/// Throws Error{invalid_argument} when a polynomial is opened twice at one point.
OpeningPlan plan_openings(const std::vector<OpeningQuery>& queries);

/// Writes the two points that open everything. `polynomials[slot]` are coefficients, at most 2^k of them.
void shplonk_open(const Srs& srs, const OpeningPlan& plan, const std::vector<std::span<const Fr>>& polynomials,
                  TranscriptWriter& transcript);

/// Reads the two points and reduces all openings to one pairing claim. `commitments[slot]`.
Result<PairingClaim> shplonk_reduce(const OpeningPlan& plan, const std::vector<LinearCommitment>& commitments,
                                    TranscriptReader& transcript);

}  // namespace ll::halo2
