#pragma once
#include <optional>
#include <vector>

#include "circuits/batch_rows.hpp"
#include "circuits/encoder_rows.hpp"
#include "circuits/private_state.hpp"
#include "halo2/circuit.hpp"

namespace ll::circuits {

/// Which of the two statements: `open`, or `genesis` = `open` with every balance in range.
enum class OpeningKind { open, genesis };

/// What a prover of `open` or `genesis` chooses before the first challenge, and the public words. May lie.
struct OpeningTrace {
  std::vector<Fr> balances, random;  ///< [accounts], [kRandomRows]
  std::vector<Fr> embedding;         ///< [limbs · words]

  halo2::Instances instances() const { return {embedding}; }
};
OpeningTrace trace_opening(const UpdateShape& shape, const model::QuantizedEncoder& encoder, const PrivateState& state);

/// The statements `open` and `genesis`: for a state commitment C and a public embedding e,
///
///   the column behind C holds balances b in its account rows with e = E(b); for `genesis` each in [0, 2^balance_bits).
///
/// W^ has full rank, so e fixes b: both statements make the balances public to whoever has V^. C is a point of the
/// proof itself, of the unblinded column B. One Horner run over e and one over the constants of each account in column
/// R, as in `update`; `genesis` adds running sums in column D, and so does `open` with several limbs, which are read
/// off them. 576 and 704 bytes with one limb. docs/circuits/private.md.
///
///   B  phase 0, unblinded  the state (private_state.hpp)
///   D  phase 0             `genesis`, several limbs: running sums of the balances
///   R  phase 1             Horner runs over public words and constants; the sum over the accounts
class StateOpeningCircuit : public halo2::Circuit {
 public:
  /// Throws Error{invalid_argument} as UpdateCircuit does.
  StateOpeningCircuit(OpeningKind kind, const UpdateShape& shape, const model::QuantizedEncoder& encoder,
                      std::optional<OpeningTrace> trace = std::nullopt);
  /// The shape alone, for reading a verifying key; synthesize() throws Error{invalid_argument}.
  StateOpeningCircuit(OpeningKind kind, const UpdateShape& shape) : kind_(kind), layout_(shape) {
    layout_.has_transfers = false;
  }

  void configure(halo2::ConstraintSystem& cs) override;
  void synthesize(halo2::Layouter& layouter) const override;

  const PrivateLayout& layout() const { return layout_; }
  unsigned k() const { return layout_.k; }

 protected:
  /// The advice columns, each from the ones before. Virtual so that a test can lie in any cell.
  virtual Column fill_state(const OpeningTrace& trace) const;
  virtual Column fill_d(const OpeningTrace& trace) const;
  virtual Column fill_r(const OpeningTrace& trace, const Column& state, const Column& d, const Fr& gamma) const;

 private:
  struct Config {
    halo2::AdviceColumn state, d;
    halo2::InstanceColumn embedding;
    halo2::FixedColumn qd, q2;
    EncoderColumns encoder;
  };
  bool ranged() const { return kind_ == OpeningKind::genesis || layout_.limbs > 1; }

  OpeningKind kind_;
  PrivateLayout layout_;
  std::vector<std::vector<Fr>> constants_;  ///< W^ [accounts][words]
  std::optional<OpeningTrace> trace_;
  EncoderFixed encoder_fixed_;
  Column qd_, q2_;
  Config config_{};
};

/// The state that a proof of `open` or `genesis` speaks of. Error{malformed} when its point is not there or not
/// canonical.
Result<G1Affine> state_of_opening(ByteSpan proof);

}  // namespace ll::circuits
