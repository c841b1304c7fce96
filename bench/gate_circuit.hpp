#pragma once
#include <vector>

#include "halo2/circuit_description.hpp"

namespace ll::bench {

using halo2::Fr;

/// A circuit that can be made for any number of rows, to compare provers with: six advice columns of full-size values,
/// three fixed ones, degree 5, a permutation over three columns, no lookup, no public input; proofs of 1,024 bytes.
///
///   "quartic"  q·(a b c d + k - e) = 0      degree 5        "square"   q·(b' - b^2 - k) = 0
///   "weave"    q·(d' - d f - b) = 0                         "mix"      q·(f' - f b - o) = 0      ' is the row below
///   copies     a' = e, c' = a
///
/// k and o are fixed columns, functions of the row's number; q is 1 on every row but the last of those used.
/// Constraints of it as the field counts them: rows times gates.
class GateCircuit : public halo2::Circuit {
 public:
  static constexpr std::size_t kGates = 4;

  /// Holds a witness of 2^k rows.
  explicit GateCircuit(unsigned k);

  void configure(halo2::ConstraintSystem& cs) override;
  void synthesize(halo2::Layouter& layouter) const override;

  unsigned k() const { return k_; }
  std::size_t constraints() const { return kGates << k_; }
  /// The same witness as rules: small as a file, whatever k is.
  halo2::WitnessDescription describe_witness() const;

 private:
  unsigned k_;
  std::size_t rows_;
  std::vector<Fr> a_values_, b_values_, c_values_, d_values_, e_values_, f_values_;  ///< [rows_] each
  halo2::AdviceColumn a_, b_, c_, d_, e_, f_;
  halo2::FixedColumn q_, number_, offset_;
};

}  // namespace ll::bench
