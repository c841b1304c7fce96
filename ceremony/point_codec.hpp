#pragma once
#include <array>
#include <span>
#include <vector>

#include "algebra/g1.hpp"
#include "algebra/g2.hpp"
#include "base/bytes.hpp"

namespace ll::ceremony {

using algebra::G1Affine;
using algebra::G2Affine;

/// How the files of ceremonies write points; docs/formats/srs.md draws them. F_q² elements have c0 first in `raw` and
/// `aztec`, c1 first in the two of PPoT.
enum class PointForm {
  raw,                ///< `.ptau`, halo2 raw: Montgomery limbs, little-endian
  ppot_uncompressed,  ///< challenge files, public keys: x, y big-endian
  ppot_compressed,    ///< response files: x big-endian; first byte 0x80 for the greater y, 0x40 for infinity
  aztec,              ///< flat g1.dat, g2.dat: x, y big-endian
};

/// Bytes of one point.
template <class Point>
constexpr std::size_t point_bytes(PointForm form) {
  const std::size_t full = std::is_same_v<Point, G1Affine> ? 64 : 128;
  return form == PointForm::ppot_compressed ? full / 2 : full;
}

template <class Point>
Bytes encode_point(const Point& point, PointForm form);
template <class Point>
Bytes encode_points(std::span<const Point> points, PointForm form);

/// How much is asked of a point.
enum class PointCheck {
  full,         ///< canonical coordinates, on the curve, of order r, not infinity
  coordinates,  ///< canonical coordinates only: for raw points that were checked before or that we made
};

/// nullopt for bytes that encode_point would not write, and for points off the curve, out of the subgroup of order r,
/// or at infinity: no file of a ceremony holds that.
template <class Point>
std::optional<Point> decode_point(ByteSpan bytes, PointForm form, PointCheck check = PointCheck::full);
/// All points of `bytes`, decoded in parallel. The error names the first bad one by `what`, its index from
/// `first_index` on, and its offset from `file_offset` on. Throws Error{invalid_argument} for a broken length.
template <class Point>
Result<std::vector<Point>> decode_points(ByteSpan bytes, PointForm form, std::string_view what,
                                         std::size_t first_index = 0, std::size_t file_offset = 0,
                                         PointCheck check = PointCheck::full);

}  // namespace ll::ceremony
