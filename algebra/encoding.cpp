#include "algebra/encoding.hpp"

#include <algorithm>

namespace ll::algebra {
namespace {

struct FlagBits {
  std::uint8_t odd, identity;
};

constexpr FlagBits bits_of(PointFlags flags) {
  return flags == PointFlags::old_flags ? FlagBits{0x40, 0x80} : FlagBits{0x80, 0x40};
}

constexpr std::uint8_t kFlagMask = 0xc0;

template <std::size_t kSize>
bool all_zero(const std::array<std::uint8_t, kSize>& bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

bool is_odd(const Fq& y) { return y.is_odd(); }
bool is_odd(const Fq2& y) { return y.c0.is_odd(); }

std::array<std::uint8_t, 32> x_bytes(const Fq& x) { return x.to_bytes_le(); }
std::array<std::uint8_t, 64> x_bytes(const Fq2& x) {
  std::array<std::uint8_t, 64> out;
  std::ranges::copy(x.c0.to_bytes_le(), out.begin());
  std::ranges::copy(x.c1.to_bytes_le(), out.begin() + 32);
  return out;
}

std::optional<Fq> x_from(const std::array<std::uint8_t, 32>& bytes) { return Fq::from_bytes_le(bytes); }
std::optional<Fq2> x_from(const std::array<std::uint8_t, 64>& bytes) {
  const auto c0 = Fq::from_bytes_le(std::span(bytes).first<32>()), c1 = Fq::from_bytes_le(std::span(bytes).last<32>());
  if (!c0 || !c1) return std::nullopt;
  return Fq2{*c0, *c1};
}

template <class Affine>
auto compress_any(const Affine& point, PointFlags flags) {
  const FlagBits bit = bits_of(flags);
  auto out = x_bytes(point.x);
  if (point.is_identity()) {
    out.back() = bit.identity;
  } else if (is_odd(point.y)) {
    out.back() |= bit.odd;
  }
  return out;
}

template <class Curve, std::size_t kSize>
std::optional<AffinePoint<Curve>> decompress_any(std::span<const std::uint8_t, kSize> bytes, PointFlags flags) {
  const FlagBits bit = bits_of(flags);
  std::array<std::uint8_t, kSize> x_part;
  std::ranges::copy(bytes, x_part.begin());
  const std::uint8_t set = x_part.back() & kFlagMask;
  x_part.back() &= static_cast<std::uint8_t>(~kFlagMask);
  if ((set & bit.identity) != 0) {
    if (set != bit.identity || !all_zero(x_part)) return std::nullopt;
    return AffinePoint<Curve>::identity();
  }
  const auto x = x_from(x_part);
  if (!x) return std::nullopt;
  const auto root = (x->square() * *x + Curve::b()).sqrt_vartime();
  if (!root) return std::nullopt;
  const bool odd = (set & bit.odd) != 0;
  const AffinePoint<Curve> point{*x, is_odd(*root) == odd ? *root : -*root};
  if (is_odd(point.y) != odd) return std::nullopt;  // a y of which neither root has this sign (y or y.c0 is zero)
  return point;
}

}  // namespace

std::array<std::uint8_t, 32> compress(const G1Affine& point, PointFlags flags) { return compress_any(point, flags); }
std::array<std::uint8_t, 64> compress(const G2Affine& point, PointFlags flags) { return compress_any(point, flags); }

std::optional<G1Affine> decompress_g1(std::span<const std::uint8_t, 32> bytes, PointFlags flags) {
  return decompress_any<G1Curve>(bytes, flags);
}

std::optional<G2Affine> decompress_g2(std::span<const std::uint8_t, 64> bytes, PointFlags flags) {
  const auto point = decompress_any<G2Curve>(bytes, flags);
  if (!point || !point->is_in_subgroup()) return std::nullopt;
  return point;
}

std::array<std::uint8_t, 64> to_raw_bytes(const G1Affine& point) {
  std::array<std::uint8_t, 64> out;
  std::ranges::copy(point.x.to_montgomery_bytes(), out.begin());
  std::ranges::copy(point.y.to_montgomery_bytes(), out.begin() + 32);
  return out;
}

std::array<std::uint8_t, 128> to_raw_bytes(const G2Affine& point) {
  std::array<std::uint8_t, 128> out;
  auto next = out.begin();
  for (const Fq& coordinate : {point.x.c0, point.x.c1, point.y.c0, point.y.c1}) {
    next = std::ranges::copy(coordinate.to_montgomery_bytes(), next).out;
  }
  return out;
}

std::optional<G1Affine> g1_from_raw_bytes(std::span<const std::uint8_t, 64> bytes) {
  const auto x = Fq::from_montgomery_bytes(bytes.first<32>()), y = Fq::from_montgomery_bytes(bytes.last<32>());
  if (!x || !y) return std::nullopt;
  const G1Affine point{*x, *y};
  if (!point.is_on_curve()) return std::nullopt;
  return point;
}

std::optional<G2Affine> g2_from_raw_bytes(std::span<const std::uint8_t, 128> bytes) {
  const auto x0 = Fq::from_montgomery_bytes(bytes.subspan<0, 32>()),
             x1 = Fq::from_montgomery_bytes(bytes.subspan<32, 32>()),
             y0 = Fq::from_montgomery_bytes(bytes.subspan<64, 32>()),
             y1 = Fq::from_montgomery_bytes(bytes.subspan<96, 32>());
  if (!x0 || !x1 || !y0 || !y1) return std::nullopt;
  const G2Affine point{{*x0, *x1}, {*y0, *y1}};
  if (!point.is_in_subgroup()) return std::nullopt;
  return point;
}

}  // namespace ll::algebra
