#include "ceremony/point_codec.hpp"

#include <algorithm>

#include "algebra/encoding.hpp"
#include "base/parallel.hpp"
#include "ceremony/snarkjs_random.hpp"

namespace ll::ceremony {
namespace {

using algebra::Fq2;

constexpr std::uint8_t kGreaterFlag = 0x80, kFlags = 0xc0;

void put_be(std::uint8_t* out, const Fq& value) {
  const auto bytes = value.to_bytes_le();
  std::reverse_copy(bytes.begin(), bytes.end(), out);
}
std::optional<Fq> get_be(const std::uint8_t* in) {
  std::array<std::uint8_t, 32> bytes;
  std::reverse_copy(in, in + 32, bytes.begin());
  return Fq::from_bytes_le(bytes);
}

void put_field(std::uint8_t* out, const Fq& value, bool) { put_be(out, value); }
void put_field(std::uint8_t* out, const Fq2& value, bool c0_first) {
  put_be(out, c0_first ? value.c0 : value.c1);
  put_be(out + 32, c0_first ? value.c1 : value.c0);
}
std::optional<Fq> get_field(const std::uint8_t* in, bool, const Fq&) { return get_be(in); }
std::optional<Fq2> get_field(const std::uint8_t* in, bool c0_first, const Fq2&) {
  const auto first = get_be(in), second = get_be(in + 32);
  if (!first || !second) return std::nullopt;
  return c0_first ? Fq2{*first, *second} : Fq2{*second, *first};
}

std::optional<Fq> limbs_at(ByteSpan bytes, std::size_t index) {
  return Fq::from_montgomery_bytes(bytes.subspan(32 * index).first<32>());
}
std::optional<G1Affine> from_raw(ByteSpan bytes, PointCheck check, const G1Affine&) {
  if (check == PointCheck::full) return algebra::g1_from_raw_bytes(bytes.first<64>());
  const auto x = limbs_at(bytes, 0), y = limbs_at(bytes, 1);
  if (!x || !y) return std::nullopt;
  return G1Affine{*x, *y};
}
std::optional<G2Affine> from_raw(ByteSpan bytes, PointCheck check, const G2Affine&) {
  if (check == PointCheck::full) return algebra::g2_from_raw_bytes(bytes.first<128>());
  const auto a = limbs_at(bytes, 0), b = limbs_at(bytes, 1), c = limbs_at(bytes, 2), d = limbs_at(bytes, 3);
  if (!a || !b || !c || !d) return std::nullopt;
  return G2Affine{{*a, *b}, {*c, *d}};
}

const Fq& curve_b(const Fq&) {
  static const Fq value = algebra::G1Curve::b();
  return value;
}
const Fq2& curve_b(const Fq2&) { return algebra::G2Curve::b(); }

template <class Point>
void encode_into(std::uint8_t* out, const Point& point, PointForm form) {
  constexpr std::size_t kCoordinate = point_bytes<Point>(PointForm::ppot_compressed);
  switch (form) {
    case PointForm::raw:
      std::ranges::copy(algebra::to_raw_bytes(point), out);
      return;
    case PointForm::aztec:
    case PointForm::ppot_uncompressed:
      put_field(out, point.x, form == PointForm::aztec);
      put_field(out + kCoordinate, point.y, form == PointForm::aztec);
      return;
    case PointForm::ppot_compressed:
      put_field(out, point.x, false);
      if (is_greater_half(point.y)) out[0] |= kGreaterFlag;
      return;
  }
}

}  // namespace

template <class Point>
Bytes encode_point(const Point& point, PointForm form) {
  Bytes out(point_bytes<Point>(form));
  encode_into(out.data(), point, form);
  return out;
}

template <class Point>
Bytes encode_points(std::span<const Point> points, PointForm form) {
  const std::size_t size = point_bytes<Point>(form);
  Bytes out(points.size() * size);
  parallel_for(points.size(), 256, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) encode_into(out.data() + i * size, points[i], form);
  });
  return out;
}

template <class Point>
std::optional<Point> decode_point(ByteSpan bytes, PointForm form, PointCheck check) {
  constexpr std::size_t kCoordinate = point_bytes<Point>(PointForm::ppot_compressed);
  if (bytes.size() != point_bytes<Point>(form)) return std::nullopt;
  if (form == PointForm::raw) {
    const auto point = from_raw(bytes, check, Point());
    return point && !point->is_identity() ? point : std::nullopt;
  }
  const bool c0_first = form == PointForm::aztec;
  Point point;
  if (form == PointForm::ppot_compressed) {
    std::array<std::uint8_t, kCoordinate> x_bytes;
    std::ranges::copy(bytes, x_bytes.begin());
    x_bytes[0] &= static_cast<std::uint8_t>(~kFlags);
    const auto x = get_field(x_bytes.data(), c0_first, point.x);
    const std::uint8_t flags = bytes[0] & kFlags;
    if (!x || (flags & ~kGreaterFlag) != 0) return std::nullopt;
    const auto root = (x->square() * *x + curve_b(*x)).sqrt_vartime();
    if (!root || root->is_zero()) return std::nullopt;
    const bool greater = flags != 0;
    point = {*x, is_greater_half(*root) == greater ? *root : -*root};
  } else {
    const auto x = get_field(bytes.data(), c0_first, point.x),
               y = get_field(bytes.data() + kCoordinate, c0_first, point.y);
    if (!x || !y) return std::nullopt;
    point = {*x, *y};
  }
  if (point.is_identity() || !point.is_in_subgroup()) return std::nullopt;
  return point;
}

template <class Point>
Result<std::vector<Point>> decode_points(ByteSpan bytes, PointForm form, std::string_view what, std::size_t first_index,
                                         std::size_t file_offset, PointCheck check) {
  const std::size_t size = point_bytes<Point>(form), count = bytes.size() / size;
  LL_CHECK(count * size == bytes.size(), "{}: {} bytes are no whole number of points", what, bytes.size());
  std::vector<Point> points(count);
  std::vector<std::uint8_t> good(count, 0);
  parallel_for(count, 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const auto point = decode_point<Point>(bytes.subspan(i * size, size), form, check);
      if (!point) continue;
      points[i] = *point;
      good[i] = 1;
    }
  });
  for (std::size_t i = 0; i < count; ++i) {
    if (good[i] == 0) {
      return malformed("{}[{}] at offset {} is no point of {} (canonical, on the curve, of order r, not infinity)",
                       what, first_index + i, file_offset + i * size, std::is_same_v<Point, G1Affine> ? "G1" : "G2");
    }
  }
  return points;
}

template Bytes encode_point(const G1Affine&, PointForm);
template Bytes encode_point(const G2Affine&, PointForm);
template Bytes encode_points(std::span<const G1Affine>, PointForm);
template Bytes encode_points(std::span<const G2Affine>, PointForm);
template std::optional<G1Affine> decode_point(ByteSpan, PointForm, PointCheck);
template std::optional<G2Affine> decode_point(ByteSpan, PointForm, PointCheck);
template Result<std::vector<G1Affine>> decode_points(ByteSpan, PointForm, std::string_view, std::size_t, std::size_t,
                                                     PointCheck);
template Result<std::vector<G2Affine>> decode_points(ByteSpan, PointForm, std::string_view, std::size_t, std::size_t,
                                                     PointCheck);

}  // namespace ll::ceremony
