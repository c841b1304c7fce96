#include "algebra/msm.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

#include "algebra/bucket_sums.hpp"
#include "algebra/glv.hpp"
#include "algebra/line_vector.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"

namespace ll::algebra {
namespace {

/// Up to this many terms are multiplied side by side, without buckets.
constexpr std::size_t kFewTerms = 128;
constexpr unsigned kMaxBits = 253;                   // of an absolute value below r/2
constexpr unsigned kHalfBits = 127;                  // of the halves that the endomorphism makes
constexpr unsigned kMinWindow = 2, kMaxWindow = 15;  // a digit fits int16
/// Scalars whose digits are held at once: bounds the memory of a sum of any length.
constexpr std::size_t kChunk = std::size_t{1} << 16;

/// A scalar as integer between -r/2 and r/2.
struct SignedScalar {
  Limbs magnitude;
  bool negative;
  unsigned bits;  // of the magnitude, at most 253

  explicit SignedScalar(const Fr& scalar) {
    const Limbs value = scalar.canonical_limbs();
    std::uint64_t borrow = 0;
    const Limbs negated = sub_limbs(Fr::kModulus, value, borrow);
    negative = less_limbs(negated, value);
    magnitude = negative ? negated : value;
    bits = bit_length(magnitude);
  }
};

/// How a group of terms is cut: `windows` digits of `width` bits each.
struct Plan {
  unsigned width = kMinWindow, windows = 0;
  double cost = 0;  // in field products, roughly
};

Plan plan_for(std::size_t terms, unsigned bits) {
  Plan best;
  if (terms == 0) return best;
  for (unsigned width = kMinWindow; width <= kMaxWindow; ++width) {
    Plan plan{width, bits / width + 1, 0};  // one bit more than the magnitude, for the sign
    const double buckets = static_cast<double>(std::size_t{1} << (width - 1)), n = static_cast<double>(terms);
    // An affine sum per term, two per bucket that is filled, passes over all buckets, and what shares no inversions.
    plan.cost = plan.windows * (n * 6.5 + std::min(buckets, n) * 9 + buckets * 1.5 + 3000);
    if (best.windows == 0 || plan.cost < best.cost) best = plan;
  }
  return best;
}

/// The plan for scalars of at most `bits` bits; longer ones than half are split in two (glv.hpp).
struct GroupPlan {
  bool split = false;
  Plan plan;
};

GroupPlan group_plan(std::size_t scalars, unsigned bits) {
  if (bits <= kHalfBits) return {false, plan_for(scalars, bits)};
  return {true, plan_for(2 * scalars, kHalfBits)};
}

/// The bit length at which to cut the scalars in two groups so that the estimated cost is least: a few large scalars
/// (the blinding rows of a column) must not make windows for all.
struct Cut {
  unsigned bits = kMaxBits;  ///< of the longest in the group of small ones
  GroupPlan small, large;
  double cost() const { return small.plan.cost + large.plan.cost; }
};

/// `up_to[b]`: scalars of 1 to b bits.
Cut best_cut(const std::array<std::size_t, kMaxBits + 1>& up_to) {
  const std::size_t count = up_to.back();
  const auto longest = static_cast<unsigned>(std::ranges::lower_bound(up_to, count) - up_to.begin());
  Cut best{kMaxBits, group_plan(count, longest), {}};
  for (unsigned bits = 1; bits < longest; ++bits) {
    if (up_to[bits] == up_to[bits - 1]) continue;
    const Cut cut{bits, group_plan(up_to[bits], bits), group_plan(count - up_to[bits], longest)};
    if (cut.cost() < best.cost()) best = cut;
  }
  return best;
}

/// Terms that are summed by one plan, a chunk of them at a time.
class Group {
 public:
  explicit Group(const GroupPlan& plan) : split_(plan.split), plan_(plan.plan) {
    for (unsigned window = 0; window + 1 < plan_.windows; ++window) {
      const unsigned bit = window * plan_.width + plan_.width - 1;
      offset_[bit / 64] |= std::uint64_t{1} << (bit % 64);
    }
  }

  const Plan& plan() const { return plan_; }
  /// Signed digits of one window, each already times the sign of its term.
  std::span<const std::int16_t> digits(unsigned window) const {
    return std::span(digits_).subspan(window * points_.size(), points_.size());
  }
  std::span<const G1Affine> points() const { return points_; }

  /// Takes those of the scalars that `which` lists.
  void take(std::span<const G1Affine> bases, std::span<const Fr> scalars, std::span<const std::uint32_t> which) {
    const std::size_t count = which.size(), terms = split_ ? 2 * count : count;
    points_.resize(terms);
    digits_.resize(terms * plan_.windows);
    parallel_for(count, 1024, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const G1Affine& base = points_[i] = bases[which[i]];
        const Fr& scalar = scalars[which[i]];
        if (!split_) {
          const SignedScalar whole(scalar);
          set_digits(i, {whole.magnitude[0], whole.magnitude[1]}, whole.negative);
          continue;
        }
        const GlvScalar halves = glv_decompose(scalar);
        points_[count + i] = {base.x * glv_beta(), base.y};
        set_digits(i, halves.a, halves.a_negative);
        set_digits(count + i, halves.b, halves.b_negative);
      }
    });
  }

 private:
  /// The offset holds 2^(width-1) at each window but the top one. With it added, digit = window - 2^(width-1) lies in
  /// [-2^(width-1), 2^(width-1)) and no carry runs between windows; the top digit is unsigned, at most 2^(width-1).
  void set_digits(std::size_t term, const std::array<std::uint64_t, 2>& magnitude, bool negative) {
    std::uint64_t carry = 0;
    std::array<std::uint64_t, 3> sum{};
    for (int i = 0; i < 2; ++i) sum[i] = add_carry(magnitude[i], offset_[i], carry);
    sum[2] = carry;  // the last window may reach into a third word, where only the carry can be
    for (unsigned window = 0; window < plan_.windows; ++window) {
      const unsigned bit = window * plan_.width, limb = bit / 64, shift = bit % 64;
      std::uint64_t value = sum[limb] >> shift;
      if (shift + plan_.width > 64 && limb < 2) value |= sum[limb + 1] << (64 - shift);
      value &= (std::uint64_t{1} << plan_.width) - 1;
      const int digit = static_cast<int>(value) - (window + 1 < plan_.windows ? 1 << (plan_.width - 1) : 0);
      digits_[window * points_.size() + term] = static_cast<std::int16_t>(negative ? -digit : digit);
    }
  }

  bool split_;
  Plan plan_;
  std::array<std::uint64_t, 2> offset_{};
  LineVector<G1Affine> points_;
  std::vector<std::int16_t> digits_;
};

/// A range of the buckets of one window of one group, over one slice of the terms.
struct Task {
  const Group* group;
  unsigned window;
  std::size_t slice, slices;
  BucketSums buckets;
  G1 sum;

  void fill() {
    const std::size_t terms = group->points().size(), begin = terms * slice / slices,
                      count = terms * (slice + 1) / slices - begin;
    buckets.fill(group->digits(window).subspan(begin, count), group->points().subspan(begin, count));
  }
};

/// Enough ranges of buckets, or where those are few, slices of the terms, that all threads stay busy to the end; few
/// enough that each has full batches.
void add_tasks(const Group& group, std::vector<Task>& tasks) {
  const Plan& plan = group.plan();
  if (plan.windows == 0) return;
  const std::uint32_t buckets = std::uint32_t{1} << (plan.width - 1);
  const std::size_t wanted = thread_count() == 1 ? 1 : (4 * thread_count() + plan.windows - 1) / plan.windows;
  const std::uint32_t parts = std::clamp<std::uint32_t>(buckets / 512, 1, static_cast<std::uint32_t>(wanted));
  const std::size_t slices = buckets < 512 ? wanted : 1;
  for (unsigned window = 0; window < plan.windows; ++window) {
    for (std::uint32_t part = 0; part < parts; ++part) {
      const std::uint32_t begin = buckets * part / parts, end = buckets * (part + 1) / parts;
      for (std::size_t slice = 0; slice < slices; ++slice)
        tasks.push_back({&group, window, slice, slices, BucketSums(1 + begin, end - begin), {}});
    }
  }
}

/// sum scalars[i]·bases[i] with shared doublings, by signed windows of the scalars' halves.
/// Source: Straus, "Addition chains of vectors", American Mathematical Monthly 71 (1964).
G1 side_by_side(std::span<const G1Affine> bases, std::span<const Fr> scalars) {
  constexpr unsigned kWidth = 5, kMultiples = 1 << (kWidth - 2);  // 1, 3, ..., 15 times the base
  struct Half {
    std::vector<std::int8_t> digits;
    bool negative;
  };
  std::vector<G1> multiples;
  std::vector<Half> halves;  // two a term
  for (std::size_t i = 0; i < bases.size(); ++i) {
    const G1 base = bases[i], twice = base.doubled();
    multiples.push_back(base);
    for (unsigned m = 1; m < kMultiples; ++m) multiples.push_back(multiples.back() + twice);
    const GlvScalar scalar = glv_decompose(scalars[i]);
    halves.push_back({wnaf(scalar.a, kWidth), scalar.a_negative});
    halves.push_back({wnaf(scalar.b, kWidth), scalar.b_negative});
  }
  const std::vector<G1Affine> table = batch_to_affine(multiples);
  std::size_t length = 0;
  for (const Half& half : halves) length = std::max(length, half.digits.size());
  G1 sum;
  for (std::size_t bit = length; bit-- > 0;) {
    sum = sum.doubled();
    for (std::size_t h = 0; h < halves.size(); ++h) {
      if (bit >= halves[h].digits.size() || halves[h].digits[bit] == 0) continue;
      const int digit = halves[h].negative ? -halves[h].digits[bit] : halves[h].digits[bit];
      G1Affine point = table[h / 2 * kMultiples + static_cast<unsigned>(std::abs(digit)) / 2];
      if (h % 2 == 1) point.x *= glv_beta();
      sum += digit < 0 ? -point : point;
    }
  }
  return sum;
}

/// How many scalars have at most b bits, for each b; those that multiply the identity count as zeros.
std::array<std::size_t, kMaxBits + 1> count_up_to(std::span<const std::uint8_t> bits) {
  std::array<std::size_t, kMaxBits + 1> up_to{};
  for (const std::uint8_t b : bits) ++up_to[b];
  up_to[0] = 0;
  for (unsigned b = 1; b <= kMaxBits; ++b) up_to[b] += up_to[b - 1];
  return up_to;
}

}  // namespace

double msm_cost(std::span<const std::size_t> terms) {
  LL_CHECK(terms.size() <= kMaxBits + 1, "msm: scalars of {} bits, at most {} exist", terms.size() - 1, kMaxBits);
  std::array<std::size_t, kMaxBits + 1> up_to{};
  for (unsigned bits = 1; bits <= kMaxBits; ++bits)
    up_to[bits] = up_to[bits - 1] + (bits < terms.size() ? terms[bits] : 0);
  if (up_to.back() <= kFewTerms) return 600.0 * static_cast<double>(up_to.back());
  return best_cut(up_to).cost();
}

double msm_cost_of(std::span<const Fr> scalars) {
  std::vector<std::uint8_t> bits(scalars.size());
  parallel_for(scalars.size(), 1024, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) bits[i] = static_cast<std::uint8_t>(SignedScalar(scalars[i]).bits);
  });
  std::array<std::size_t, kMaxBits + 1> terms{};
  for (const std::uint8_t b : bits) ++terms[b];
  return msm_cost(terms);
}

G1 msm_vartime(std::span<const G1Affine> bases, std::span<const Fr> scalars) {
  LL_CHECK(bases.size() == scalars.size(), "msm: {} bases but {} scalars", bases.size(), scalars.size());
  LL_CHECK(bases.size() < (std::size_t{1} << 31), "msm: {} terms exceed 2^31 - 1", bases.size());
  std::vector<std::uint8_t> bits(scalars.size());  // of each scalar, 0 where the term is the identity
  parallel_for(scalars.size(), 1024, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      bits[i] = bases[i].is_identity() ? 0 : static_cast<std::uint8_t>(SignedScalar(scalars[i]).bits);
    }
  });
  const auto up_to = count_up_to(bits);
  G1 total;
  if (up_to.back() <= kFewTerms) {
    std::vector<G1Affine> used;
    std::vector<Fr> factors;
    for (std::size_t i = 0; i < bits.size(); ++i) {
      if (bits[i] == 0) continue;
      used.push_back(bases[i]);
      factors.push_back(scalars[i]);
    }
    return side_by_side(used, factors);
  }

  const Cut cut = best_cut(up_to);
  std::array<Group, 2> groups = {Group(cut.small), Group(cut.large)};
  std::vector<Task> tasks;
  for (const Group& group : groups) add_tasks(group, tasks);
  std::array<std::vector<std::uint32_t>, 2> which;
  for (std::size_t first = 0; first < scalars.size(); first += kChunk) {
    const std::size_t count = std::min(kChunk, scalars.size() - first);
    for (auto& list : which) list.clear();
    for (std::uint32_t i = 0; i < count; ++i) {
      if (bits[first + i] != 0) which[bits[first + i] <= cut.bits ? 0 : 1].push_back(i);
    }
    for (std::size_t g = 0; g < groups.size(); ++g)
      groups[g].take(bases.subspan(first, count), scalars.subspan(first, count), which[g]);
    parallel_for(tasks.size(), 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) tasks[i].fill();
    });
  }
  parallel_for(tasks.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) tasks[i].sum = tasks[i].buckets.weighted_sum();
  });

  for (const Group& group : groups) {
    G1 sum;
    for (unsigned window = group.plan().windows; window-- > 0;) {
      for (unsigned i = 0; i < group.plan().width; ++i) sum = sum.doubled();
      for (const Task& task : tasks) {
        if (task.group == &group && task.window == window) sum += task.sum;
      }
    }
    total += sum;
  }
  return total;
}

}  // namespace ll::algebra
