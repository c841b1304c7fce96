#pragma once
#include <span>
#include <string>
#include <vector>

#include "halo2/keygen.hpp"
#include "halo2/shplonk.hpp"

namespace ll::halo2 {

/// Public inputs of one circuit: one list a column, unpadded.
using Instances = std::vector<std::vector<Fr>>;

/// What a verifier needs of an SRS.
struct VerifierParams {
  G2Affine s_g2;  ///< [tau]_2
};

/// A false proof is an answer, not an error.
struct [[nodiscard]] VerifyResult {
  bool accepted = false;
  std::string reason;  ///< why not, empty when accepted
};

/// Verifies one proof of `instances.size()` circuits. Every byte of the proof is decoded strictly and trailing bytes
/// are refused; a column's public inputs must be as many as the circuit declares (ConstraintSystem::instance_column).
/// Source: halo2_proofs v0.3.0, plonk/verifier.rs.
VerifyResult verify_proof(const VerifierParams& params, const VerifyingKey& vk, std::span<const Instances> instances,
                          ByteSpan proof);

}  // namespace ll::halo2
