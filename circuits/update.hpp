#pragma once
#include <optional>
#include <string>
#include <vector>

#include "circuits/batch_rows.hpp"
#include "circuits/encoder_rows.hpp"
#include "circuits/update_witness.hpp"
#include "halo2/circuit.hpp"

namespace ll::circuits {

/// The statement `update` (HomomorphicUpdate) in public mode: for public vectors prev, delta, next,
///
///   there are balances b and at most shape.transfers transfers, each valid in its turn, with
///   prev = E(b), delta = the sum of their deltas, next = prev + delta = E(b after), exactly.
///
/// Balances are a memory that transfers read and write (gadgets/memory_check.hpp), amounts and balances are ranged by
/// running sums (gadgets/digit_sum.hpp), both embeddings and the addition are checked by one random combination
/// (gadgets/random_combination.hpp). Three advice columns and six fixed ones by default, no permutation, no lookup,
/// degree 5. Layout, gates, soundness and what is not said: docs/circuits/update.md and docs/statements.md.
///
///   D  phase 0   transfers and balances with their running sums; shape.columns of them
///   R  phase 1   Horner runs over public vectors and constants; the sum over the accounts
///   T  phase 1   running product of the memory check
class UpdateCircuit : public halo2::Circuit {
 public:
  /// Without a trace: for keygen and verifying. Throws Error{invalid_argument} unless the encoder has the shape's sizes
  /// and W^ (V^ in words) has full row rank over F_r: then an embedding has one preimage b, and no slot is invisible.
  UpdateCircuit(UpdateShape shape, const model::QuantizedEncoder& encoder,
                std::optional<UpdateTrace> trace = std::nullopt);

  /// The shape alone, for reading a verifying key: cheap for any shape; synthesize() throws Error{invalid_argument}.
  explicit UpdateCircuit(const UpdateShape& shape) : shape_(shape), layout_(shape) {}

  void configure(halo2::ConstraintSystem& cs) override;
  void synthesize(halo2::Layouter& layouter) const override;

  const UpdateShape& shape() const { return shape_; }
  const UpdateLayout& layout() const { return layout_; }
  unsigned k() const { return layout_.k; }
  void set_trace(UpdateTrace trace);

  /// What a row holds, for people: "transfer 17: amount", "account 3: final balance", "public vectors".
  std::string describe_row(std::size_t row) const;

 protected:
  struct Challenges {
    gadgets::MemoryChallenges<Fr> memory;  ///< alpha, beta
    Fr gamma, rho;
  };
  /// The advice columns, each from the ones before, layout().used_rows values each. Virtual so that a test can lie in
  /// any cell.
  virtual Columns fill_d(const UpdateTrace& trace) const;
  virtual Column fill_r(const UpdateTrace& trace, const Columns& d, const Challenges& challenges) const;
  virtual Column fill_t(const Columns& d, const Challenges& challenges) const;

 private:
  struct Config {
    BatchColumns batch;
    EncoderColumns encoder;
    halo2::InstanceColumn prev, delta, next;
    halo2::Challenge rho;
  };
  void create_gates(halo2::ConstraintSystem& cs) const;
  void fill_fixed();
  /// Where account i's start balance stands in D.
  std::size_t initial_row(std::size_t account) const;

  UpdateShape shape_;
  UpdateLayout layout_;
  std::vector<std::vector<Fr>> constants_;  ///< W^ [accounts][words]
  std::optional<UpdateTrace> trace_;
  BatchFixed batch_fixed_;  ///< its ft stands in F0, between the constants
  EncoderFixed encoder_fixed_;
  Config config_{};
};

}  // namespace ll::circuits
