// Operators that only move elements.
#include <algorithm>
#include <numeric>

#include <fmt/ranges.h>

#include "base/error.hpp"
#include "model/operators.hpp"

namespace ll::model {
namespace {

/// The input's elements in another order: element i of the output is element sources[i].
Lowered moved(const Operand& input, Shape shape, const std::vector<std::size_t>& sources) {
  Lowered out{input.type, std::move(shape), input.scale, {}};
  for (const std::size_t source : sources) {
    out.map.terms.push_back({1, 1.0, static_cast<std::uint32_t>(input.first + source)});
    out.map.end_row();
  }
  return out;
}

/// The same elements under another shape.
std::vector<Lowered> reshaped(const Operand& input, Shape shape) {
  std::vector<std::size_t> sources(element_count(input.shape));
  if (element_count(shape) != sources.size())
    throw malformed("{} does not reshape to {}", to_string(input.shape), to_string(shape));
  std::iota(sources.begin(), sources.end(), std::size_t{0});
  return {moved(input, std::move(shape), sources)};
}

const Operand& moving(const NodeCall& call) { return call.operand(0); }

/// `inputs`: the list is an input since this operator set, an attribute before.
std::optional<std::vector<std::int64_t>> list(const NodeCall& call, const char* name, std::size_t input,
                                              std::int64_t since) {
  return call.opset >= since ? call.integers(input) : call.integers_attribute(name);
}

struct Range {
  std::int64_t start = 0, step = 1;
  std::size_t count = 0;
};

/// Python's slice of an axis, with ONNX's clamping.
Range sliced(std::int64_t start, std::int64_t end, std::int64_t step, std::size_t extent) {
  const auto size = static_cast<std::int64_t>(extent);
  if (step == 0) throw malformed("a slice with step 0");
  const auto clamp = [&](std::int64_t at, std::int64_t low, std::int64_t high) {
    if (at < 0) at = at < -size ? low : at + size;
    return std::clamp(at, low, high);
  };
  Range range{step > 0 ? clamp(start, 0, size) : clamp(start, -1, size - 1), step, 0};
  const std::int64_t stop = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1);
  if (size == 0) return range;
  if (step > 0 && stop > range.start)
    range.count = static_cast<std::size_t>((stop - range.start - 1) / step + 1);
  else if (step < 0 && stop < range.start)
    range.count = static_cast<std::size_t>((range.start - stop - 1) / -std::max(step, -size - 1) + 1);
  return range;
}

/// Parts of `input` along one axis.
Lowered part(const Operand& input, std::size_t axis, const Range& range) {
  Shape shape = input.shape;
  shape[axis] = range.count;
  const auto strides = strides_of(input.shape);
  std::vector<std::size_t> sources;
  for_each_index(shape, [&](const std::vector<std::size_t>& index) {
    std::size_t source = 0;
    for (std::size_t i = 0; i < index.size(); ++i) {
      const auto at = i == axis
                          ? static_cast<std::size_t>(range.start + static_cast<std::int64_t>(index[i]) * range.step)
                          : index[i];
      source += at * strides[i];
    }
    sources.push_back(source);
  });
  return moved(input, std::move(shape), sources);
}

}  // namespace

std::vector<Lowered> lower_identity(NodeCall& call) { return reshaped(moving(call), moving(call).shape); }

std::vector<Lowered> lower_gather(NodeCall& call) {
  const Operand& input = moving(call);
  const std::size_t axis = normal_axis(call.integer_attribute("axis", 0), input.shape.size());
  const auto indices = call.integers(1);
  if (!indices) throw malformed("indices are missing");
  const Shape& index_shape = call.operand(1).shape;
  const auto size = static_cast<std::int64_t>(input.shape[axis]);
  for (const std::int64_t index : *indices)
    if (index < -size || index >= size) throw malformed("index {} of an axis with {} entries", index, size);
  const auto from = input.shape.begin();
  const auto at = static_cast<std::ptrdiff_t>(axis);
  const Shape before(from, from + at), after(from + at + 1, input.shape.end());
  Shape shape = before;
  shape.insert(shape.end(), index_shape.begin(), index_shape.end());
  shape.insert(shape.end(), after.begin(), after.end());
  element_count(shape);
  const std::size_t outer = element_count(before), inner = element_count(after);
  std::vector<std::size_t> sources;
  for (std::size_t o = 0; o < outer; ++o) {
    for (const std::int64_t index : *indices) {
      const auto row = static_cast<std::size_t>(index < 0 ? index + size : index);
      for (std::size_t i = 0; i < inner; ++i) sources.push_back((o * input.shape[axis] + row) * inner + i);
    }
  }
  return {moved(input, std::move(shape), sources)};
}

std::vector<Lowered> lower_slice(NodeCall& call) {
  const Operand& input = moving(call);
  const bool old = call.opset < 10;
  const auto starts = old ? call.integers_attribute("starts") : call.integers(1);
  const auto ends = old ? call.integers_attribute("ends") : call.integers(2);
  auto axes = old ? call.integers_attribute("axes") : call.integers(3);
  const auto steps = old ? std::nullopt : call.integers(4);
  if (!starts || !ends || starts->size() != ends->size() || (axes && axes->size() != starts->size()) ||
      (steps && steps->size() != starts->size()))
    throw malformed("starts, ends, axes and steps of one length are expected");
  if (!axes) {
    axes.emplace(starts->size());
    std::iota(axes->begin(), axes->end(), std::int64_t{0});
  }
  normal_axes(*axes, input.shape.size());  // none twice
  std::vector<Range> ranges;
  for (const std::size_t extent : input.shape) ranges.push_back({0, 1, extent});
  for (std::size_t i = 0; i < axes->size(); ++i) {
    const std::size_t axis = normal_axis((*axes)[i], input.shape.size());
    ranges[axis] = sliced((*starts)[i], (*ends)[i], steps ? (*steps)[i] : 1, input.shape[axis]);
  }
  Shape shape;
  for (const Range& range : ranges) shape.push_back(range.count);
  const auto strides = strides_of(input.shape);
  std::vector<std::size_t> sources;
  for_each_index(shape, [&](const std::vector<std::size_t>& index) {
    std::size_t source = 0;
    for (std::size_t i = 0; i < index.size(); ++i)
      source +=
          static_cast<std::size_t>(ranges[i].start + static_cast<std::int64_t>(index[i]) * ranges[i].step) * strides[i];
    sources.push_back(source);
  });
  return {moved(input, std::move(shape), sources)};
}

std::vector<Lowered> lower_concat(NodeCall& call) {
  const std::size_t rank = call.operand(0).shape.size();
  if (!call.node.attributes.contains("axis")) throw malformed("attribute \"axis\" is missing");
  const std::size_t axis = normal_axis(call.integer_attribute("axis", 0), rank);
  Lowered out{call.operand(0).type, call.operand(0).shape, {}, {}};
  out.shape[axis] = 0;
  std::vector<FixedConstant> constants(call.operands.size());
  for (std::size_t i = 0; i < call.operands.size(); ++i) {
    const Operand& part_of = call.operand(i);
    Shape others = part_of.shape, expected = out.shape;
    if (others.size() == rank) others[axis] = expected[axis] = 0;
    if (others != expected || part_of.type != out.type)
      throw malformed("input {}: {} {} does not continue {} {} along axis {}", i, to_string(part_of.type),
                      to_string(part_of.shape), to_string(out.type), to_string(out.shape), axis);
    out.shape[axis] += part_of.shape[axis];
    if (part_of.constant != nullptr) constants[i] = call.fixed(*part_of.constant, call.weight_frac_bits);
    out.scale = common_scale(out.scale, part_of.constant != nullptr ? constants[i].scale : part_of.scale);
  }
  const std::size_t count = element_count(out.shape);
  // For each place of the output: which input, and which of its elements.
  std::vector<std::pair<std::size_t, std::size_t>> from(count);
  const auto strides = strides_of(out.shape);
  std::size_t first = 0;
  for (std::size_t i = 0; i < call.operands.size(); ++i) {
    std::size_t element = 0;
    for_each_index(call.operand(i).shape, [&](const std::vector<std::size_t>& index) {
      std::size_t to = first * strides[axis];
      for (std::size_t d = 0; d < rank; ++d) to += index[d] * strides[d];
      from[to] = {i, element++};
    });
    first += call.operand(i).shape[axis];
  }
  out.map.constants.assign(count, 0);
  out.map.real_constants.assign(count, 0);
  for (std::size_t to = 0; to < count; ++to) {
    const auto [i, element] = from[to];
    const Operand& part_of = call.operand(i);
    if (part_of.constant == nullptr) {
      out.map.terms.push_back(
          {factor_between(part_of.scale, out.scale), 1.0, static_cast<std::uint32_t>(part_of.first + element)});
    } else {
      out.map.constants[to] =
          checked_product(factor_between(constants[i].scale, out.scale), constants[i].integers[element]);
      out.map.real_constants[to] = constants[i].reals[element];
    }
    out.map.end_row();
  }
  return {std::move(out)};
}

std::vector<Lowered> lower_split(NodeCall& call) {
  const Operand& input = moving(call);
  const std::size_t axis = normal_axis(call.integer_attribute("axis", 0), input.shape.size());
  const std::size_t extent = input.shape[axis], parts = call.node.outputs.size();
  auto sizes = list(call, "split", 1, 13);
  if (!sizes) {
    const std::int64_t named = call.integer_attribute("num_outputs", static_cast<std::int64_t>(parts));
    if (parts == 0 || named != static_cast<std::int64_t>(parts)) throw malformed("{} parts, {} outputs", named, parts);
    const std::size_t each = (extent + parts - 1) / parts;
    if (call.opset < 18 && extent % parts != 0)
      throw malformed("{} entries do not split into {} equal parts", extent, parts);
    sizes.emplace();
    for (std::size_t i = 0, left = extent; i < parts; ++i) {
      sizes->push_back(static_cast<std::int64_t>(std::min(each, left)));
      left -= std::min(each, left);
    }
  }
  std::int64_t total = 0;
  for (const std::int64_t size : *sizes) {
    if (size < 0 || size > static_cast<std::int64_t>(extent)) throw malformed("a part of {} entries", size);
    total += size;
  }
  if (sizes->size() != parts || total != static_cast<std::int64_t>(extent))
    throw malformed("parts [{}] of an axis with {} entries, {} outputs", fmt::join(*sizes, ", "), extent, parts);
  std::vector<Lowered> out;
  std::int64_t start = 0;
  for (const std::int64_t size : *sizes) {
    out.push_back(part(input, axis, {start, 1, static_cast<std::size_t>(size)}));
    start += size;
  }
  return out;
}

std::vector<Lowered> lower_reshape(NodeCall& call) {
  const Operand& input = moving(call);
  const auto wanted = call.integers(1);
  if (!wanted) throw malformed("the shape is missing");
  const bool zero_is_zero = call.integer_attribute("allowzero", 0) != 0;
  Shape shape;
  std::optional<std::size_t> open;
  for (std::size_t i = 0; i < wanted->size(); ++i) {
    const std::int64_t extent = (*wanted)[i];
    if (extent < -1 || (extent == -1 && open)) throw malformed("a shape [{}]", fmt::join(*wanted, ", "));
    if (extent == 0 && !zero_is_zero && i >= input.shape.size()) throw malformed("extent {} has nothing to copy", i);
    if (extent == -1) open = i;
    shape.push_back(extent == -1                   ? 1
                    : extent == 0 && !zero_is_zero ? input.shape[i]
                                                   : static_cast<std::size_t>(extent));
  }
  if (open) {
    const std::size_t others = element_count(shape), count = element_count(input.shape);
    if (others == 0 || count % others != 0)
      throw malformed("{} does not reshape to [{}]", to_string(input.shape), fmt::join(*wanted, ", "));
    shape[*open] = count / others;
  }
  return reshaped(input, std::move(shape));
}

std::vector<Lowered> lower_flatten(NodeCall& call) {
  const Operand& input = moving(call);
  const std::int64_t axis = call.integer_attribute("axis", 1);
  const auto rank = static_cast<std::int64_t>(input.shape.size());
  if (axis < -rank || axis > rank) throw malformed("axis {} of a tensor with {} axes", axis, rank);
  const auto at = input.shape.begin() + (axis < 0 ? axis + rank : axis);
  return reshaped(input, {element_count(Shape(input.shape.begin(), at)), element_count(Shape(at, input.shape.end()))});
}

std::vector<Lowered> lower_transpose(NodeCall& call) {
  const Operand& input = moving(call);
  const std::size_t rank = input.shape.size();
  auto order = call.integers_attribute("perm");
  if (!order) {
    order.emplace();
    for (std::size_t axis = rank; axis-- > 0;) order->push_back(static_cast<std::int64_t>(axis));
  }
  if (order->size() != rank || normal_axes(*order, rank).size() != rank)
    throw malformed("perm [{}] of a tensor with {} axes", fmt::join(*order, ", "), rank);
  Shape shape;
  std::vector<std::size_t> strides;
  for (const std::int64_t axis : *order) {
    shape.push_back(input.shape[normal_axis(axis, rank)]);
    strides.push_back(strides_of(input.shape)[normal_axis(axis, rank)]);
  }
  std::vector<std::size_t> sources;
  for_each_index(shape, [&](const std::vector<std::size_t>& index) {
    sources.push_back(std::inner_product(index.begin(), index.end(), strides.begin(), std::size_t{0}));
  });
  return {moved(input, std::move(shape), sources)};
}

std::vector<Lowered> lower_squeeze(NodeCall& call) {
  const Operand& input = moving(call);
  const auto given = list(call, "axes", 1, 13);
  std::vector<bool> gone(input.shape.size());
  if (given) {
    for (const std::size_t axis : normal_axes(*given, input.shape.size())) {
      if (input.shape[axis] != 1) throw malformed("axis {} of {} has not the extent 1", axis, to_string(input.shape));
      gone[axis] = true;
    }
  }
  Shape shape;
  for (std::size_t axis = 0; axis < input.shape.size(); ++axis)
    if (given ? !gone[axis] : input.shape[axis] != 1) shape.push_back(input.shape[axis]);
  return reshaped(input, std::move(shape));
}

std::vector<Lowered> lower_unsqueeze(NodeCall& call) {
  const Operand& input = moving(call);
  const auto given = list(call, "axes", 1, 13);
  if (!given) throw malformed("axes are missing");
  const std::size_t rank = input.shape.size() + given->size();
  const auto axes = normal_axes(*given, rank);
  Shape shape;
  for (std::size_t axis = 0, next = 0; axis < rank; ++axis)
    shape.push_back(std::ranges::binary_search(axes, axis) ? 1 : input.shape[next++]);
  return reshaped(input, std::move(shape));
}

std::vector<Lowered> lower_expand(NodeCall& call) {
  const Operand& input = moving(call);
  const auto wanted = call.integers(1);
  if (!wanted) throw malformed("the shape is missing");
  Shape target;
  for (const std::int64_t extent : *wanted) {
    if (extent < 0) throw malformed("an extent of {}", extent);
    target.push_back(static_cast<std::size_t>(extent));
  }
  const Shape shape = broadcast_shape(input.shape, target);
  return {moved(input, shape, broadcast_sources(input.shape, shape))};
}

}  // namespace ll::model
