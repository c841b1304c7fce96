#pragma once
#include <utility>
#include <vector>

#include "halo2/srs.hpp"
#include "halo2/transcript.hpp"

namespace ll::halo2 {

/// One opening: polynomial `slot` takes `value` at `point`. Slots are identities (which column), not commitments: two
/// columns with equal content are two slots. No (slot, point) may stand twice: only one of two values would be bound.
struct OpeningQuery {
  std::size_t slot;
  Fr point, value;
};

/// A commitment the verifier knows as a sum of points times scalars.
using LinearCommitment = std::vector<std::pair<Fr, G1Affine>>;

/// Left and right side of the one pairing check that is left, not summed up yet: accept iff
/// e(left, [tau]_2) = e(right, [1]_2). Many proofs are then one sum.
struct PairingClaim {
  LinearCommitment left, right;
};

/// Writes the points that open everything: two for SHPLONK, one for each point of evaluation for GWC.
/// `polynomials[slot]` are coefficients, at most 2^k of them. Throws Error{invalid_argument} on a repeated query.
void write_openings(Opening opening, const Srs& srs, const std::vector<OpeningQuery>& queries,
                    const std::vector<std::span<const Fr>>& polynomials, TranscriptWriter& transcript);

/// Reads these points and reduces all openings to one pairing claim. `commitments[slot]`.
Result<PairingClaim> reduce_openings(Opening opening, const std::vector<OpeningQuery>& queries,
                                     const std::vector<LinearCommitment>& commitments, TranscriptReader& transcript);

}  // namespace ll::halo2
