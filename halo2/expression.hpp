#pragma once
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "algebra/fr.hpp"

namespace ll::halo2 {

using algebra::Fr;

/// Row offset of a query, relative to the row a gate stands on.
struct Rotation {
  int value = 0;
  static constexpr Rotation cur() { return {0}; }
  static constexpr Rotation next() { return {1}; }
  static constexpr Rotation prev() { return {-1}; }
  auto operator<=>(const Rotation&) const = default;
};

enum class ColumnKind : std::uint8_t { advice, fixed, instance };

/// A column of any kind. `phase` is that of an advice column, 0 for the others.
struct AnyColumn {
  ColumnKind kind{};
  std::uint32_t index = 0;
  std::uint8_t phase = 0;
  auto operator<=>(const AnyColumn&) const = default;
};

/// A column whose kind is known where it is used: an advice column cannot be passed for a fixed one.
template <ColumnKind kKind>
struct Column {
  std::uint32_t index = 0;
  std::uint8_t phase = 0;
  operator AnyColumn() const { return {kKind, index, phase}; }  // NOLINT: every typed column is a column
  auto operator<=>(const Column&) const = default;
};
using AdviceColumn = Column<ColumnKind::advice>;
using FixedColumn = Column<ColumnKind::fixed>;
using InstanceColumn = Column<ColumnKind::instance>;

/// A column of a lookup table: a fixed column that only assign_table may fill.
struct TableColumn {
  FixedColumn inner;
};

/// Switches gates on in the rows where it is enabled. A simple one may be combined with others into one column and may
/// stand only in gates; a complex one keeps a column of its own and may stand in lookups too.
struct Selector {
  std::uint32_t index = 0;
  bool simple = true;
  auto operator<=>(const Selector&) const = default;
};

/// A value squeezed from the transcript after the advice columns of `phase` are committed.
struct Challenge {
  std::uint32_t index = 0;
  std::uint8_t phase = 0;
  auto operator<=>(const Challenge&) const = default;
};

/// A column at a rotation; `query_index` is its place in the constraint system's list of that kind.
struct Query {
  AnyColumn column;
  Rotation rotation;
  std::uint32_t query_index = 0;
};

/// Polynomial over cells, selectors and challenges. The shape of the tree is part of the verifying key (it is hashed),
/// so nothing is ever simplified: a - b is Sum(a, Negated(b)), a times a field constant is Scaled(a, c).
/// Source: halo2_proofs v0.3.0, plonk/circuit.rs; ours shares subtrees instead of copying them.
class Expression {
 public:
  enum class Kind : std::uint8_t { constant, selector, query, challenge, negated, sum, product, scaled };

  Expression() : Expression(Fr::zero()) {}
  explicit Expression(const Fr& constant);
  explicit Expression(Selector selector);
  explicit Expression(const Query& query);
  explicit Expression(Challenge challenge);
  static Expression constant(const Fr& value) { return Expression(value); }

  Kind kind() const { return node_->kind; }
  const Fr& value() const { return node_->value; }  ///< constant, and the factor of scaled
  Selector selector() const { return node_->selector; }
  const Query& query() const { return node_->query; }
  Challenge challenge() const { return node_->challenge; }
  const Expression& left() const { return *node_->left; }  ///< operand of negated and scaled, left of sum and product
  const Expression& right() const { return *node_->right; }
  /// Identity of the node, the same for shared subtrees.
  const void* id() const { return node_.get(); }

  /// Degree in the columns: query and selector 1, constant and challenge 0.
  std::size_t degree() const;

  /// Calls `visit` on every leaf, depth first, left to right.
  void for_each_leaf(const std::function<void(const Expression&)>& visit) const;

  /// The same tree with each selector leaf replaced.
  Expression replace_selectors(const std::function<Expression(Selector)>& replacement) const;
  /// The tree as PSE main hashes it: queries numbered by `index`, called depth first and left to right, and Scaled(a,
  /// c) written Product(a, Constant(c)).
  Expression renumbered(const std::function<std::uint32_t(const Query&)>& index) const;

  /// Value under a valuation of the leaves.
  Fr evaluate(const std::function<Fr(const Query&)>& query, const std::function<Fr(Challenge)>& challenge,
              const std::function<Fr(Selector)>& selector) const;

  friend Expression operator+(const Expression& a, const Expression& b);
  friend Expression operator-(const Expression& a, const Expression& b);
  friend Expression operator*(const Expression& a, const Expression& b);
  friend Expression operator*(const Expression& a, const Fr& factor);
  friend Expression operator-(const Expression& a);

 private:
  struct Node {
    Kind kind;
    Fr value;
    Selector selector;
    Query query;
    Challenge challenge;
    std::unique_ptr<const Expression> left, right;
  };
  explicit Expression(std::shared_ptr<const Node> node) : node_(std::move(node)) {}
  static Expression make(Kind kind, const Expression* left, const Expression* right, const Fr& value);

  std::shared_ptr<const Node> node_;
};

}  // namespace ll::halo2
