#pragma once
#include <optional>
#include <string>
#include <vector>

#include "circuits/affine_statement.hpp"
#include "halo2/circuit.hpp"

namespace ll::circuits {

/// What a verifying key's shape depends on, beside k.
struct AffineShape {
  std::size_t words = 1;             ///< public inputs
  std::size_t constant_columns = 1;  ///< c
  std::size_t public_row = 1;        ///< o
  bool steps = true;                 ///< some value has more than one row of constants
  bool shifts = true;                ///< there is a shift
  Digest32 description{};
  friend bool operator==(const AffineShape&, const AffineShape&) = default;
};

/// Where everything stands, as absolute rows; docs/circuits/onnx.md draws it. Three tapes run down the rows beside each
/// other and meet where a value is multiplied with its constants: D (ranges), U (constants), S (the sum).
struct AffineLayout {
  /// Of c columns of constants.
  AffineLayout(const AffineStatement& statement, std::size_t columns);
  /// Of the number of columns, at most 16, that gives the smallest k, the fewest columns among those.
  static AffineLayout smallest(const AffineStatement& statement);

  struct Block {
    std::size_t value;      ///< number j of the value
    std::size_t row;        ///< e: its product row, where its range check starts
    std::size_t constants;  ///< C: rows above e that hold its constants; 0: nothing depends on it
    std::size_t top_group;  ///< the first of them holds the words top_group·c .. + c - 1, the next those below
  };
  std::size_t columns = 1, words = 0;
  unsigned entry_bits = 1;
  std::vector<Block> blocks;
  std::vector<std::size_t> shifts;  ///< rows where the sum is multiplied by gamma^c
  std::size_t public_row = 0;       ///< o: row o + q has word q
  std::size_t last_row = 0;         ///< o + words: the sum ends at zero
  std::size_t used_rows = 0;
  unsigned k = 1;  ///< smallest that holds used_rows
};

/// Every value a prover chooses before the challenge, and the public words. Plain numbers that may lie.
struct AffineTrace {
  std::vector<Fr> values;
  std::vector<Fr> words;
  halo2::Instances instances() const { return {words}; }
};
AffineTrace trace_affine(const AffineStatement& statement, std::span<const i128> values);

/// The statement `onnx`: an affine map of private, ranged integers to public ones, met by one random combination
/// (gadgets/random_combination.hpp). Three advice columns, c + 3 fixed, no permutation, no lookup, degree 5.
///
///   D  phase 0   the values' range checks
///   U  phase 1   each value's constants, combined by powers of gamma
///   S  phase 1   the sum over values, then the run over the public words
class AffineCircuit : public halo2::Circuit {
 public:
  /// Without a trace: for keygen and verifying.
  explicit AffineCircuit(AffineStatement statement, std::optional<AffineTrace> trace = std::nullopt);
  /// The shape alone, for reading a verifying key; synthesize() throws Error{invalid_argument}.
  explicit AffineCircuit(const AffineShape& shape) : shape_(shape) {}

  void configure(halo2::ConstraintSystem& cs) override;
  void synthesize(halo2::Layouter& layouter) const override;

  const AffineLayout& layout() const { return *layout_; }
  const AffineShape& shape() const { return shape_; }
  const AffineStatement& statement() const { return statement_; }
  unsigned k() const { return layout_->k; }
  /// What a row holds, for people: "range of balances[0, 3], constants of balances[0, 4]".
  std::string describe_row(std::size_t row) const;

 protected:
  using Column = std::vector<Fr>;  ///< layout().used_rows values
  /// The advice columns, each from the ones before. Virtual so that a test can lie in any cell.
  virtual Column fill_d(const AffineTrace& trace) const;
  virtual Column fill_u(const Fr& gamma) const;
  virtual Column fill_s(const AffineTrace& trace, const Column& d, const Column& u, const Fr& gamma) const;

 private:
  struct Config {
    halo2::AdviceColumn d, u, s;
    halo2::InstanceColumn words;
    std::vector<halo2::FixedColumn> f;  ///< [c]
    halo2::FixedColumn qd, qu, qs;
    halo2::Challenge gamma;
  };
  void create_gates(halo2::ConstraintSystem& cs) const;
  void fill_fixed();
  Fr combined(std::size_t row, const Fr& gamma) const;

  AffineShape shape_;
  AffineStatement statement_;
  std::optional<AffineLayout> layout_;
  std::vector<Column> f_;  ///< [c]
  std::vector<unsigned> qd_, qu_, qs_;
  std::optional<AffineTrace> trace_;
  Config config_{};
};

}  // namespace ll::circuits
