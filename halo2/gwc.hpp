#pragma once
#include "halo2/opening.hpp"

namespace ll::halo2 {

/// One witness point for each point of evaluation: W_z opens sum_j v^j p_j at z, j over the queries at z; points in
/// order of first appearance. Source: Gabizon, Williamson, Ciobotaru, eprint 2019/953, section 3; order as in
/// halo2_proofs v0.3.0, poly/kzg/multiopen/gwc.
void gwc_open(const Srs& srs, const std::vector<OpeningQuery>& queries,
              const std::vector<std::span<const Fr>>& polynomials, TranscriptWriter& transcript);

/// With u squeezed after the W_i: left = sum_i u^i W_i, right = sum_i u^i (z_i W_i + sum_j v^j (C_ij - e_ij G)).
Result<PairingClaim> gwc_reduce(const std::vector<OpeningQuery>& queries,
                                const std::vector<LinearCommitment>& commitments, TranscriptReader& transcript);

}  // namespace ll::halo2
