#include "ceremony/powers.hpp"

#include <algorithm>

#include "algebra/msm.hpp"
#include "algebra/pairing.hpp"
#include "base/parallel.hpp"

namespace ll::ceremony {
namespace {

using algebra::Fr;
using algebra::G1;
using algebra::G2;

G1 combine(std::span<const G1Affine> points, std::span<const u128> weights) {
  std::vector<Fr> scalars(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) scalars[i] = Fr::from_u128(weights[i]);
  return algebra::msm_vartime(points, scalars);
}

/// sum weights[i]·points[i] by buckets of 8 bits.
G2 combine_serial(std::span<const G2Affine> points, std::span<const u128> weights) {
  G2 sum;
  for (int shift = 120; shift >= 0; shift -= 8) {
    for (int i = 0; i < 8; ++i) sum = sum.doubled();
    std::array<G2, 256> buckets;
    for (std::size_t i = 0; i < points.size(); ++i) buckets[(weights[i] >> shift) & 255] += points[i];
    G2 running, window;
    for (std::size_t b = 255; b > 0; --b) {
      running += buckets[b];
      window += running;
    }
    sum += window;
  }
  return sum;
}

G2 combine(std::span<const G2Affine> points, std::span<const u128> weights) {
  if (points.size() < 64) {
    G2 sum;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const std::array<std::uint64_t, 2> words = {static_cast<std::uint64_t>(weights[i]),
                                                  static_cast<std::uint64_t>(weights[i] >> 64)};
      sum += G2(points[i]).mul_vartime(words);
    }
    return sum;
  }
  const std::size_t half = points.size() / 2;
  G2 low, high;
  parallel_invoke([&] { low = combine_serial(points.first(half), weights.first(half)); },
                  [&] { high = combine_serial(points.subspan(half), weights.subspan(half)); });
  return low + high;
}

/// One list, read chunk by chunk: both sums of the progression check, and its first two points.
template <class Point, class Sum>
struct ListSums {
  Point first, second;
  Sum lower, higher;  ///< sum r_j P_j, sum r_j P_(j+1)
};

template <class Point, class Sum>
Result<ListSums<Point, Sum>> read_list(ByteSpan bytes, PointForm form, std::string_view name, std::size_t file_offset,
                                       Rng& rng, Progress* progress) {
  const std::size_t size = point_bytes<Point>(form), count = bytes.size() / size;
  ListSums<Point, Sum> sums;
  if (progress) progress->begin(name, count);
  u128 carried = 0;  // weight of the pair (last of the chunk before, first of this one)
  for (std::size_t begin = 0; begin < count; begin += kChunk) {
    const std::size_t points_here = std::min(kChunk, count - begin);
    auto points = decode_points<Point>(bytes.subspan(begin * size, points_here * size), form, name, begin,
                                       file_offset + begin * size);
    if (!points) return points.error();
    const std::vector<Point>& p = points.value();
    if (begin == 0) {
      sums.first = p[0];
      if (p.size() > 1) sums.second = p[1];
    }
    std::vector<u128> weights(points_here);
    for (u128& weight : weights) weight = static_cast<u128>(rng.next_u64()) << 64 | rng.next_u64();
    if (begin + points_here == count) weights.back() = 0;  // the last point has no follower
    std::vector<u128> shifted(points_here, carried);
    std::copy(weights.begin(), weights.end() - 1, shifted.begin() + 1);
    carried = weights.back();
    sums.lower += combine(p, weights);
    sums.higher += combine(p, shifted);
    if (progress) {
      progress->update(begin + points_here);
      if (progress->stop_requested()) throw Error(ErrorCode::interrupted, "stopped by the user");
    }
  }
  if (progress) progress->end();
  return sums;
}

bool same_ratio(const G1Affine& a, const G1Affine& b, const G2Affine& c, const G2Affine& d) {  // e(a, d) = e(b, c)
  const std::array<std::pair<G1Affine, G2Affine>, 2> pairs = {std::pair{a, d}, std::pair{-b, c}};
  return algebra::pairing_product_is_one(pairs);
}

Error no_progression(std::string_view list, std::size_t offset) {
  return malformed("{} (offset {}): its points are no progression by the tau of [tau]_2", list, offset);
}

}  // namespace

const char* to_string(PowersKind kind) noexcept { return kind == PowersKind::kzg ? "kzg" : "powers-of-tau"; }

PowersView PowersView::contiguous(const PowersShape& shape, PointForm form, ByteSpan bytes, std::size_t file_offset) {
  LL_CHECK(bytes.size() == shape.bytes(form), "powers: {} bytes, {} are needed", bytes.size(), shape.bytes(form));
  PowersView view{shape, form, {}, {}, {}, {}, {}, {}};
  const std::size_t g1 = point_bytes<G1Affine>(form), g2 = point_bytes<G2Affine>(form);
  const std::array<std::pair<ByteSpan*, std::size_t>, 5> lists = {
      std::pair{&view.tau_g1, shape.tau_g1() * g1}, std::pair{&view.tau_g2, shape.tau_g2() * g2},
      std::pair{&view.alpha_g1, shape.alpha_g1() * g1}, std::pair{&view.beta_g1, shape.beta_g1() * g1},
      std::pair{&view.beta_g2, shape.beta_g2() * g2}};
  std::size_t offset = 0;
  for (std::size_t i = 0; i < 5; ++i) {
    *lists[i].first = bytes.subspan(offset, lists[i].second);
    view.offsets[i] = file_offset + offset;
    offset += lists[i].second;
  }
  return view;
}

PowersHead PowersHead::generators() {
  const G1Affine g1 = G1Affine::generator();
  return {g1, g1, g1, G2Affine::generator(), G2Affine::generator()};
}

Result<PowersHead> read_head(const PowersView& view) {
  const std::size_t g1 = point_bytes<G1Affine>(view.form), g2 = point_bytes<G2Affine>(view.form);
  PowersHead head = PowersHead::generators();
  const bool full = view.shape.kind == PowersKind::powers_of_tau;
  const auto read = [&](auto& target, ByteSpan list, std::size_t index, std::size_t size) {
    const auto point = decode_point<std::decay_t<decltype(target)>>(list.subspan(index * size, size), view.form);
    if (point) target = *point;
    return point.has_value();
  };
  if (!read(head.tau_g1, view.tau_g1, 1, g1))
    return malformed("tauG1[1] at offset {} is no point", view.offsets[0] + g1);
  if (!read(head.tau_g2, view.tau_g2, 1, g2))
    return malformed("tauG2[1] at offset {} is no point", view.offsets[1] + g2);
  if (full && !read(head.alpha_g1, view.alpha_g1, 0, g1))
    return malformed("alphaTauG1[0] at offset {} is no point", view.offsets[2]);
  if (full && !read(head.beta_g1, view.beta_g1, 0, g1))
    return malformed("betaTauG1[0] at offset {} is no point", view.offsets[3]);
  if (full && !read(head.beta_g2, view.beta_g2, 0, g2))
    return malformed("betaG2 at offset {} is no point", view.offsets[4]);
  return head;
}

Result<PowersHead> check_powers(const PowersView& view, Rng& rng, Progress* progress) {
  const auto tau1 = read_list<G1Affine, G1>(view.tau_g1, view.form, "tauG1", view.offsets[0], rng, progress);
  if (!tau1) return tau1.error();
  const auto tau2 = read_list<G2Affine, G2>(view.tau_g2, view.form, "tauG2", view.offsets[1], rng, progress);
  if (!tau2) return tau2.error();
  const G1Affine g1 = G1Affine::generator();
  const G2Affine g2 = G2Affine::generator();
  if (tau1.value().first != g1) return malformed("tauG1[0] at offset {} is not the generator", view.offsets[0]);
  if (tau2.value().first != g2) return malformed("tauG2[0] at offset {} is not the generator", view.offsets[1]);
  PowersHead head = PowersHead::generators();
  head.tau_g1 = tau1.value().second;
  head.tau_g2 = tau2.value().second;
  if (!same_ratio(g1, head.tau_g1, g2, head.tau_g2)) return malformed("tauG1[1] and tauG2[1] do not hold the same tau");
  if (!same_ratio(tau1.value().lower.to_affine(), tau1.value().higher.to_affine(), g2, head.tau_g2))
    return no_progression("tauG1", view.offsets[0]);
  if (!same_ratio(g1, head.tau_g1, tau2.value().lower.to_affine(), tau2.value().higher.to_affine()))
    return no_progression("tauG2", view.offsets[1]);
  if (view.shape.kind == PowersKind::kzg) return head;

  for (const bool beta : {false, true}) {
    const std::string_view name = beta ? "betaTauG1" : "alphaTauG1";
    const std::size_t offset = view.offsets[beta ? 3 : 2];
    const auto list =
        read_list<G1Affine, G1>(beta ? view.beta_g1 : view.alpha_g1, view.form, name, offset, rng, progress);
    if (!list) return list.error();
    if (!same_ratio(list.value().lower.to_affine(), list.value().higher.to_affine(), g2, head.tau_g2))
      return no_progression(name, offset);
    (beta ? head.beta_g1 : head.alpha_g1) = list.value().first;
  }
  const auto beta_g2 = decode_point<G2Affine>(view.beta_g2, view.form);
  if (!beta_g2) return malformed("betaG2 at offset {} is no point of G2", view.offsets[4]);
  head.beta_g2 = *beta_g2;
  if (!same_ratio(g1, head.beta_g1, g2, head.beta_g2))
    return malformed("betaTauG1[0] and betaG2 do not hold the same beta");
  return head;
}

}  // namespace ll::ceremony
