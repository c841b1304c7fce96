#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ll::model {

/// Extents of a tensor, outermost first; row-major. A scalar has none.
using Shape = std::vector<std::size_t>;

/// Largest tensor that is taken: 2^21 elements.
inline constexpr std::size_t kMostElements = std::size_t{1} << 21;

/// Product of the extents. Throws Error{malformed} above kMostElements.
std::size_t element_count(const Shape& shape);
/// Elements between neighbours along each axis.
std::vector<std::size_t> strides_of(const Shape& shape);
/// "[1, 128]".
std::string to_string(const Shape& shape);

/// An axis in 0 .. rank - 1 from one that may count from the back. Throws Error{malformed} when it is outside.
std::size_t normal_axis(std::int64_t axis, std::size_t rank);
/// Axes, each normal, sorted; throws Error{malformed} when one comes twice.
std::vector<std::size_t> normal_axes(const std::vector<std::int64_t>& axes, std::size_t rank);

/// The shape that two tensors have together when each stretches its extents of 1 (numpy's rule). Throws
/// Error{malformed} that names both when they do not fit.
Shape broadcast_shape(const Shape& a, const Shape& b);
/// For each element of `to`, the element of `from` that stands there; `from` must broadcast to `to`.
std::vector<std::size_t> broadcast_sources(const Shape& from, const Shape& to);

/// Calls visit(index) for each index tuple of `shape` in row-major order.
template <class Visit>
void for_each_index(const Shape& shape, Visit&& visit) {
  const std::size_t count = element_count(shape);
  std::vector<std::size_t> index(shape.size());
  for (std::size_t i = 0; i < count; ++i) {
    visit(static_cast<const std::vector<std::size_t>&>(index));
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

}  // namespace ll::model
