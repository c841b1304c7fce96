#include "algebra/msm.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "algebra/batch_affine.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"

namespace ll::algebra {
namespace {

/// Up to this many terms are multiplied one by one.
constexpr std::size_t kFewTerms = 8;
constexpr unsigned kMaxBits = 253;                   // of an absolute value below r/2
constexpr unsigned kMinWindow = 2, kMaxWindow = 15;  // a digit fits int16
/// Terms whose buckets are filled at once: bounds the memory of one window at a few MiB.
constexpr std::size_t kChunk = std::size_t{1} << 17;

/// A scalar between -r/2 and r/2 that is not zero, and the base it belongs to.
struct Term {
  Limbs magnitude;
  std::uint32_t base;
  bool negative;
  std::uint8_t bits;  // of the magnitude, 1..253
};

std::vector<Term> nonzero_terms(std::span<const G1Affine> bases, std::span<const Fr> scalars) {
  std::vector<Term> terms(scalars.size());
  parallel_for(scalars.size(), 1024, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const Limbs value = scalars[i].canonical_limbs();
      std::uint64_t borrow = 0;
      const Limbs negated = sub_limbs(Fr::kModulus, value, borrow);
      const bool negative = less_limbs(negated, value);
      const Limbs& magnitude = negative ? negated : value;
      const unsigned bits = bases[i].is_identity() ? 0 : bit_length(magnitude);
      terms[i] = {magnitude, static_cast<std::uint32_t>(i), negative, static_cast<std::uint8_t>(bits)};
    }
  });
  std::erase_if(terms, [](const Term& term) { return term.bits == 0; });
  return terms;
}

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
    // an affine sum per term, a mixed and a full sum per bucket (or, if few are filled, about 6 bits of doublings)
    plan.cost = plan.windows * (n * 7 + std::min(buckets * 27, n * 100));
    if (best.windows == 0 || plan.cost < best.cost) best = plan;
  }
  return best;
}

/// Terms that are summed by one plan, and their digits.
class Group {
 public:
  explicit Group(std::span<const Term> terms) {
    const unsigned bits = terms.empty() ? 0 : std::ranges::max_element(terms, {}, &Term::bits)->bits;
    plan_ = plan_for(terms.size(), bits);
    size_ = terms.size();
    bases_.resize(size_);
    digits_.resize(plan_.windows * size_);
    const Limbs offset = digit_offset();
    parallel_for(size_, 1024, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) split(terms[i], offset, i);
    });
  }

  std::size_t size() const { return size_; }
  const Plan& plan() const { return plan_; }
  /// Signed digits of one window, each already times the sign of its term.
  std::span<const std::int16_t> digits(unsigned window) const {
    return std::span(digits_).subspan(window * size_, size_);
  }
  /// Which base each term multiplies.
  std::span<const std::uint32_t> bases() const { return bases_; }

 private:
  /// 2^(width-1) at each window but the top one. With it added, digit = window - 2^(width-1) lies in
  /// [-2^(width-1), 2^(width-1)) and no carry runs between windows; the top digit is unsigned, at most 2^(width-1).
  Limbs digit_offset() const {
    Limbs offset{};
    for (unsigned window = 0; window + 1 < plan_.windows; ++window) {
      const unsigned bit = window * plan_.width + plan_.width - 1;
      offset[bit / 64] |= std::uint64_t{1} << (bit % 64);
    }
    return offset;
  }

  void split(const Term& term, const Limbs& offset, std::size_t index) {
    bases_[index] = term.base;
    std::uint64_t carry = 0;
    Limbs sum{};
    for (int i = 0; i < 4; ++i) sum[i] = add_carry(term.magnitude[i], offset[i], carry);
    for (unsigned window = 0; window < plan_.windows; ++window) {
      const unsigned bit = window * plan_.width, limb = bit / 64, shift = bit % 64;
      std::uint64_t value = sum[limb] >> shift;
      if (shift + plan_.width > 64 && limb < 3) value |= sum[limb + 1] << (64 - shift);
      value &= (std::uint64_t{1} << plan_.width) - 1;
      const int digit = static_cast<int>(value) - (window + 1 < plan_.windows ? 1 << (plan_.width - 1) : 0);
      digits_[window * size_ + index] = static_cast<std::int16_t>(term.negative ? -digit : digit);
    }
  }

  Plan plan_;
  std::size_t size_ = 0;
  std::vector<std::uint32_t> bases_;
  std::vector<std::int16_t> digits_;
};

/// The sums of one window's buckets, bucket b holding the points whose digit is ±b.
class Buckets {
 public:
  explicit Buckets(unsigned width) : sums_(std::size_t{1} << (width - 1)), starts_(sums_.size() + 1) {}

  /// Adds each term's base to the bucket of its digit, negated where the digit is negative.
  void fill(std::span<const std::int16_t> digits, std::span<const std::uint32_t> which,
            std::span<const G1Affine> bases) {
    sort_by_digit(digits, which);
    first_sums(bases);
    while (longest_ > 1) halve();
    for (std::size_t b = 0; b < sums_.size(); ++b) {
      if (lengths_[b] == 1) adder_.add(sums_[b], points_[starts_[b]], &sums_[b]);
    }
    adder_.flush();
  }

  /// sum b·sums[b], from the top: each step adds the running sum once, or several times across empty buckets.
  G1 weighted_sum() const {
    G1 running, total;
    std::size_t gap = 0;  // buckets passed since the last one that was filled
    const auto close_gap = [&] {
      if (gap > 12) {
        const std::uint64_t times = gap;
        total += running.mul_vartime(std::span(&times, 1));
      } else {
        for (; gap > 0; --gap) total += running;
      }
      gap = 0;
    };
    for (std::size_t b = sums_.size(); b-- > 0; ++gap) {
      if (sums_[b].is_identity()) continue;
      close_gap();
      running += sums_[b];
    }
    close_gap();
    return total;
  }

 private:
  static constexpr std::uint32_t kNegative = std::uint32_t{1} << 31;

  /// Lists the bases of each bucket one after the other, with their signs (counting sort).
  void sort_by_digit(std::span<const std::int16_t> digits, std::span<const std::uint32_t> which) {
    lengths_.assign(sums_.size() + 1, 0);  // at 0 the terms that this window leaves out
    for (const int digit : digits) ++lengths_[std::abs(digit)];
    lengths_.erase(lengths_.begin());
    starts_[0] = 0;
    for (std::size_t b = 0; b < sums_.size(); ++b) starts_[b + 1] = starts_[b] + lengths_[b];
    order_.resize(starts_.back());
    next_.assign(starts_.begin(), starts_.end() - 1);
    for (std::size_t i = 0; i < digits.size(); ++i) {
      const int digit = digits[i];
      if (digit != 0) order_[next_[std::abs(digit) - 1]++] = which[i] | (digit < 0 ? kNegative : 0);
    }
  }

  /// Adds neighbours of each bucket's list, which halves it: from the bases into points_.
  void first_sums(std::span<const G1Affine> bases) {
    constexpr std::size_t kAhead = 12;  // the bases of a bucket lie far apart: fetch them early
    points_.resize((order_.size() + sums_.size()) / 2 + 1);
    halve_lists([&](std::uint32_t i) {
      if (i + kAhead < order_.size()) {
        const G1Affine& later = bases[order_[i + kAhead] & ~kNegative];
        __builtin_prefetch(&later.x);
        __builtin_prefetch(&later.y);
      }
      const G1Affine& base = bases[order_[i] & ~kNegative];
      return (order_[i] & kNegative) != 0 ? -base : base;
    });
  }

  void halve() {
    halve_lists([&](std::uint32_t i) { return points_[i]; });
  }

  template <class Source>
  void halve_lists(const Source& source) {
    std::uint32_t out = 0;
    longest_ = 0;
    for (std::size_t b = 0; b < sums_.size(); ++b) {
      const std::uint32_t begin = starts_[b], length = lengths_[b];
      starts_[b] = out;
      for (std::uint32_t i = 0; i + 1 < length; i += 2) {
        adder_.add(source(begin + i), source(begin + i + 1), &points_[out++]);
      }
      if (length % 2 == 1) points_[out++] = source(begin + length - 1);
      lengths_[b] = out - starts_[b];
      longest_ = std::max(longest_, lengths_[b]);
    }
    adder_.flush();
  }

  std::vector<G1Affine> sums_, points_;
  std::vector<std::uint32_t> starts_, lengths_, order_, next_;
  std::uint32_t longest_ = 0;
  BatchAdder adder_;
};

/// One window of one group, over a part of its terms.
struct Task {
  const Group* group;
  unsigned window;
  std::size_t begin, end;
  G1 sum;

  void run(std::span<const G1Affine> bases) {
    Buckets buckets(group->plan().width);
    for (std::size_t first = begin; first < end; first += kChunk) {
      const std::size_t count = std::min(kChunk, end - first);
      buckets.fill(group->digits(window).subspan(first, count), group->bases().subspan(first, count), bases);
    }
    sum = buckets.weighted_sum();
  }
};

/// The bit length at which to cut the terms in two so that the estimated cost is least, kMaxBits for not at all: a few
/// large scalars (the blinding rows of a column) must not make windows for all.
struct Cut {
  unsigned bits = kMaxBits;
  double cost = 0;
};

/// `up_to[b]`: terms of at most b bits.
Cut best_cut(const std::array<std::size_t, kMaxBits + 1>& up_to) {
  const std::size_t count = up_to.back();
  const auto longest = static_cast<unsigned>(std::ranges::lower_bound(up_to, count) - up_to.begin());
  Cut best{kMaxBits, plan_for(count, longest).cost};
  for (unsigned bits = 1; bits < longest; ++bits) {
    if (up_to[bits] == up_to[bits - 1]) continue;
    const double cost = plan_for(up_to[bits], bits).cost + plan_for(count - up_to[bits], longest).cost;
    if (cost < best.cost) best = {bits, cost};
  }
  return best;
}

unsigned best_cut(std::span<const Term> terms) {
  std::array<std::size_t, kMaxBits + 1> up_to{};
  for (const Term& term : terms) ++up_to[term.bits];
  for (unsigned bits = 1; bits <= kMaxBits; ++bits) up_to[bits] += up_to[bits - 1];
  return best_cut(up_to).bits;
}

}  // namespace

double msm_cost(std::span<const std::size_t> terms) {
  LL_CHECK(terms.size() <= kMaxBits + 1, "msm: scalars of {} bits, at most {} exist", terms.size() - 1, kMaxBits);
  std::array<std::size_t, kMaxBits + 1> up_to{};
  for (unsigned bits = 1; bits <= kMaxBits; ++bits)
    up_to[bits] = up_to[bits - 1] + (bits < terms.size() ? terms[bits] : 0);
  return up_to.back() == 0 ? 0 : best_cut(up_to).cost;
}

G1 msm_vartime(std::span<const G1Affine> bases, std::span<const Fr> scalars) {
  LL_CHECK(bases.size() == scalars.size(), "msm: {} bases but {} scalars", bases.size(), scalars.size());
  LL_CHECK(bases.size() < (std::size_t{1} << 31), "msm: {} terms exceed 2^31 - 1", bases.size());
  std::vector<Term> terms = nonzero_terms(bases, scalars);
  G1 total;
  if (terms.size() <= kFewTerms) {
    for (const Term& term : terms) total += G1(bases[term.base]) * scalars[term.base];
    return total;
  }
  const unsigned cut = best_cut(terms);
  const std::span<Term> large =
      std::ranges::stable_partition(terms, [&](const Term& term) { return term.bits <= cut; });
  const std::span<const Term> small = std::span(terms).first(terms.size() - large.size());
  const std::array<Group, 2> groups = {Group(small), Group(large)};
  terms.clear();
  std::vector<Task> tasks;
  for (const Group& group : groups) {
    if (group.size() == 0) continue;
    // Windows alone keep few threads busy; more threads also share the terms of a window.
    const Plan& plan = group.plan();
    const std::size_t parts = std::clamp<std::size_t>(2 * thread_count() / plan.windows, 1,
                                                      1 + group.size() / (std::size_t{4} << plan.width));
    const std::size_t size = (group.size() + parts - 1) / parts;
    for (unsigned window = 0; window < plan.windows; ++window) {
      for (std::size_t begin = 0; begin < group.size(); begin += size) {
        tasks.push_back({&group, window, begin, std::min(group.size(), begin + size), {}});
      }
    }
  }
  parallel_for(tasks.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) tasks[i].run(bases);
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
