#pragma once
#include <vector>

#include "halo2/srs.hpp"
#include "halo2/transcript.hpp"

namespace ll::halo2 {

/// One opening: polynomial `slot` takes `value` at `point`. Slots are identities (which column), not commitments: two
/// columns with equal content are two slots.
struct OpeningQuery {
  std::size_t slot;
  Fr point, value;
};

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

OpeningPlan plan_openings(const std::vector<OpeningQuery>& queries);

/// Writes the two points that open everything. `polynomials[slot]` are coefficients, at most 2^k of them.
void shplonk_open(const Srs& srs, const OpeningPlan& plan, const std::vector<std::span<const Fr>>& polynomials,
                  TranscriptWriter& transcript);

/// A commitment the verifier knows as a sum of points times scalars.
using LinearCommitment = std::vector<std::pair<Fr, G1Affine>>;

/// Left and right side of the one pairing check that is left: accept iff e(left, [tau]_2) = e(right, [1]_2).
struct PairingClaim {
  G1Affine left, right;
};

/// Reads the two points and reduces all openings to one pairing claim. `commitments[slot]`.
Result<PairingClaim> shplonk_reduce(const OpeningPlan& plan, const std::vector<LinearCommitment>& commitments,
                                    TranscriptReader& transcript);

}  // namespace ll::halo2
