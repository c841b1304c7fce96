#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "halo2/circuit.hpp"
#include "halo2/verifier.hpp"

namespace ll::halo2 {

/// Two cells that a copy constraint makes equal; rows are absolute.
struct CopyConstraint {
  AnyColumn left;
  std::size_t left_row = 0;
  AnyColumn right;
  std::size_t right_row = 0;
  bool operator==(const CopyConstraint&) const = default;
};

/// All that keygen learns of a circuit, as data: with an SRS it gives the verifying key, byte for byte.
struct CircuitDescription {
  unsigned k = 0;
  bool compress_selectors = true;
  ConstraintSystem cs;                           ///< as configured: selectors not yet converted
  std::vector<std::vector<Fr>> fixed;            ///< [cs.fixed_columns()][2^k]
  std::vector<std::vector<bool>> selector_rows;  ///< [cs.selectors()][2^k]
  std::vector<CopyConstraint> copies;            ///< in the order of the calls, which the key depends on
};

/// Cells of one advice column, computed from others: on rows first_row, first_row + step, ... (`rows` of them), in that
/// order, the cell becomes `value`, divided by `divisor` where there is one. Queries are relative to the row of the
/// cell and cyclic mod 2^k; a cell that nothing has filled reads as zero.
struct CellRule {
  std::uint32_t column = 0;
  std::size_t first_row = 0, rows = 0, step = 1;
  Expression value;
  std::optional<Expression> divisor;
};

/// A witness as data: values that need no challenge, and rules for those that do. Rules are applied in order.
struct WitnessDescription {
  Instances instances;
  std::vector<std::vector<Fr>> advice;  ///< [advice columns], from row 0; missing rows are zero
  std::vector<CellRule> rules;
};

/// Records what a circuit's synthesis fixes, by the path keygen takes. Throws Error{invalid_argument} as keygen does.
CircuitDescription describe(Circuit& circuit, unsigned k, bool compress_selectors);

/// A circuit that does what its description says, in one region with absolute rows.
class DescribedCircuit : public Circuit {
 public:
  /// Without a witness: for keys and verifying. Throws Error{invalid_argument} when the two do not fit each other.
  explicit DescribedCircuit(CircuitDescription description, std::optional<WitnessDescription> witness = std::nullopt);

  void configure(ConstraintSystem& cs) override { cs = description_.cs; }
  void synthesize(Layouter& layouter) const override;
  const CircuitDescription& description() const { return description_; }

 private:
  std::vector<std::vector<Fr>> advice_values(const Layouter& layouter) const;

  CircuitDescription description_;
  std::optional<WitnessDescription> witness_;
};

inline constexpr std::uint64_t kCircuitFormatVersion = 1;

/// Canonical text, a pure function of the description. docs/formats/circuit.md draws it.
/// Throws Error{invalid_argument} when an expression is nested deeper than the format allows (1,000 levels).
std::string encode_circuit(const CircuitDescription& description);
/// Strict inverse. Error{malformed} or Error{mismatch} with the path of the field, as in
/// "circuit.json: gates[2].constraints[0].polynomial[1]: ...". `name` names the input.
Result<CircuitDescription> decode_circuit(std::string_view text, const std::string& name);

/// The same for a witness of `circuit`. A witness is secret: whoever reads the file knows it.
std::string encode_witness(const CircuitDescription& circuit, const WitnessDescription& witness);
Result<WitnessDescription> decode_witness(std::string_view text, const std::string& name,
                                          const CircuitDescription& circuit);

}  // namespace ll::halo2
