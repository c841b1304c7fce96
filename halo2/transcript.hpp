#pragma once
#include <variant>

#include "algebra/encoding.hpp"
#include "algebra/fr.hpp"
#include "algebra/g1.hpp"
#include "base/bytes.hpp"
#include "base/hash.hpp"
#include "base/keccak.hpp"
#include "halo2/profile.hpp"

namespace ll::halo2 {

using algebra::Fr;
using algebra::G1Affine;

/// Fiat-Shamir state, never reset: BLAKE2b-512 personalised "Halo2-Transcript", or Keccak-256 that has absorbed these
/// 16 bytes. What is absorbed are canonical coordinates, not the compressed bytes that stand in the proof. Source:
/// halo2_proofs v0.3.0, transcript.rs (Challenge255).
class Transcript {
 public:
  explicit Transcript(TranscriptHash hash = TranscriptHash::blake2b);
  void absorb_point(const G1Affine& point);  ///< 01 | x | y, 32 little-endian bytes each; identity: zeros
  void absorb_scalar(const Fr& scalar);      ///< 02 | 32 little-endian bytes
  /// Feeds 00; 64 digest bytes of a copy as a little-endian integer mod r (Keccak: of two copies, fed 0a and 0b).
  Fr squeeze_challenge();

 private:
  void update(ByteSpan bytes);
  std::variant<Blake2b, Keccak256> state_;
};

/// The prover's side: everything written is absorbed and appended to the proof.
class TranscriptWriter : public Transcript {
 public:
  explicit TranscriptWriter(TranscriptHash hash = TranscriptHash::blake2b,
                            algebra::PointFlags flags = algebra::PointFlags::old_flags)
      : Transcript(hash), flags_(flags) {}
  void write_point(const G1Affine& point);
  void write_scalar(const Fr& scalar);
  const Bytes& proof() const { return proof_; }

 private:
  algebra::PointFlags flags_;
  Bytes proof_;
};

/// The verifier's side: reads strictly (every point and scalar in the one encoding the writer produces) and absorbs.
class TranscriptReader : public Transcript {
 public:
  explicit TranscriptReader(ByteSpan proof, TranscriptHash hash = TranscriptHash::blake2b,
                            algebra::PointFlags flags = algebra::PointFlags::old_flags)
      : Transcript(hash), flags_(flags), reader_(proof, "proof") {}
  Result<G1Affine> read_point(std::string_view field);
  Result<Fr> read_scalar(std::string_view field);
  std::optional<Error> expect_end() const { return reader_.expect_end(); }

 private:
  algebra::PointFlags flags_;
  ByteReader reader_;
};

}  // namespace ll::halo2
