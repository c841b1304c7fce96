#include "halo2/opening.hpp"

#include "halo2/gwc.hpp"
#include "halo2/shplonk.hpp"

namespace ll::halo2 {

void write_openings(Opening opening, const Srs& srs, const std::vector<OpeningQuery>& queries,
                    const std::vector<std::span<const Fr>>& polynomials, TranscriptWriter& transcript) {
  const OpeningPlan plan = plan_openings(queries);  // refuses repeated queries for both
  if (opening == Opening::shplonk) {
    shplonk_open(srs, plan, polynomials, transcript);
  } else {
    gwc_open(srs, queries, polynomials, transcript);
  }
}

Result<PairingClaim> reduce_openings(Opening opening, const std::vector<OpeningQuery>& queries,
                                     const std::vector<LinearCommitment>& commitments, TranscriptReader& transcript) {
  const OpeningPlan plan = plan_openings(queries);
  return opening == Opening::shplonk ? shplonk_reduce(plan, commitments, transcript)
                                     : gwc_reduce(queries, commitments, transcript);
}

}  // namespace ll::halo2
