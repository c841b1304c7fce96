#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "algebra/batch_affine.hpp"
#include "algebra/glv.hpp"
#include "algebra/ntt.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"

// The inverse transform over G1 points. Nearly all its time goes into n/2 multiplications of points by powers of omega
// on each level; they run in lockstep, so that each step of all of them is one batch of affine sums.
namespace ll::algebra {
namespace {

constexpr unsigned kWidth = 4;
constexpr std::size_t kOddMultiples = std::size_t{1} << (kWidth - 2);  // 1, 3, 5, 7 times the point
/// Multiplications in lockstep: enough for full batches on sparse steps, few enough for the cache.
constexpr std::size_t kMaxLanes = 2048, kMinLanes = 128;

/// Multiplies points by scalars, all at once.
class LockstepMultiplier {
 public:
  /// The product replaces *point no later than run().
  void push(G1Affine* point, const Fr& scalar) {
    const GlvScalar halves = glv_decompose(scalar);
    Lane lane;
    lane.point = point;
    lane.set(0, wnaf(halves.a, kWidth), halves.a_negative);
    lane.set(1, wnaf(halves.b, kWidth), halves.b_negative);
    lanes_.push_back(lane);
  }

  void run() {
    fill_tables();
    sums_.assign(lanes_.size(), G1Affine::identity());
    for (std::size_t i = kDigits; i-- > 0;) {
      adder_.double_all(sums_);
      for (const int half : {0, 1}) {
        for (std::size_t l = 0; l < lanes_.size(); ++l) {
          const int digit = lanes_[l].digits[half][i];
          if (digit == 0) continue;
          G1Affine multiple = tables_[l][std::abs(digit) / 2];
          if (digit < 0) multiple = -multiple;
          if (half == 1) multiple.x *= glv_beta();
          adder_.add(sums_[l], multiple, &sums_[l]);
        }
        adder_.flush();
      }
    }
    for (std::size_t l = 0; l < lanes_.size(); ++l) *lanes_[l].point = sums_[l];
    lanes_.clear();
  }

 private:
  static constexpr std::size_t kDigits = 128;  // the halves of a scalar are below 2^127

  struct Lane {
    G1Affine* point = nullptr;
    std::array<std::array<std::int8_t, kDigits>, 2> digits{};

    void set(int half, std::span<const std::int8_t> from, bool negative) {
      for (std::size_t i = 0; i < from.size(); ++i) {
        digits[half][i] = negative ? static_cast<std::int8_t>(-from[i]) : from[i];
      }
    }
  };

  void fill_tables() {
    tables_.resize(lanes_.size());
    doubled_.resize(lanes_.size());
    for (std::size_t l = 0; l < lanes_.size(); ++l) doubled_[l] = tables_[l][0] = *lanes_[l].point;
    adder_.double_all(doubled_);
    for (std::size_t i = 1; i < kOddMultiples; ++i) {
      for (std::size_t l = 0; l < lanes_.size(); ++l) adder_.add(tables_[l][i - 1], doubled_[l], &tables_[l][i]);
      adder_.flush();
    }
  }

  std::vector<Lane> lanes_;
  std::vector<std::array<G1Affine, kOddMultiples>> tables_;
  std::vector<G1Affine> sums_, doubled_;
  BatchAdder adder_;
};

}  // namespace

std::vector<G1Affine> to_lagrange_bases(std::span<const G1Affine> monomial) {
  const std::size_t n = monomial.size();
  LL_CHECK(std::has_single_bit(n) && n <= std::size_t{1} << kTwoAdicity,
           "lagrange bases: {} points, expected a power of two up to 2^28", n);
  std::vector<G1Affine> points(n);
  for (std::size_t i = 0, mirrored = 0; i < n; ++i) {
    points[mirrored] = monomial[i];
    std::size_t bit = n >> 1;
    while ((mirrored & bit) != 0) {
      mirrored ^= bit;
      bit >>= 1;
    }
    mirrored |= bit;
  }

  // Decimation in time with omega^-1. The factor 1/n is part of the multiplications that are made anyway: a transform
  // scaled by c is the even half scaled by c, plus the odd half times c·w^j; so only block 0 of each level has it.
  const Fr scale = *Fr::from_u64(n).inverse();
  points[0] = (G1(points[0]) * scale).to_affine();
  for (std::size_t h = 1; h < n; h *= 2) {
    const Fr root = *fr_root_of_unity_of_order_log2(static_cast<unsigned>(std::countr_zero(2 * h))).inverse();
    std::vector<Fr> twiddles(h, Fr::one());
    scale_by_powers(twiddles, root);
    const std::size_t lanes = std::clamp(n / (4 * thread_count()), kMinLanes, kMaxLanes);
    parallel_for(n / 2, lanes, [&](std::size_t begin, std::size_t end) {
      LockstepMultiplier multiplier;
      BatchAdder adder;
      for (std::size_t first = begin; first < end; first += kMaxLanes) {
        const std::size_t last = std::min(end, first + kMaxLanes);
        for (std::size_t i = first; i < last; ++i) {
          const std::size_t block = i / h, j = i % h;
          if (block > 0 && j == 0) continue;  // times one
          multiplier.push(&points[block * 2 * h + h + j], block == 0 ? twiddles[j] * scale : twiddles[j]);
        }
        multiplier.run();
        for (std::size_t i = first; i < last; ++i) {
          G1Affine* const low = &points[i / h * 2 * h + i % h];
          const G1Affine a = low[0], b = low[h];
          adder.add(a, b, low);
          adder.add(a, -b, low + h);
        }
        adder.flush();
      }
    });
  }
  return points;
}

}  // namespace ll::algebra
