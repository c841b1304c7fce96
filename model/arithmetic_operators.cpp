// Operators that compute: products with constants, sums, casts.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.hpp"
#include "model/operators.hpp"

namespace ll::model {
namespace {

bool varies(const Operand& operand) { return operand.constant == nullptr; }

void expect_same_type(const Operand& a, const Operand& b) {
  if (a.type != b.type)
    throw malformed("inputs of {} and {}: one type is expected", to_string(a.type), to_string(b.type));
}

[[noreturn]] void product_of_two() {
  throw malformed(
      "both factors depend on the model's inputs: a product argument for two private tensors would be needed");
}

/// Index arithmetic of a matrix product with numpy's rules for vectors and stacks of matrices.
struct MatrixProduct {
  std::size_t rows, inner, columns;
  Shape stack, result;
  std::vector<std::size_t> a_matrix, b_matrix;  ///< [stack elements] which matrix of a, of b

  MatrixProduct(const Shape& a_shape, const Shape& b_shape) {
    if (a_shape.empty() || b_shape.empty()) throw malformed("a matrix product of a scalar");
    Shape a = a_shape, b = b_shape;
    if (a.size() == 1) a.insert(a.begin(), 1);
    if (b.size() == 1) b.push_back(1);
    rows = a[a.size() - 2];
    inner = a.back();
    columns = b.back();
    if (b[b.size() - 2] != inner)
      throw malformed("a matrix product of {} and {}: inner extents {} and {} differ", to_string(a_shape),
                      to_string(b_shape), inner, b[b.size() - 2]);
    const Shape a_stack(a.begin(), a.end() - 2), b_stack(b.begin(), b.end() - 2);
    stack = broadcast_shape(a_stack, b_stack);
    a_matrix = broadcast_sources(a_stack, stack);
    b_matrix = broadcast_sources(b_stack, stack);
    result = stack;
    if (a_shape.size() > 1) result.push_back(rows);
    if (b_shape.size() > 1) result.push_back(columns);
    element_count(result);
  }
  std::size_t a_at(std::size_t matrix, std::size_t i, std::size_t k) const {
    return (a_matrix[matrix] * rows + i) * inner + k;
  }
  std::size_t b_at(std::size_t matrix, std::size_t k, std::size_t j) const {
    return (b_matrix[matrix] * inner + k) * columns + j;
  }
};

/// The product of one operand that varies and one constant; `zero_*` is taken off each element first (MatMulInteger).
Lowered matrix_product(NodeCall& call, std::int64_t zero_a, std::int64_t zero_b) {
  const Operand &a = call.operand(0), &b = call.operand(1);
  if (varies(a) && varies(b)) product_of_two();
  const MatrixProduct at(a.shape, b.shape);
  const bool a_varies = varies(a);
  const Operand& source = a_varies ? a : b;
  const FixedConstant constant = call.fixed(*(a_varies ? b : a).constant, call.weight_frac_bits);
  const std::int64_t zero_source = a_varies ? zero_a : zero_b, zero_constant = a_varies ? zero_b : zero_a;
  Lowered out{source.type, at.result, source.scale * constant.scale, {}};
  for (std::size_t matrix = 0; matrix < at.a_matrix.size(); ++matrix) {
    for (std::size_t i = 0; i < at.rows; ++i) {
      for (std::size_t j = 0; j < at.columns; ++j) {
        i128 offset = 0;
        for (std::size_t k = 0; k < at.inner; ++k) {
          const std::size_t x = at.a_at(matrix, i, k), y = at.b_at(matrix, k, j);
          const std::size_t from = a_varies ? x : y, weight = a_varies ? y : x;
          const i128 factor = checked_sum(constant.integers[weight], -i128{zero_constant});
          if (factor == 0 && constant.reals[weight] == 0) continue;
          out.map.terms.push_back({factor, constant.reals[weight] - static_cast<double>(zero_constant),
                                   static_cast<std::uint32_t>(source.first + from)});
          offset = checked_sum(offset, checked_product(factor, -i128{zero_source}));
        }
        out.map.end_row();
        out.map.constants.push_back(offset);
        out.map.real_constants.push_back(static_cast<double>(offset));
      }
    }
  }
  return out;
}

/// a + sign · b with broadcasting; either may be constant.
std::vector<Lowered> sum(NodeCall& call, int sign) {
  const Operand &a = call.operand(0), &b = call.operand(1);
  expect_same_type(a, b);
  const Shape shape = broadcast_shape(a.shape, b.shape);
  FixedConstant constants[2];
  Scale scales[2];
  const Operand* sides[2] = {&a, &b};
  for (int side = 0; side < 2; ++side) {
    const unsigned finest = std::max(call.weight_frac_bits, sides[1 - side]->scale.shift);
    if (!varies(*sides[side])) constants[side] = call.fixed(*sides[side]->constant, finest);
    scales[side] = varies(*sides[side]) ? sides[side]->scale : constants[side].scale;
  }
  Lowered out{a.type, shape, common_scale(scales[0], scales[1]), {}};
  const std::size_t count = element_count(shape);
  out.map.constants.assign(count, 0);
  out.map.real_constants.assign(count, 0);
  const std::vector<std::size_t> from[2] = {broadcast_sources(a.shape, shape), broadcast_sources(b.shape, shape)};
  for (std::size_t i = 0; i < count; ++i) {
    for (int side = 0; side < 2; ++side) {
      const int signed_one = side == 0 ? 1 : sign;
      const i128 factor = factor_between(scales[side], out.scale) * signed_one;
      const std::size_t source = from[side][i];
      if (varies(*sides[side])) {
        out.map.terms.push_back(
            {factor, static_cast<double>(signed_one), static_cast<std::uint32_t>(sides[side]->first + source)});
      } else {
        out.map.constants[i] =
            checked_sum(out.map.constants[i], checked_product(factor, constants[side].integers[source]));
        out.map.real_constants[i] += signed_one * constants[side].reals[source];
      }
    }
    out.map.end_row();
  }
  return {std::move(out)};
}

/// Which axes a reduction runs over; all when none are given.
std::vector<bool> reduced_axes(const NodeCall& call, bool axes_are_input, std::size_t rank, bool& nothing) {
  auto axes = axes_are_input ? call.integers(1) : call.integers_attribute("axes");
  nothing = (!axes || axes->empty()) && call.integer_attribute("noop_with_empty_axes", 0) != 0;
  std::vector<bool> reduced(rank, !axes || axes->empty());
  if (axes)
    for (const std::size_t axis : normal_axes(*axes, rank)) reduced[axis] = true;
  return reduced;
}

std::vector<Lowered> reduce(NodeCall& call, bool axes_are_input, bool mean) {
  const Operand& a = call.operand(0);
  bool nothing = false;
  const std::vector<bool> reduced = reduced_axes(call, axes_are_input, a.shape.size(), nothing);
  if (nothing) return lower_identity(call);
  const bool keep = call.integer_attribute("keepdims", 1) != 0;
  Shape kept = a.shape, shape;
  std::size_t averaged = 1;
  for (std::size_t axis = 0; axis < a.shape.size(); ++axis) {
    if (reduced[axis]) {
      averaged *= a.shape[axis];
      kept[axis] = 1;
    }
    if (keep || !reduced[axis]) shape.push_back(kept[axis]);
  }
  Lowered out{a.type, shape, a.scale, {}};
  if (mean) {
    if (!is_real(a.type)) throw malformed("a mean of {} rounds: only means of floats are exact", to_string(a.type));
    if (averaged == 0) throw malformed("a mean over no elements");
    const auto twos = static_cast<unsigned>(__builtin_ctzll(averaged));
    out.scale = out.scale * Scale{twos, averaged >> twos};
  }
  std::vector<std::vector<std::uint32_t>> sources(element_count(kept));
  const std::vector<std::size_t> strides = strides_of(kept);
  std::uint32_t source = static_cast<std::uint32_t>(a.first);
  for_each_index(a.shape, [&](const std::vector<std::size_t>& index) {
    std::size_t to = 0;
    for (std::size_t axis = 0; axis < index.size(); ++axis)
      if (!reduced[axis]) to += index[axis] * strides[axis];
    sources[to].push_back(source++);
  });
  const double real = mean ? 1.0 / static_cast<double>(averaged) : 1.0;
  for (const auto& row : sources) {
    for (const std::uint32_t from : row) out.map.terms.push_back({1, real, from});
    out.map.end_row();
  }
  return {std::move(out)};
}

std::int64_t zero_point(const NodeCall& call, std::size_t input) {
  const auto values = call.integers(input);
  if (!values) return 0;
  if (values->size() != 1) throw malformed("zero point {}: one number for the whole tensor is supported", input);
  return values->front();
}

}  // namespace

std::vector<Lowered> lower_matmul(NodeCall& call) {
  expect_same_type(call.operand(0), call.operand(1));
  return {matrix_product(call, 0, 0)};
}

std::vector<Lowered> lower_matmul_integer(NodeCall& call) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (is_real(call.operand(i).type) || bit_width(call.operand(i).type) != 8)
      throw malformed("inputs of int8 or uint8 are expected");
  }
  Lowered out = matrix_product(call, zero_point(call, 2), zero_point(call, 3));
  out.type = ElementType::int32;
  return {std::move(out)};
}

std::vector<Lowered> lower_gemm(NodeCall& call) {
  const Operand &a = call.operand(0), &b = call.operand(1);
  expect_same_type(a, b);
  if (varies(a) && varies(b)) product_of_two();
  if (a.shape.size() != 2 || b.shape.size() != 2) throw malformed("matrices are expected");
  const bool turn_a = call.integer_attribute("transA", 0) != 0, turn_b = call.integer_attribute("transB", 0) != 0;
  const double alpha = call.real_attribute("alpha", 1), beta = call.real_attribute("beta", 1);
  if (!is_real(a.type) && (alpha != 1 || beta != 1))
    throw malformed("alpha {} and beta {} of integers: only 1 and 1 are supported", alpha, beta);
  const std::size_t rows = a.shape[turn_a ? 1 : 0], inner = a.shape[turn_a ? 0 : 1];
  const std::size_t columns = b.shape[turn_b ? 0 : 1];
  if (b.shape[turn_b ? 1 : 0] != inner)
    throw malformed("inner extents {} and {} differ", inner, b.shape[turn_b ? 1 : 0]);
  const auto scaled = [&](const ConstantTensor& tensor, double by) {
    ConstantTensor product = tensor;
    for (double& value : product.reals) value *= by;
    return product;
  };
  const bool a_varies = varies(a);
  const Operand& source = a_varies ? a : b;
  const FixedConstant constant = call.fixed(scaled(*(a_varies ? b : a).constant, alpha), call.weight_frac_bits);
  Lowered out{a.type, {rows, columns}, source.scale * constant.scale, {}};
  const std::size_t count = element_count(out.shape);
  const bool has_c = call.has(2) && beta != 0;
  Scale c_scale;
  FixedConstant c_constant;
  std::vector<std::size_t> c_from;
  if (has_c) {
    const Operand& c = call.operand(2);
    expect_same_type(a, c);
    if (broadcast_shape(c.shape, out.shape) != out.shape)
      throw malformed("C {} does not broadcast to {}", to_string(c.shape), to_string(out.shape));
    c_from = broadcast_sources(c.shape, out.shape);
    if (varies(c)) {
      ConstantTensor factor{a.type, {}, {}, {}};
      if (is_real(a.type)) {
        factor.reals = {beta};
      } else {
        factor.integers = {1};
      }
      c_constant = call.fixed(factor, call.weight_frac_bits);
      c_scale = c.scale * c_constant.scale;
    } else {
      c_constant = call.fixed(scaled(*c.constant, beta), std::max(call.weight_frac_bits, out.scale.shift));
      c_scale = c_constant.scale;
    }
  }
  const Scale product_scale = out.scale;
  if (has_c) out.scale = common_scale(out.scale, c_scale);
  const i128 product_factor = factor_between(product_scale, out.scale);
  const i128 c_factor = has_c ? factor_between(c_scale, out.scale) : i128{0};
  out.map.constants.assign(count, 0);
  out.map.real_constants.assign(count, 0);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      for (std::size_t k = 0; k < inner; ++k) {
        const std::size_t x = turn_a ? k * rows + i : i * inner + k, y = turn_b ? j * inner + k : k * columns + j;
        const std::size_t from = a_varies ? x : y, weight = a_varies ? y : x;
        if (constant.integers[weight] == 0 && constant.reals[weight] == 0) continue;
        out.map.terms.push_back({checked_product(constant.integers[weight], product_factor), constant.reals[weight],
                                 static_cast<std::uint32_t>(source.first + from)});
      }
      if (has_c) {
        const Operand& c = call.operand(2);
        const std::size_t element = i * columns + j, from = c_from[element];
        if (varies(c)) {
          out.map.terms.push_back({checked_product(c_constant.integers[0], c_factor), c_constant.reals[0],
                                   static_cast<std::uint32_t>(c.first + from)});
        } else {
          out.map.constants[element] = checked_product(c_constant.integers[from], c_factor);
          out.map.real_constants[element] = c_constant.reals[from];
        }
      }
      out.map.end_row();
    }
  }
  return {std::move(out)};
}

std::vector<Lowered> lower_add(NodeCall& call) { return sum(call, 1); }
std::vector<Lowered> lower_sub(NodeCall& call) { return sum(call, -1); }

std::vector<Lowered> lower_mul(NodeCall& call) {
  const Operand &a = call.operand(0), &b = call.operand(1);
  expect_same_type(a, b);
  if (varies(a) && varies(b)) product_of_two();
  const Operand &source = varies(a) ? a : b, &factors = varies(a) ? b : a;
  const FixedConstant constant = call.fixed(*factors.constant, call.weight_frac_bits);
  Lowered out{a.type, broadcast_shape(a.shape, b.shape), source.scale * constant.scale, {}};
  const auto from = broadcast_sources(source.shape, out.shape), by = broadcast_sources(factors.shape, out.shape);
  for (std::size_t i = 0; i < from.size(); ++i) {
    out.map.terms.push_back(
        {constant.integers[by[i]], constant.reals[by[i]], static_cast<std::uint32_t>(source.first + from[i])});
    out.map.end_row();
  }
  return {std::move(out)};
}

std::vector<Lowered> lower_neg(NodeCall& call) {
  std::vector<Lowered> out = lower_identity(call);
  if (!is_signed(out.front().type)) throw malformed("{} has no negative numbers", to_string(out.front().type));
  for (auto& term : out.front().map.terms) {
    term.factor = -1;
    term.real = -1;
  }
  return out;
}

std::vector<Lowered> lower_cast(NodeCall& call) {
  std::vector<Lowered> out = lower_identity(call);
  const std::int64_t number = call.integer_attribute("to", 0);
  const auto to = static_cast<ElementType>(number);
  if (number < 1 || number > 13 || std::string_view(to_string(to)) == "uint64")
    throw malformed("a cast to ONNX type {} is not supported", number);
  if (to == ElementType::boolean)
    throw malformed("a cast to bool compares with zero: a range for each element is needed");
  if (is_real(out.front().type) && !is_real(to) && !out.front().scale.is_one())
    throw malformed("a cast to {} would cut off fractions (scale {}): a remainder with its range is needed",
                    to_string(to), out.front().scale.to_string());
  out.front().type = to;
  return out;
}

std::vector<Lowered> lower_reduce_sum(NodeCall& call) { return reduce(call, call.opset >= 13, false); }
std::vector<Lowered> lower_reduce_mean(NodeCall& call) { return reduce(call, call.opset >= 18, true); }

}  // namespace ll::model
