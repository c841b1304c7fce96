#pragma once
#include <string>
#include <vector>

#include "halo2/circuit.hpp"
#include "halo2/domain.hpp"
#include "halo2/srs.hpp"

namespace ll::halo2 {

/// What the verifier needs of a circuit: its shape, commitments to its fixed columns and copy constraints.
struct VerifyingKey {
  unsigned k = 0;
  Profile profile = Profile::pse_v030;
  ConstraintSystem cs;  ///< selectors converted
  bool compressed_selectors = true;
  std::vector<std::vector<bool>> selector_rows;  ///< n entries each; kept for the file when compressed
  std::vector<G1Affine> fixed_commitments, permutation_commitments;
  Fr transcript_repr;  ///< absorbed first in every transcript; the key's digest

  std::string pinned_text() const;
  /// Hex of the digest's 32 little-endian bytes.
  std::string digest() const;

  /// The key file of this key's profile:
  /// pse-v0.3.0, ezkl  03 | u8 k | u8 compressed | u32 LE count | points | selector bits
  /// halo2-axiom       02 | u32 LE k | u8 compressed | u32 LE count | points | selector bits
  /// pse-main          04 | u8 k | u32 LE count | points
  Bytes write(SerdeFormat format) const;
  /// `circuit` gives the shape, which is not in the file. Refuses wrong lengths, counts, points and padding bits.
  /// `compress_selectors` is asked only of pse-main, whose file does not say it.
  static Result<VerifyingKey> read(ByteSpan bytes, SerdeFormat format, Profile profile, Circuit& circuit,
                                   bool compress_selectors = true);
};

/// What the prover needs beyond it: the fixed polynomials themselves.
struct ProvingKey {
  VerifyingKey vk;
  std::vector<std::vector<Fr>> fixed_values, fixed_polynomials;  ///< on the rows; coefficients
  std::vector<std::vector<Fr>> sigma_values, sigma_polynomials;
  /// What keep_cosets() computed: [coset][polynomial][row]; empty before.
  std::vector<std::vector<std::vector<Fr>>> coset_values;

  /// Bytes that keep_cosets() takes.
  std::uint64_t coset_bytes() const;
  /// Computes once what every proof would compute again: the key's polynomials where the quotient is evaluated. Proofs
  /// are the same with and without. Call it again after a change of the polynomials.
  void keep_cosets();
};

/// Runs the circuit's synthesis without a witness and commits to what it fixes. A pure function of circuit, k, the flag
/// and the SRS (whose k may be larger). Throws Error{srs} when the SRS is too small, Error{invalid_argument} when the
/// circuit does not fit in 2^k rows or is not in the profile's reach. Source: halo2_proofs v0.3.0, plonk/keygen.rs.
ProvingKey keygen(const Srs& srs, Circuit& circuit, unsigned k, bool compress_selectors = true,
                  Profile profile = Profile::pse_v030);

/// The proving key for an existing verifying key: fixed columns are computed again, nothing is committed.
/// Throws Error{mismatch} when the circuit's shape is not that of the key.
ProvingKey proving_key(const VerifyingKey& vk, Circuit& circuit);

}  // namespace ll::halo2
