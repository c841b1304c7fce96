#pragma once
#include "algebra/encoding.hpp"
#include "algebra/fr.hpp"
#include "algebra/g1.hpp"
#include "base/bytes.hpp"
#include "base/hash.hpp"

namespace ll::halo2 {

using algebra::Fr;
using algebra::G1Affine;

/// Fiat-Shamir state: BLAKE2b-512 personalised "Halo2-Transcript", never reset. What is absorbed are canonical
/// coordinates, not the compressed bytes that stand in the proof. Source: halo2_proofs v0.3.0, transcript.rs
/// (Challenge255).
class Transcript {
 public:
  Transcript();
  void absorb_point(const G1Affine& point);  ///< 01 | x | y, 32 little-endian bytes each; identity: zeros
  void absorb_scalar(const Fr& scalar);      ///< 02 | 32 little-endian bytes
  Fr squeeze_challenge();                    ///< feeds 00; the digest of a copy, as an integer mod r

 private:
  Blake2b state_;
};

/// The prover's side: everything written is absorbed and appended to the proof.
class TranscriptWriter : public Transcript {
 public:
  void write_point(const G1Affine& point);
  void write_scalar(const Fr& scalar);
  const Bytes& proof() const { return proof_; }

 private:
  Bytes proof_;
};

/// The verifier's side: reads strictly (every point and scalar in the one encoding the writer produces) and absorbs.
class TranscriptReader : public Transcript {
 public:
  explicit TranscriptReader(ByteSpan proof) : reader_(proof, "proof") {}
  Result<G1Affine> read_point(std::string_view field);
  Result<Fr> read_scalar(std::string_view field);
  std::optional<Error> expect_end() const { return reader_.expect_end(); }

 private:
  ByteReader reader_;
};

}  // namespace ll::halo2
