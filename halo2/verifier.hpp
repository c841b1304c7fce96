#pragma once
#include <span>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "halo2/keygen.hpp"

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
                          ByteSpan proof, ProofFormat format = {});

/// One of several proofs that are checked together.
struct ProofToVerify {
  const VerifyingKey* vk;
  std::vector<Instances> instances;
  ByteSpan proof;
  ProofFormat format;
};

/// Checks many proofs, of one SRS, at the price of one pairing check: each is reduced to a pairing claim, and the
/// claims are summed with random factors of 128 bits from `rng` (OsRng, except in tests). Accepts exactly when
/// verify_proof accepts each, but for a probability of 2^-128; a malformed proof is named by its place, otherwise the
/// reason says that at least one does not hold. Source: halo2_proofs v0.3.0, poly/kzg/strategy.rs
/// (AccumulatorStrategy).
VerifyResult verify_proofs(const VerifierParams& params, std::span<const ProofToVerify> proofs, Rng& rng);

/// Why a key's profile does not allow proofs of so many circuits, nullopt when it does.
std::optional<std::string> circuits_unsupported(const VerifyingKey& vk, std::size_t circuits);

}  // namespace ll::halo2
