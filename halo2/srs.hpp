#pragma once
#include <span>
#include <vector>

#include "algebra/encoding.hpp"
#include "algebra/fr.hpp"
#include "algebra/g1.hpp"
#include "algebra/g2.hpp"
#include "base/bytes.hpp"
#include "base/random.hpp"

namespace ll::halo2 {

using algebra::Fr;
using algebra::G1Affine;
using algebra::G2Affine;

/// Point encodings of halo2's files. `raw`: Montgomery limbs, uncompressed; `processed`: compressed, with the flag bits
/// of the implementation that wrote it (algebra::PointFlags). docs/formats/srs.md draws both.
enum class SerdeFormat { raw, processed };

/// KZG parameters (halo2's ParamsKZG): powers of the trapdoor tau in G1, in both bases, and [1]_2, [tau]_2.
struct Srs {
  unsigned k = 0;
  std::vector<G1Affine> g;           ///< [tau^i]_1, i < 2^k
  std::vector<G1Affine> g_lagrange;  ///< [l_i(tau)]_1, i < 2^k
  G2Affine g2, s_g2;                 ///< [1]_2, [tau]_2
  /// sum of g_lagrange[j] for j >= i: what sum_suffixes() computed, empty before. In no file.
  std::vector<G1Affine> g_lagrange_suffixes;

  std::size_t size() const { return g.size(); }
  /// Commitment of a polynomial given by at most 2^k coefficients.
  G1Affine commit(std::span<const Fr> coefficients) const;
  /// Commitment of a polynomial given by its 2^k values on the domain. With suffix sums, runs of equal values cost a
  /// term each: sum v_i [l_i] = sum (v_i - v_(i-1)) (sum of [l_j] for j >= i).
  G1Affine commit_lagrange(std::span<const Fr> values) const;
  /// Computes them once; two sums a point.
  void sum_suffixes();
  /// The same setup for a smaller power. Throws Error{srs} when k is larger than this one's.
  Srs truncated(unsigned smaller_k) const;

  /// `flags` are those of processed points: old for PSE v0.3.0 and halo2-axiom, new for PSE main and EZKL.
  Bytes write(SerdeFormat format, algebra::PointFlags flags = algebra::PointFlags::old_flags) const;
  /// Reads and checks everything that can be checked without knowing tau: exact length, canonical coordinates, points
  /// on their curves, [1]_2 the generator, [tau]_2 in the subgroup, g[0] the generator; with `check_powers` also that g
  /// is a geometric progression by [tau]_2 (pairings over a random combination) and that g_lagrange belongs to g.
  /// Processed files of either flags are read: a point with the top bit set has new ones, and a file that mixes them is
  /// refused.
  static Result<Srs> read(ByteSpan bytes, SerdeFormat format, bool check_powers = true);
  /// The flags of a processed file: new when any point has the top bit set.
  static algebra::PointFlags flags_of_processed(ByteSpan bytes);
};

/// True when the points of `srs` belong together: e(sum r^i g[i+1], [1]_2) = e(sum r^i g[i], [tau]_2), and the Lagrange
/// points are those of g. `rng` draws r; soundness error 2^k / r.
bool powers_are_consistent(const Srs& srs, Rng& rng);

namespace unsafe_srs {

/// An SRS from a trapdoor that this process knows: whoever knows it can prove anything. TEST-ONLY.
Srs from_tau(unsigned k, const Fr& tau);
/// The same with tau = one uniform element drawn from `rng`.
Srs generate(unsigned k, Rng& rng);

}  // namespace unsafe_srs

}  // namespace ll::halo2
