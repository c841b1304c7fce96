#pragma once
#include <span>

#include "base/random.hpp"
#include "halo2/keygen.hpp"
#include "halo2/verifier.hpp"

namespace ll::halo2 {

/// Proves that each circuit's witness satisfies it for its public inputs; one proof for all. The witness is not
/// checked: an unsatisfied one gives bytes that no verifier accepts, or Error{unsatisfied} where the prover notices (a
/// value that is in no table, a product that does not close, a quotient of too high degree).
///
/// `rng` blinds: OsRng, except in tests. Throws Error{srs} when the SRS is too small, Error{invalid_argument} when a
/// row beyond the usable ones is assigned, the public inputs do not fit the circuit, or the profile does not allow the
/// number of circuits. Source: halo2_proofs v0.3.0,
/// plonk/prover.rs; messages in docs/halo2-wire.md.
Bytes create_proof(const Srs& srs, const ProvingKey& pk, std::span<Circuit* const> circuits,
                   std::span<const Instances> instances, Rng& rng, ProofFormat format = {});

}  // namespace ll::halo2
