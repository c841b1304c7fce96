#include "algebra/bucket_sums.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <utility>

#include "algebra/affine_sums.hpp"
#include "algebra/line_vector.hpp"

namespace ll::algebra {
namespace {

/// Fewer points than this are added one by one: an inversion costs some 250 products.
constexpr std::size_t kFewPoints = 32;

/// Buckets whose last point, which may be copied, is fetched early: it lies anywhere.
constexpr std::uint32_t kAhead = 12;

/// Terms of the buckets that are summed up together, so that all sums but the first of each two terms find their points
/// in a second-level cache.
constexpr std::uint32_t kRangeTerms = 32768;

/// Arrays that each thread keeps from one window to the next.
struct Scratch {
  std::vector<std::uint32_t> starts, next, terms, lists, places;
  std::vector<PointPair> pairs;
  LineVector<G1Affine> points, halved;
};

Scratch& scratch_of_thread() {
  thread_local Scratch scratch;
  return scratch;
}

/// Lists of places of points, one behind the other: list l is places[lists[l]], ..., places[lists[l + 1] - 1]. Each
/// becomes the list of the sums of its neighbours, which are put behind all points (`used` of them); a last one without
/// a neighbour stays where it is. True when a list is still longer than a point.
bool halve_lists(Scratch& s, std::uint32_t& used) {
  bool longer = false;
  std::uint32_t out = 0;
  s.pairs.resize(s.places.size() / 2);
  PointPair* pair = s.pairs.data();
  for (std::size_t l = 0; l + 1 < s.lists.size(); ++l) {
    const std::uint32_t begin = s.lists[l], end = s.lists[l + 1];
    s.lists[l] = out;
    std::uint32_t i = begin;
    for (; i + 1 < end; i += 2) {
      *pair++ = {s.places[i], s.places[i + 1], used};
      s.places[out++] = used++;
    }
    if (i < end) s.places[out++] = s.places[i];
    longer = longer || out - s.lists[l] > 1;
  }
  s.lists.back() = out;
  s.places.resize(out);
  s.pairs.resize(static_cast<std::size_t>(pair - s.pairs.data()));
  affine_sums_vartime(s.points.data(), s.pairs, s.points.data());
  return longer;
}

}  // namespace

void BucketSums::fill(std::span<const std::int16_t> digits, std::span<const G1Affine> points) {
  Scratch& s = scratch_of_thread();
  const auto count = static_cast<std::uint32_t>(sums_.size());
  const auto bucket = [&](int digit) { return static_cast<std::uint32_t>(std::abs(digit)) - first_; };
  // The terms of each bucket one after the other, with their signs (counting sort).
  s.starts.assign(count + 1, 0);
  for (const int digit : digits) {
    const std::uint32_t b = bucket(digit);
    if (b < count) ++s.starts[b + 1];
  }
  for (std::uint32_t b = 0; b < count; ++b) s.starts[b + 1] += s.starts[b];
  s.terms.resize(s.starts.back());
  s.next.assign(s.starts.begin(), s.starts.end() - 1);
  for (std::uint32_t i = 0; i < digits.size(); ++i) {
    const int digit = digits[i];
    const std::uint32_t b = bucket(digit);
    if (b < count) s.terms[s.next[b]++] = i | (digit < 0 ? PointPair::kNegated : 0);
  }

  for (std::uint32_t begin = 0; begin < count;) {
    std::uint32_t end = begin + 1;
    while (end < count && s.starts[end + 1] - s.starts[begin] <= kRangeTerms) ++end;
    fill_range(points, begin, end);
    begin = end;
  }
}

void BucketSums::fill_range(std::span<const G1Affine> points, std::uint32_t first, std::uint32_t last) {
  Scratch& s = scratch_of_thread();
  // First the sums of two terms each, beside what the bucket holds already.
  const std::uint32_t most = (s.starts[last] - s.starts[first]) / 2 + 2 * (last - first);
  s.lists.resize(last - first + 1);
  s.pairs.resize(most);
  s.points.resize(2 * std::size_t{most});  // and all sums that follow
  PointPair* pair = s.pairs.data();
  std::uint32_t out = 0;
  bool longer = false;
  for (std::uint32_t b = first; b < last; ++b) {
    if (b + kAhead < last && s.starts[b + kAhead + 1] > s.starts[b + kAhead])
      __builtin_prefetch(&points[s.terms[s.starts[b + kAhead + 1] - 1] & ~PointPair::kNegated]);
    const std::uint32_t begin = s.starts[b], end = s.starts[b + 1], list = out;
    s.lists[b - first] = out;
    if (!sums_[b].is_identity()) s.points[out++] = sums_[b];
    std::uint32_t i = begin;
    for (; i + 1 < end; i += 2) *pair++ = {s.terms[i], s.terms[i + 1], out++};
    if (i < end) {
      const G1Affine& point = points[s.terms[i] & ~PointPair::kNegated];
      s.points[out++] = (s.terms[i] & PointPair::kNegated) != 0 ? -point : point;
    }
    longer = longer || out - list > 1;
  }
  s.lists.back() = out;
  s.pairs.resize(static_cast<std::size_t>(pair - s.pairs.data()));
  affine_sums_vartime(points.data(), s.pairs, s.points.data());

  s.places.resize(out);
  std::iota(s.places.begin(), s.places.end(), 0);
  while (longer) longer = halve_lists(s, out);
  for (std::uint32_t b = first; b < last; ++b) {
    const std::uint32_t list = s.lists[b - first];
    sums_[b] = list < s.lists[b - first + 1] ? s.points[s.places[list]] : G1Affine::identity();
  }
}

G1 BucketSums::weighted_sum() {
  Scratch& s = scratch_of_thread();
  // s.points: first the buckets, one for each j; behind them, for each level passed, the list of its odd buckets, which
  // is halved along with them.
  s.points.assign(sums_.begin(), sums_.end());
  std::uint32_t buckets = static_cast<std::uint32_t>(sums_.size());
  s.lists.assign(1, buckets);
  while (buckets > kFewPoints) {
    s.pairs.clear();
    s.halved.resize(s.points.size() + buckets);
    const std::uint32_t half = (buckets + 1) / 2;
    for (std::uint32_t j = 0; j < half; ++j) {
      const bool has_even = !s.points[2 * j].is_identity();
      const bool has_odd = 2 * j + 1 < buckets && !s.points[2 * j + 1].is_identity();
      if (has_even && has_odd) {
        s.pairs.push_back({2 * j, 2 * j + 1, j});
      } else {
        s.halved[j] = has_odd ? s.points[2 * j + 1] : s.points[2 * j];
      }
    }
    std::uint32_t out = half;
    for (std::size_t l = 0; l + 1 < s.lists.size(); ++l) {
      std::uint32_t i = s.lists[l];
      const std::uint32_t end = s.lists[l + 1];
      s.lists[l] = out;
      for (; i + 1 < end; i += 2) s.pairs.push_back({i, i + 1, out++});
      if (i < end) s.halved[out++] = s.points[i];
    }
    s.lists.back() = out;
    for (std::uint32_t j = 1; j < buckets; j += 2) {
      if (!s.points[j].is_identity()) s.halved[out++] = s.points[j];
    }
    s.lists.push_back(out);
    affine_sums_vartime(s.points.data(), s.pairs, s.halved.data());
    s.halved.resize(out);
    std::swap(s.points, s.halved);
    buckets = half;
  }
  // What is left, from the top: the running sum enters once a step; `first` times the sum of all on top.
  G1 total, weighted;
  for (std::uint32_t j = buckets; j-- > 0;) {
    if (j + 1 < buckets) weighted += total;
    total += s.points[j];
  }
  for (std::size_t l = s.lists.size() - 1; l-- > 0;) {
    weighted = weighted.doubled();
    for (std::uint32_t i = s.lists[l]; i < s.lists[l + 1]; ++i) weighted += s.points[i];
  }
  const std::uint64_t first = first_;
  return weighted + total.mul_vartime(std::span(&first, 1));
}

}  // namespace ll::algebra
