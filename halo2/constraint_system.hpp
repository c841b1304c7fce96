#pragma once
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "halo2/expression.hpp"
#include "halo2/profile.hpp"

namespace ll::halo2 {

/// A named group of polynomials that must be zero on every row (blinding rows too: a selector keeps them off there).
struct Gate {
  std::string name;
  std::vector<std::string> constraint_names;  ///< one per polynomial, may be empty strings
  std::vector<Expression> polynomials;
};

/// Every row's input tuple stands in the table (halo2 book, "Lookup argument").
struct LookupArgument {
  std::string name;
  std::vector<Expression> inputs, tables;
  std::size_t required_degree() const;
};

/// The input rows are a permutation of the shuffle rows.
struct ShuffleArgument {
  std::string name;
  std::vector<Expression> inputs, shuffles;
  std::size_t required_degree() const;
};

struct ColumnQuery {
  AnyColumn column;
  Rotation rotation;
  bool operator==(const ColumnQuery&) const = default;
};

class ConstraintSystem;

/// What a gate's closure sees: each query registers its (column, rotation) at the moment of the call, which fixes the
/// order of the evaluations in a proof (profile G1 of PSE halo2 v0.3.0).
class VirtualCells {
 public:
  explicit VirtualCells(ConstraintSystem& cs) : cs_(cs) {}
  Expression query(AnyColumn column, Rotation rotation);
  Expression query_selector(Selector selector) const { return Expression(selector); }
  Expression query_challenge(Challenge challenge) const { return Expression(challenge); }

 private:
  ConstraintSystem& cs_;
};

/// The shape of a circuit: columns, gates, lookups, shuffles, equality columns, and the order in which each was made,
/// because that order is on the wire. Source: halo2_proofs v0.3.0, plonk/circuit.rs.
class ConstraintSystem {
 public:
  using NamedPolynomials = std::vector<std::pair<std::string, Expression>>;

  /// An advice column whose values may depend on the challenges of all earlier phases. Phase p > 0 needs a column of
  /// phase p - 1. An `unblinded` column is committed as it is, without random rows (the caller answers for hiding).
  AdviceColumn advice_column(std::uint8_t phase = 0, bool unblinded = false);
  FixedColumn fixed_column();
  /// `rows` is the exact number of public inputs that the statement has in this column; the verifier refuses others,
  /// because the transcript absorbs values and not lengths. nullopt: any number that fits.
  InstanceColumn instance_column(std::optional<std::size_t> rows = std::nullopt);
  TableColumn lookup_table_column();
  Selector selector();
  Selector complex_selector();
  Challenge challenge_usable_after(std::uint8_t phase);

  void enable_equality(AnyColumn column);
  /// Constants of regions are written into this column.
  void enable_constant(FixedColumn column);

  void create_gate(std::string name, const std::function<NamedPolynomials(VirtualCells&)>& constraints);
  void lookup(std::string name,
              const std::function<std::vector<std::pair<Expression, TableColumn>>(VirtualCells&)>& table_map);
  void lookup_any(std::string name,
                  const std::function<std::vector<std::pair<Expression, Expression>>(VirtualCells&)>& table_map);
  void shuffle(std::string name,
               const std::function<std::vector<std::pair<Expression, Expression>>(VirtualCells&)>& map);
  void set_minimum_degree(std::size_t degree) { minimum_degree_ = degree; }

  /// Registers a query (if new) and gives its index in the list of its kind.
  std::uint32_t query_index(AnyColumn column, Rotation rotation);

  std::size_t advice_columns() const { return advice_phases_.size(); }
  std::size_t fixed_columns() const { return fixed_columns_; }
  std::size_t instance_columns() const { return instance_rows_.size(); }
  std::size_t selectors() const { return selector_kinds_.size(); }
  /// Number of virtual selectors that the pinned text shows: 0 after conversion without compression.
  std::size_t pinned_selectors() const { return pinned_selectors_; }
  std::size_t challenges() const { return challenge_phases_.size(); }
  const std::vector<std::uint8_t>& advice_phases() const { return advice_phases_; }
  const std::vector<bool>& unblinded_advice() const { return unblinded_; }
  const std::vector<std::uint8_t>& challenge_phases() const { return challenge_phases_; }
  const std::vector<std::optional<std::size_t>>& instance_rows() const { return instance_rows_; }
  const std::vector<bool>& selector_is_simple() const { return selector_kinds_; }
  std::uint8_t max_phase() const;
  const std::vector<Gate>& gates() const { return gates_; }
  const std::vector<LookupArgument>& lookups() const { return lookups_; }
  const std::vector<ShuffleArgument>& shuffles() const { return shuffles_; }
  const std::vector<ColumnQuery>& advice_queries() const { return advice_queries_; }
  const std::vector<ColumnQuery>& fixed_queries() const { return fixed_queries_; }
  const std::vector<ColumnQuery>& instance_queries() const { return instance_queries_; }
  const std::vector<AnyColumn>& permutation_columns() const { return permutation_columns_; }
  const std::vector<FixedColumn>& constants() const { return constants_; }
  std::optional<std::size_t> minimum_degree() const { return minimum_degree_; }

  /// Largest degree of all arguments: 3 for the permutation even when it is empty.
  std::size_t degree() const;
  /// b: rows at the end that are random; usable rows are 0 .. n - b - 2.
  std::size_t blinding_factors() const;
  std::size_t minimum_rows() const { return blinding_factors() + 3; }
  /// Permutation columns per product polynomial.
  std::size_t permutation_chunk() const { return degree() - 2; }
  std::size_t permutation_sets() const {
    return permutation_columns_.empty() ? 0 : (permutation_columns_.size() - 1) / permutation_chunk() + 1;
  }
  /// Usable rows for n = 2^k; throws Error{invalid_argument} when n is too small for the circuit.
  std::size_t usable_rows(unsigned k) const;

  /// Turns selectors into fixed columns (with or without combining them) and replaces them in every expression.
  /// `enabled[i]` holds the rows where selector i is on, n entries each. Returns the contents of the new columns in
  /// order. Source: halo2_proofs v0.3.0, plonk/circuit/compress_selectors.rs.
  std::vector<std::vector<Fr>> convert_selectors(const std::vector<std::vector<bool>>& enabled, bool compress);

  /// Forgets the order in which queries were registered and numbers them by first use: gates, lookups (inputs, then
  /// tables), shuffles, permutation columns. Unused queries vanish. After convert_selectors.
  /// Source: PSE halo2 main, halo2_backend/src/plonk/circuit.rs.
  void collect_queries();

  /// What is wrong with this system in `profile` for n = 2^k, nullopt when nothing is. In every profile two rotations
  /// of one column must name two rows: were they equal modulo n, a proof could open the column there at two values.
  std::optional<std::string> unsupported(Profile profile, unsigned k) const;

  /// Bytes of one proof of `circuits` circuits: 32 a commitment, 32 an evaluation, and the opening's points: two for
  /// SHPLONK, one for each point of evaluation for GWC.
  std::size_t proof_bytes(std::size_t circuits = 1, Opening opening = Opening::shplonk) const;

 private:
  void check_open() const;
  void check_arguments_without_simple_selectors(const std::string& name,
                                                const std::vector<Expression>& expressions) const;

  std::vector<std::uint8_t> advice_phases_, challenge_phases_;
  std::vector<bool> unblinded_, selector_kinds_;
  std::vector<std::optional<std::size_t>> instance_rows_;
  std::size_t fixed_columns_ = 0, pinned_selectors_ = 0;
  bool selectors_converted_ = false;
  std::vector<Gate> gates_;
  std::vector<LookupArgument> lookups_;
  std::vector<ShuffleArgument> shuffles_;
  std::vector<ColumnQuery> advice_queries_, fixed_queries_, instance_queries_;
  std::vector<AnyColumn> permutation_columns_;
  std::vector<FixedColumn> constants_;
  std::optional<std::size_t> minimum_degree_;
};

}  // namespace ll::halo2
