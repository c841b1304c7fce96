#include "model/tensor_shape.hpp"

#include <algorithm>

#include <fmt/ranges.h>

#include "base/error.hpp"

namespace ll::model {

std::size_t element_count(const Shape& shape) {
  std::size_t count = 1;
  if (std::ranges::count(shape, std::size_t{0}) != 0) return 0;
  for (const std::size_t extent : shape) {
    if (extent > kMostElements || count > kMostElements / extent)
      throw malformed("a tensor {} has more than {} elements", to_string(shape), kMostElements);
    count *= extent;
  }
  return count;
}

std::vector<std::size_t> strides_of(const Shape& shape) {
  std::vector<std::size_t> strides(shape.size(), 1);
  for (std::size_t axis = shape.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * shape[axis];
  return strides;
}

std::string to_string(const Shape& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

std::size_t normal_axis(std::int64_t axis, std::size_t rank) {
  const auto signed_rank = static_cast<std::int64_t>(rank);
  if (axis < -signed_rank || axis >= signed_rank)
    throw malformed("axis {} of a tensor with {} axes: {} to {} is expected", axis, rank, -signed_rank,
                    signed_rank - 1);
  return static_cast<std::size_t>(axis < 0 ? axis + signed_rank : axis);
}

std::vector<std::size_t> normal_axes(const std::vector<std::int64_t>& axes, std::size_t rank) {
  std::vector<std::size_t> normal;
  for (const std::int64_t axis : axes) normal.push_back(normal_axis(axis, rank));
  std::ranges::sort(normal);
  if (std::ranges::adjacent_find(normal) != normal.end())
    throw malformed("axes [{}]: one comes twice", fmt::join(axes, ", "));
  return normal;
}

Shape broadcast_shape(const Shape& a, const Shape& b) {
  Shape shape(std::max(a.size(), b.size()), 1);
  for (std::size_t back = 1; back <= shape.size(); ++back) {
    const std::size_t x = back <= a.size() ? a[a.size() - back] : 1, y = back <= b.size() ? b[b.size() - back] : 1;
    if (x != y && x != 1 && y != 1)
      throw malformed("shapes {} and {} do not broadcast to each other", to_string(a), to_string(b));
    shape[shape.size() - back] = x == 1 ? y : x;
  }
  element_count(shape);
  return shape;
}

std::vector<std::size_t> broadcast_sources(const Shape& from, const Shape& to) {
  const std::vector<std::size_t> strides = strides_of(from);
  const std::size_t lead = to.size() - from.size();
  std::vector<std::size_t> sources;
  sources.reserve(element_count(to));
  for_each_index(to, [&](const std::vector<std::size_t>& index) {
    std::size_t source = 0;
    for (std::size_t axis = 0; axis < from.size(); ++axis)
      if (from[axis] != 1) source += index[lead + axis] * strides[axis];
    sources.push_back(source);
  });
  return sources;
}

}  // namespace ll::model
