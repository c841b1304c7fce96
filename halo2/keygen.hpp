#pragma once
#include <string>
#include <vector>

#include "halo2/circuit.hpp"
#include "halo2/domain.hpp"
#include "halo2/srs.hpp"

namespace ll::halo2 {

/// Whose file layout a verifying key is written in; the hashed content is the same.
enum class VkLayout {
  pse_v030,  ///< 03 | u8 k | u8 compressed | u32 LE count | points | selector bits
  axiom,     ///< 02 | u32 LE k | u8 compressed | u32 LE count | points | selector bits
};

/// What the verifier needs of a circuit: its shape, commitments to its fixed columns and copy constraints.
struct VerifyingKey {
  unsigned k = 0;
  ConstraintSystem cs;  ///< selectors converted
  bool compressed_selectors = true;
  std::vector<std::vector<bool>> selector_rows;  ///< n entries each; kept for the file when compressed
  std::vector<G1Affine> fixed_commitments, permutation_commitments;
  Fr transcript_repr;  ///< absorbed first in every transcript; the key's digest

  std::string pinned_text() const;
  /// Hex of the digest's 32 little-endian bytes.
  std::string digest() const;

  Bytes write(SerdeFormat format, VkLayout layout) const;
  /// `circuit` gives the shape, which is not in the file. Refuses wrong lengths, counts, points and padding bits.
  static Result<VerifyingKey> read(ByteSpan bytes, SerdeFormat format, VkLayout layout, Circuit& circuit);
};

/// What the prover needs beyond it: the fixed polynomials themselves.
struct ProvingKey {
  VerifyingKey vk;
  std::vector<std::vector<Fr>> fixed_values, fixed_polynomials;  ///< on the rows; coefficients
  std::vector<std::vector<Fr>> sigma_values, sigma_polynomials;
};

/// Runs the circuit's synthesis without a witness and commits to what it fixes. A pure function of circuit, k, the flag
/// and the SRS (whose k may be larger). Throws Error{srs} when the SRS is too small, Error{invalid_argument} when the
/// circuit does not fit in 2^k rows. Source: halo2_proofs v0.3.0, plonk/keygen.rs.
ProvingKey keygen(const Srs& srs, Circuit& circuit, unsigned k, bool compress_selectors = true);

/// The proving key for an existing verifying key: fixed columns are computed again, nothing is committed.
/// Throws Error{mismatch} when the circuit's shape is not that of the key.
ProvingKey proving_key(const VerifyingKey& vk, Circuit& circuit);

}  // namespace ll::halo2
