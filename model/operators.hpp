#pragma once
#include <functional>
#include <optional>
#include <string_view>

#include "model/graph.hpp"
#include "model/linear_map.hpp"

namespace ll::model {

/// One input of a node: a tensor that depends on the model's inputs, or constant numbers.
struct Operand {
  ElementType type = ElementType::int64;
  Shape shape;
  Scale scale;                               ///< of a tensor that varies
  std::size_t first = 0;                     ///< where its elements start among the node's sources
  const ConstantTensor* constant = nullptr;  ///< nullptr: it varies
};

/// Constant numbers as fixed point: integers / scale.
struct FixedConstant {
  std::vector<i128> integers;
  std::vector<double> reals;  ///< as the model gives them
  Scale scale;
  double largest_rounding = 0;  ///< of a real number, 0: exact
};
/// Integers as they are. Real numbers exactly where their smallest power-of-two scale is at most 2^frac_bits or makes
/// integers of at most frac_bits bits, otherwise rounded to frac_bits fractional bits, halves to even. A pure function.
FixedConstant fixed_constant(const ConstantTensor& tensor, unsigned frac_bits);

/// A node to be lowered.
struct NodeCall {
  const GraphNode& node;
  std::int64_t opset = 0;
  unsigned weight_frac_bits = 0;
  std::vector<std::optional<Operand>> operands;  ///< nullopt: left out
  double largest_rounding = 0;                   ///< of constants, raised by what lowers

  const Operand& operand(std::size_t i) const;  ///< throws Error{malformed} when it is left out
  bool has(std::size_t i) const { return i < operands.size() && operands[i].has_value(); }
  /// Constant integers at input `i`; nullopt when it is left out. Throws Error{malformed} when it varies or holds
  /// reals.
  std::optional<std::vector<std::int64_t>> integers(std::size_t i) const;
  std::int64_t integer_attribute(const char* name, std::int64_t otherwise) const;
  double real_attribute(const char* name, double otherwise) const;
  std::optional<std::vector<std::int64_t>> integers_attribute(const char* name) const;
  FixedConstant fixed(const ConstantTensor& tensor, unsigned frac_bits);
};

/// One output of a node.
struct Lowered {
  ElementType type = ElementType::int64;
  Shape shape;
  Scale scale;
  LinearMap map;
};

/// An operator: shape rule, exact integer meaning, and thereby bounds and lowering to a circuit, in one function. It
/// throws Error{malformed} with a sentence for a call that it does not take.
struct Operator {
  std::string_view name;
  std::vector<Lowered> (*lower)(NodeCall& call);
};
/// nullptr when the operator is not supported.
const Operator* find_operator(std::string_view name);
std::vector<std::string_view> operator_names();
/// What a circuit for an operator that is not in the table would take, in words.
std::string_view what_would_be_needed(std::string_view name);

// The table's functions: arithmetic_operators.cpp, shape_operators.cpp.
std::vector<Lowered> lower_matmul(NodeCall& call);
std::vector<Lowered> lower_matmul_integer(NodeCall& call);
std::vector<Lowered> lower_gemm(NodeCall& call);
std::vector<Lowered> lower_add(NodeCall& call);
std::vector<Lowered> lower_sub(NodeCall& call);
std::vector<Lowered> lower_mul(NodeCall& call);
std::vector<Lowered> lower_neg(NodeCall& call);
std::vector<Lowered> lower_cast(NodeCall& call);
std::vector<Lowered> lower_reduce_sum(NodeCall& call);
std::vector<Lowered> lower_reduce_mean(NodeCall& call);
std::vector<Lowered> lower_identity(NodeCall& call);
std::vector<Lowered> lower_gather(NodeCall& call);
std::vector<Lowered> lower_slice(NodeCall& call);
std::vector<Lowered> lower_concat(NodeCall& call);
std::vector<Lowered> lower_split(NodeCall& call);
std::vector<Lowered> lower_reshape(NodeCall& call);
std::vector<Lowered> lower_flatten(NodeCall& call);
std::vector<Lowered> lower_transpose(NodeCall& call);
std::vector<Lowered> lower_squeeze(NodeCall& call);
std::vector<Lowered> lower_unsqueeze(NodeCall& call);
std::vector<Lowered> lower_expand(NodeCall& call);

}  // namespace ll::model
