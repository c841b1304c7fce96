#include "model/operators.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"

namespace ll::model {
namespace {

/// One entry an operator. `Constant` is not here: it has no input, so a program only ever sees its value.
constexpr std::array kOperators{
    Operator{"Add", lower_add},
    Operator{"Cast", lower_cast},
    Operator{"Concat", lower_concat},
    Operator{"Expand", lower_expand},
    Operator{"Flatten", lower_flatten},
    Operator{"Gather", lower_gather},
    Operator{"Gemm", lower_gemm},
    Operator{"Identity", lower_identity},
    Operator{"MatMul", lower_matmul},
    Operator{"MatMulInteger", lower_matmul_integer},
    Operator{"Mul", lower_mul},
    Operator{"Neg", lower_neg},
    Operator{"ReduceMean", lower_reduce_mean},
    Operator{"ReduceSum", lower_reduce_sum},
    Operator{"Reshape", lower_reshape},
    Operator{"Slice", lower_slice},
    Operator{"Split", lower_split},
    Operator{"Squeeze", lower_squeeze},
    Operator{"Sub", lower_sub},
    Operator{"Transpose", lower_transpose},
    Operator{"Unsqueeze", lower_unsqueeze},
};

struct Missing {
  std::string_view name, needed;
};
constexpr std::array kMissing{
    Missing{"Relu", "a sign bit and a range for each element"},
    Missing{"Clip", "a comparison, a range for each element"},
    Missing{"Max", "a comparison, a range for each element"},
    Missing{"Min", "a comparison, a range for each element"},
    Missing{"Abs", "a sign bit and a range for each element"},
    Missing{"Round", "a remainder with its range for each element"},
    Missing{"Div", "a product with the divisor and a remainder with its range for each element"},
    Missing{"Pow", "products of two private numbers and rescaling"},
    Missing{"Sqrt", "a product of two private numbers and a range for each element"},
    Missing{"Softmax", "tables of the exponential, and a division"},
    Missing{"Gelu", "a lookup table"},
    Missing{"Erf", "a lookup table"},
    Missing{"Tanh", "a lookup table"},
    Missing{"Sigmoid", "a lookup table"},
    Missing{"Conv", "a lowering to a matrix product: it is linear"},
    Missing{"LayerNormalization", "products of two private numbers, a root, a division"},
};

double scaled_back(i128 integer, const Scale& scale) { return static_cast<double>(integer) / scale.denominator(); }

/// The smallest s >= 0 with value · 2^s an integer.
unsigned exact_shift(double value) {
  if (value == 0) return 0;
  int exponent = 0;
  const double mantissa = std::frexp(value, &exponent);  // value = mantissa · 2^exponent, 53 bits
  const auto bits = static_cast<std::int64_t>(std::ldexp(mantissa, 53));
  const int zeros = __builtin_ctzll(static_cast<std::uint64_t>(bits));
  return static_cast<unsigned>(std::max(0, 53 - zeros - exponent));
}

}  // namespace

FixedConstant fixed_constant(const ConstantTensor& tensor, unsigned frac_bits) {
  FixedConstant fixed;
  if (!is_real(tensor.type)) {
    for (const std::int64_t value : tensor.integers) {
      fixed.integers.push_back(value);
      fixed.reals.push_back(static_cast<double>(value));
    }
    return fixed;
  }
  fixed.reals = tensor.reals;
  unsigned exact = 0;
  double largest = 0;
  for (const double value : tensor.reals) {
    exact = std::max(exact, exact_shift(value));
    largest = std::max(largest, std::abs(value));
  }
  const bool exactly = exact <= frac_bits || (exact <= 511 && std::ldexp(largest, static_cast<int>(exact)) <=
                                                                  std::ldexp(1.0, static_cast<int>(frac_bits)));
  fixed.scale.shift = exactly ? exact : frac_bits;
  for (const double value : tensor.reals) {
    const double integer = std::nearbyint(std::ldexp(value, static_cast<int>(fixed.scale.shift)));
    if (std::abs(integer) >= std::ldexp(1.0, 119))
      throw malformed("a constant of {:g} at scale {} reaches 2^119", value, fixed.scale.to_string());
    fixed.integers.push_back(static_cast<i128>(integer));
    fixed.largest_rounding =
        std::max(fixed.largest_rounding, std::abs(value - scaled_back(fixed.integers.back(), fixed.scale)));
  }
  return fixed;
}

const Operand& NodeCall::operand(std::size_t i) const {
  if (!has(i)) throw malformed("input {} is missing", i);
  return *operands[i];
}

std::optional<std::vector<std::int64_t>> NodeCall::integers(std::size_t i) const {
  if (!has(i)) return std::nullopt;
  const Operand& given = operand(i);
  if (given.constant == nullptr)
    throw malformed(
        "input {} depends on the model's inputs; it must be constant: a choice by private numbers needs a "
        "lookup argument",
        i);
  if (is_real(given.type)) throw malformed("input {}: integers are expected, found {}", i, to_string(given.type));
  return given.constant->integers;
}

std::int64_t NodeCall::integer_attribute(const char* name, std::int64_t otherwise) const {
  const auto found = node.attributes.find(name);
  if (found == node.attributes.end()) return otherwise;
  if (const auto* value = std::get_if<std::int64_t>(&found->second)) return *value;
  throw malformed("attribute \"{}\": an integer is expected", name);
}

double NodeCall::real_attribute(const char* name, double otherwise) const {
  const auto found = node.attributes.find(name);
  if (found == node.attributes.end()) return otherwise;
  const auto* value = std::get_if<double>(&found->second);
  if (value != nullptr && std::isfinite(*value)) return *value;
  throw malformed("attribute \"{}\": a finite number is expected", name);
}

std::optional<std::vector<std::int64_t>> NodeCall::integers_attribute(const char* name) const {
  const auto found = node.attributes.find(name);
  if (found == node.attributes.end()) return std::nullopt;
  if (const auto* value = std::get_if<std::vector<std::int64_t>>(&found->second)) return *value;
  throw malformed("attribute \"{}\": integers are expected", name);
}

FixedConstant NodeCall::fixed(const ConstantTensor& tensor, unsigned frac_bits) {
  FixedConstant constant = fixed_constant(tensor, frac_bits);
  largest_rounding = std::max(largest_rounding, constant.largest_rounding);
  return constant;
}

const Operator* find_operator(std::string_view name) {
  const auto found = std::ranges::find(kOperators, name, &Operator::name);
  return found == kOperators.end() ? nullptr : &*found;
}

std::vector<std::string_view> operator_names() {
  std::vector<std::string_view> names;
  for (const Operator& entry : kOperators) names.push_back(entry.name);
  names.push_back("Constant");
  std::ranges::sort(names);
  return names;
}

std::string_view what_would_be_needed(std::string_view name) {
  const auto found = std::ranges::find(kMissing, name, &Missing::name);
  return found == kMissing.end() ? "an entry in the table of operators" : found->needed;
}

}  // namespace ll::model
