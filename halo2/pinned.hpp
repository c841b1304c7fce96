#pragma once
#include <span>
#include <string>

#include "algebra/g1.hpp"
#include "halo2/constraint_system.hpp"

namespace ll::halo2 {

/// The text that is hashed into the transcript: Rust's Debug form of the pinned verifying key, on one line, as the
/// profile's implementation prints it (docs/halo2-wire.md). `cs` has its selectors converted.
std::string pinned_text(const ConstraintSystem& cs, Profile profile, unsigned k, unsigned extended_k,
                        std::span<const algebra::G1Affine> fixed_commitments,
                        std::span<const algebra::G1Affine> permutation_commitments);

/// BLAKE2b-512, personalised "Halo2-Verify-Key", over the text's length (u64, little-endian) and the text; as an
/// integer (little-endian) mod r.
Fr transcript_representation(std::string_view text);

}  // namespace ll::halo2
