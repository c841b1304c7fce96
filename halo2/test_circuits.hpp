#pragma once
#include <string>
#include <vector>

#include "halo2/circuit_description.hpp"

namespace ll::halo2::testing {

/// Circuit A of the vectors (tests/vectors): one advice column queried at four rotations, one range lookup, one
/// constant, two public inputs. a + b c = d in two places.
class CircuitA : public Circuit {
 public:
  /// Column content from row 0; the honest one by default.
  std::vector<std::uint64_t> advice = {2, 5, 2, 12, 3, 2, 18, 5};
  std::optional<std::size_t> minimum_degree;

  void configure(ConstraintSystem& cs) override;
  void synthesize(Layouter& layouter) const override;
  static Instances honest_instances() { return {{Fr::from_u64(18), Fr::from_u64(2)}}; }

 private:
  AdviceColumn a_;
  InstanceColumn i_;
  FixedColumn constants_;
  TableColumn table_;
  Selector gate_, range_;
};

/// Circuit B of the vectors: six advice columns, two phases with a challenge, three permutation sets, two lookups (one
/// of two inputs), a shuffle, negative rotations. The vectors hold its key and proofs; fixed contents and copies of the
/// Rust circuit are not published with them, so the witness and the copies here are our own.
class CircuitB : public Circuit {
 public:
  bool with_shuffle = true;  ///< halo2-axiom has none
  bool break_copy = false, break_shuffle = false, break_lookup = false, break_challenge_gate = false,
       break_product = false;

  void configure(ConstraintSystem& cs) override;
  void synthesize(Layouter& layouter) const override;
  static Instances honest_instances() {
    return {{Fr::from_u64(3), Fr::from_u64(9), Fr::from_u64(99)}, {Fr::from_u64(77), Fr::from_u64(3)}};
  }

 private:
  AdviceColumn a_[6];
  FixedColumn step_;
  TableColumn table_[2];
  InstanceColumn i_[2];
  Selector product_, arithmetic_, combine_, previous_, instance_, pair_;
  Challenge challenge_;
};

/// The honest witness of circuit A and of circuit B as data.
WitnessDescription circuit_a_witness();
WitnessDescription circuit_b_witness();

/// Public inputs in the vectors' text form.
std::vector<Instances> parse_instances(const std::string& text);

}  // namespace ll::halo2::testing
