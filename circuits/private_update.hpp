#pragma once
#include <optional>
#include <string>
#include <vector>

#include "circuits/batch_rows.hpp"
#include "circuits/private_state.hpp"
#include "halo2/circuit.hpp"

namespace ll::circuits {

/// What a prover of `update-private` chooses before the first challenge. Plain numbers that may lie.
struct PrivateTrace {
  UpdateTrace batch;                            ///< without public words
  std::vector<Fr> random_before, random_after;  ///< [kRandomRows]
};

/// Replays the batch on `before`, valid or not; the state after gets random values from `rng`. Throws
/// Error{invalid_argument} when sizes do not fit.
PrivateTrace trace_private_update(const UpdateShape& shape, const PrivateState& before,
                                  const std::vector<ledger::SlotTransfer>& transfers, Rng& rng);
/// The secret state that a trace of a valid batch ends in. Throws Error{unsatisfied} when a balance is out of range.
PrivateState state_after(const UpdateShape& shape, const PrivateTrace& trace);

/// The statement `update-private`: for two state commitments C_prev and C_new,
///
///   there are balances b in the account rows of the column behind C_prev, and at most shape.transfers transfers, each
///   valid in its turn, after which the balances are those in the account rows of the column behind C_new, in range.
///
/// No public input: the two commitments are points of the proof itself, those of the unblinded columns B0 and B1. Rows
/// and gates are those of `update` without its vectors; no constant of an encoder. Four advice columns, four fixed,
/// degree 5, 864 bytes. Soundness and hiding: docs/statements.md, docs/security.md.
///
///   D   phase 0             transfers and final balances with their running sums
///   B0  phase 0, unblinded  the state before (private_state.hpp)
///   B1  phase 0, unblinded  the state after
///   T   phase 1             running product of the memory check
class PrivateUpdateCircuit : public halo2::Circuit {
 public:
  /// Without a trace: for keygen and verifying.
  explicit PrivateUpdateCircuit(const UpdateShape& shape, std::optional<PrivateTrace> trace = std::nullopt);

  void configure(halo2::ConstraintSystem& cs) override;
  void synthesize(halo2::Layouter& layouter) const override;

  const PrivateLayout& layout() const { return layout_; }
  unsigned k() const { return layout_.k; }

 protected:
  /// The advice columns, each from the ones before. Virtual so that a test can lie in any cell.
  virtual Columns fill_d(const PrivateTrace& trace) const;
  virtual Column fill_before(const PrivateTrace& trace) const;
  virtual Column fill_after(const PrivateTrace& trace) const;
  virtual Column fill_t(const Columns& d, const Column& before, const gadgets::MemoryChallenges<Fr>& memory) const;

 private:
  struct Config {
    halo2::AdviceColumn before, after;
    BatchColumns batch;
  };
  PrivateLayout layout_;
  std::optional<PrivateTrace> trace_;
  BatchFixed fixed_;
  Config config_{};
};

/// The two states that a proof of `update-private` speaks of, as decoded points: compare these, never bytes of proofs.
struct StatePair {
  G1Affine before, after;
};
/// Error{malformed} when the proof is too short or a point has another encoding than the canonical one.
Result<StatePair> states_of_update(ByteSpan proof);

}  // namespace ll::circuits
