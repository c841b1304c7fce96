#pragma once
#include <string>
#include <vector>

#include "halo2/cell_book.hpp"
#include "halo2/verifier.hpp"

namespace ll::halo2 {

/// A cell that a failed check reads.
struct MockCell {
  CellName name;
  std::optional<int> rotation;  ///< from the failing row; nullopt for the cells of a copy
  std::string value;            ///< readable()
  bool blinding = false;        ///< in a row that the prover fills with random values

  /// "advice 0 @ +1", or "advice 0 row 12" without a rotation.
  std::string label() const;
};

/// One thing a witness gets wrong.
struct MockFailure {
  enum class Kind { gate, lookup, shuffle, copy } kind;
  std::string name;              ///< "gate / constraint" or the argument's name; "copy" for copies
  std::string gate, constraint;  ///< of a gate: its name, and its constraint's, which may be empty
  std::string region;            ///< region the row lies in, empty outside of all
  std::size_t row = 0;           ///< absolute
  std::size_t region_row = 0;    ///< from the region's first row; `row` outside of all
  bool blinding = false;         ///< the row itself is one that the prover fills with random values
  /// Of a lookup the input tuple that stands in no row of the table, of a shuffle the tuple that has no partner.
  std::vector<std::string> tuple;
  std::string side;  ///< of a shuffle: "input" or "shuffle", the side where `tuple` stands
  std::vector<MockCell> cells;

  std::string to_string() const;
};

const char* to_string(MockFailure::Kind kind);

/// Something no witness can make right or wrong, and that a circuit's author hardly meant.
struct MockWarning {
  enum class Kind {
    unqueried_column,   ///< allocated, read by no gate, argument or copy
    unassigned_column,  ///< read, but no region assigns a cell of it
    idle_selector,      ///< never enabled
    idle_gate,          ///< a constraint that fixed columns and selectors switch off in every row
    unassigned_cell,    ///< read by an active gate, assigned by nobody, so it is 0
  } kind;
  std::string subject;           ///< the column, selector, or "gate / constraint"
  std::size_t count = 1;         ///< rows with the same unassigned cell
  std::optional<CellName> cell;  ///< the first such cell
  std::size_t row = 0;           ///< and the row of the gate that reads it

  std::string to_string() const;
};

const char* to_string(MockWarning::Kind kind);

struct MockReport {
  std::vector<MockFailure> failures;
  std::vector<MockWarning> warnings;
};

/// Runs a circuit without cryptography and checks every row: all failures, each with gate, region, row and values.
/// Challenges and the rows that a prover blinds are drawn from a fixed seed, so a run is repeatable; a false witness
/// passes with probability about 2^-240.
class MockProver {
 public:
  /// Throws Error{invalid_argument} where the circuit does not fit, as keygen does.
  static std::vector<MockFailure> run(unsigned k, Circuit& circuit, const Instances& instances);
  /// The same, and what looks forgotten in the circuit itself.
  static MockReport examine(unsigned k, Circuit& circuit, const Instances& instances);
};

/// A field element as people read it: signed decimal when |value| < 2^63, hex otherwise.
std::string readable(const Fr& value);

}  // namespace ll::halo2
