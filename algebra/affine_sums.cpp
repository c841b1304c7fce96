#include "algebra/affine_sums.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "algebra/kernels.hpp"

namespace ll::algebra {
namespace {

/// Pairs that share an inversion: their scratch stays in the L1 cache, and the inversion costs half a product a pair.
constexpr std::size_t kBatch = 512;
/// Fewer pairs than this do not fill lanes.
constexpr std::size_t kFewPairs = 24;

const Fq& x_of(const G1Affine* in, std::uint32_t place) { return in[place & ~PointPair::kNegated].x; }

Fq y_of(const G1Affine* in, std::uint32_t place) {
  const Fq& y = in[place & ~PointPair::kNegated].y;
  return (place & PointPair::kNegated) != 0 ? -y : y;
}

/// The sum by complete formulas, for what the batch leaves out: equal x, or an identity.
G1Affine single_sum(const G1Affine* in, const PointPair& pair) {
  const G1Affine p{x_of(in, pair.left), y_of(in, pair.left)}, q{x_of(in, pair.right), y_of(in, pair.right)};
  return (G1(p) + q).to_affine();
}

/// True where the slope is (y2 - y1)/(x2 - x1). No point of the curve has x = 0, so that is an identity's.
bool is_regular(const Fq& x1, const Fq& x2) { return !(x1 == x2) && !x1.is_zero() && !x2.is_zero(); }

void sum_batch(const G1Affine* in, std::span<const PointPair> pairs, G1Affine* out) {
  constexpr std::size_t kAhead = 8;  // the points of a bucket lie far apart: fetch them early
  std::array<Fq, kBatch> before;     // product of the denominators in front, in two independent chains
  std::array<Fq, 2> product = {Fq::one(), Fq::one()};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i + kAhead < pairs.size()) {
      const PointPair& later = pairs[i + kAhead];
      __builtin_prefetch(&in[later.left & ~PointPair::kNegated]);
      __builtin_prefetch(&in[later.right & ~PointPair::kNegated]);
    }
    const Fq &x1 = x_of(in, pairs[i].left), &x2 = x_of(in, pairs[i].right);
    Fq& chain = product[i % 2];
    before[i] = chain;
    if (is_regular(x1, x2)) [[likely]]
      chain *= x2 - x1;
  }
  const Fq both = *(product[0] * product[1]).inverse();
  std::array<Fq, 2> inverse = {both * product[1], both * product[0]};
  for (std::size_t i = pairs.size(); i-- > 0;) {
    const PointPair& pair = pairs[i];
    const Fq &x1 = x_of(in, pair.left), &x2 = x_of(in, pair.right);
    if (!is_regular(x1, x2)) [[unlikely]] {
      out[pair.out] = single_sum(in, pair);
      continue;
    }
    const Fq y1 = y_of(in, pair.left);
    Fq& chain = inverse[i % 2];
    const Fq slope = (y_of(in, pair.right) - y1) * (chain * before[i]);
    chain *= x2 - x1;
    const Fq x = slope.square() - x1 - x2;
    out[pair.out] = {x, slope * (x1 - x) - y1};
  }
}

}  // namespace

void affine_sums_vartime(const G1Affine* in, std::span<const PointPair> pairs, G1Affine* out) {
  if (const kernels::Table* lanes = lane_kernels(); lanes != nullptr && pairs.size() >= kFewPairs) {
    thread_local std::vector<std::uint32_t> left_out;
    left_out.resize(pairs.size());
    const std::size_t count = lanes->affine_sums(reinterpret_cast<const std::uint64_t*>(in),
                                                 reinterpret_cast<const kernels::Pair*>(pairs.data()), pairs.size(),
                                                 reinterpret_cast<std::uint64_t*>(out), left_out.data());
    for (std::size_t i = 0; i < count; ++i) out[pairs[left_out[i]].out] = single_sum(in, pairs[left_out[i]]);
    return;
  }
  for (; !pairs.empty(); pairs = pairs.subspan(std::min(kBatch, pairs.size()))) {
    sum_batch(in, pairs.first(std::min(kBatch, pairs.size())), out);
  }
}

}  // namespace ll::algebra
