#include "algebra/ntt.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "base/wipe.hpp"

namespace ll::algebra {
namespace {

/// Blocks up to this many elements (128 KiB) are transformed by one thread, within its cache.
constexpr std::size_t kBlock = 4096;
/// Elements that one task of an elementwise pass handles at least.
constexpr std::size_t kGrain = 1024;
/// Smaller transforms are no squares of vectors, or gain nothing from them.
constexpr std::size_t kLeastInLanes = 256;

std::uint64_t* words(Fr* elements) { return reinterpret_cast<std::uint64_t*>(elements); }
const std::uint64_t* words(const Fr* elements) { return reinterpret_cast<const std::uint64_t*>(elements); }
Fr times_16(const Fr& value) { return value.doubled().doubled().doubled().doubled(); }

/// The vectors of one transform. A thread keeps those of its last one, unless they are large; they are overwritten
/// before, as they may be a secret's.
class WorkSpace {
 public:
  explicit WorkSpace(std::size_t words) : words_(std::move(kept())) {
    if (words_.size() < words) words_ = LineVector<std::uint64_t>(words);
    used_ = words;
  }
  WorkSpace(const WorkSpace&) = delete;
  WorkSpace& operator=(const WorkSpace&) = delete;
  ~WorkSpace() {
    wipe(words_.data(), used_ * sizeof(std::uint64_t));
    if (words_.size() <= kMostKept && words_.size() > kept().size()) kept() = std::move(words_);
  }
  std::uint64_t* data() { return words_.data(); }

 private:
  static constexpr std::size_t kMostKept = std::size_t{1} << 20;  // 8 MiB
  /// Empty while a transform of this thread uses it: another that it starts meanwhile finds none.
  static LineVector<std::uint64_t>& kept() {
    thread_local LineVector<std::uint64_t> words;
    return words;
  }
  LineVector<std::uint64_t> words_;
  std::size_t used_ = 0;
};

/// One level of the decimation in frequency: (a_j, a_{j+h}) becomes (a_j + a_{j+h}, (a_j - a_{j+h})·w^j).
void butterflies(Fr* low, Fr* high, const Fr* twiddles, std::size_t begin, std::size_t end) {
  for (std::size_t j = begin; j < end; ++j) {
    const Fr difference = low[j] - high[j];
    low[j] += high[j];
    high[j] = difference * twiddles[j];
  }
}

/// Two levels at once over a block of 4h elements, so that memory is passed over half as often.
void double_butterflies(Fr* block, std::size_t h, const Fr* outer, const Fr* inner, std::size_t begin,
                        std::size_t end) {
  for (std::size_t j = begin; j < end; ++j) {
    const Fr a = block[j], b = block[j + h], c = block[j + 2 * h], d = block[j + 3 * h];
    const Fr sum_even = a + c, sum_odd = b + d;
    const Fr difference_even = (a - c) * outer[j], difference_odd = (b - d) * outer[j + h];
    block[j] = sum_even + sum_odd;
    block[j + h] = (sum_even - sum_odd) * inner[j];
    block[j + 2 * h] = difference_even + difference_odd;
    block[j + 3 * h] = (difference_even - difference_odd) * inner[j];
  }
}

std::size_t reverse_bits(std::size_t value, unsigned bits) {
  std::size_t out = 0;
  for (unsigned i = 0; i < bits; ++i) out |= (value >> i & 1) << (bits - 1 - i);
  return out;
}

void permute_bit_reversed(std::span<Fr> values, unsigned bits) {
  parallel_for(values.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    std::size_t mirrored = reverse_bits(begin, bits);
    for (std::size_t i = begin; i < end; ++i) {
      if (i < mirrored) std::swap(values[i], values[mirrored]);
      // add one at the top bit, carrying downwards
      std::size_t bit = values.size() >> 1;
      while ((mirrored & bit) != 0) {
        mirrored ^= bit;
        bit >>= 1;
      }
      mirrored |= bit;
    }
  });
}

}  // namespace

void scale_by_powers(std::span<Fr> values, const Fr& base, const Fr& factor) {
  const kernels::Table* const lanes = lane_kernels();
  parallel_for(values.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    Fr power = factor * base.pow_vartime(begin);
    if (lanes != nullptr) {
      const std::size_t whole = (end - begin) / lanes->width * lanes->width;
      lanes->scale_by_powers(words(&values[begin]), whole, words(&base), words(&power));
      power *= base.pow_vartime(whole);
      begin += whole;
    }
    for (std::size_t i = begin; i < end; ++i, power *= base) values[i] *= power;
  });
}

NttDomain::NttDomain(unsigned log_size)
    : log_size_(log_size),
      omega_(fr_root_of_unity_of_order_log2(log_size)),
      omega_inverse_(*omega_.inverse()),
      size_inverse_(*Fr::from_u64(std::uint64_t{1} << log_size).inverse()),
      twiddles_(size(), Fr::one()) {
  const std::size_t half = size() / 2;
  if (half == 0) return;
  scale_by_powers(std::span(twiddles_).subspan(half), omega_);
  for (std::size_t h = half / 2; h >= 1; h /= 2) {
    for (std::size_t j = 0; j < h; ++j) twiddles_[h + j] = twiddles_[2 * h + 2 * j];
  }
  lanes_ = lane_kernels();
  if (lanes_ == nullptr || size() < kLeastInLanes) {
    lanes_ = nullptr;
    return;
  }
  const std::size_t vectors = size() / lanes_->width;
  lane_twiddles_.resize(vectors * lanes_->width * kernels::Table::kLimbWords);
  lanes_->ntt_constants(lane_twiddles_.data(), words(twiddles_.data()), vectors);
  lane_roots_.assign(twiddles_.begin(), twiddles_.begin() + static_cast<std::ptrdiff_t>(lanes_->width));
  for (Fr& root : lane_roots_) root = times_16(root);
  twiddles_ = {};
}

void NttDomain::check_size(std::size_t given) const {
  LL_CHECK(given == size(), "ntt: a domain of k = {} transforms {} elements, got {}", log_size_, size(), given);
}

void NttDomain::to_bit_reversed_values(std::span<Fr> values) const {
  std::size_t block = size();
  for (; block > kBlock; block /= 4) {  // wide levels: all threads on each
    const std::size_t h = block / 4;
    const Fr *outer = &twiddles_[2 * h], *inner = &twiddles_[h];
    parallel_for(size() / 4, kGrain, [&](std::size_t begin, std::size_t end) {
      while (begin < end) {
        const std::size_t j = begin % h, count = std::min(end - begin, h - j);
        double_butterflies(&values[begin / h * block], h, outer, inner, j, j + count);
        begin += count;
      }
    });
  }
  parallel_for(size() / block, std::max<std::size_t>(1, kGrain / block), [&](std::size_t begin, std::size_t end) {
    for (std::size_t b = begin; b < end; ++b) {
      Fr* const first = &values[b * block];
      std::size_t part = block;
      for (; part >= 4; part /= 4) {
        const std::size_t h = part / 4;
        for (std::size_t offset = 0; offset < block; offset += part) {
          double_butterflies(first + offset, h, &twiddles_[2 * h], &twiddles_[h], 0, h);
        }
      }
      if (part == 2) {
        for (std::size_t offset = 0; offset < block; offset += 2) {
          butterflies(first + offset, first + offset + 1, &twiddles_[1], 0, 1);
        }
      }
    }
  });
}

void NttDomain::transform_in_lanes(std::span<Fr> values, const Fr* shift, const Fr* factor) const {
  const std::size_t width = lanes_->width, vectors = size() / width, words_each = width * kernels::Table::kLimbWords;
  WorkSpace room(vectors * words_each);
  std::uint64_t* const data = room.data();
  const std::uint64_t* const twiddles = lane_twiddles_.data();
  const std::size_t grain = std::max<std::size_t>(1, kGrain / width), quarter = vectors / 4;
  const Fr step = shift == nullptr ? Fr::one() : shift->pow_vartime(quarter * width);
  parallel_for(quarter, grain, [&](std::size_t begin, std::size_t end) {
    std::array<Fr, 4> factors;
    factors[0] = shift == nullptr ? Fr::one() : shift->pow_vartime(begin * width);
    for (std::size_t q = 1; q < 4; ++q) factors[q] = factors[q - 1] * step;
    lanes_->ntt_first(data, words(values.data()), quarter, twiddles + 2 * quarter * words_each,
                      twiddles + quarter * words_each, shift == nullptr ? nullptr : words(shift), words(factors.data()),
                      begin, end);
  });
  bool wide = true;
  std::size_t block = quarter;
  for (; vectors / block < thread_count() && block >= 4; block /= 4, wide = !wide) {  // all threads on each level
    const std::size_t h = block / 4;
    parallel_for(quarter, grain, [&](std::size_t begin, std::size_t end) {
      while (begin < end) {
        const std::size_t j = begin % h, count = std::min(end - begin, h - j);
        lanes_->ntt_pass(data + begin / h * block * words_each, h, twiddles + 2 * h * words_each,
                         twiddles + h * words_each, j, j + count, wide);
        begin += count;
      }
    });
  }
  parallel_for(vectors / block, std::max<std::size_t>(1, grain / block), [&](std::size_t begin, std::size_t end) {
    for (std::size_t b = begin; b < end; ++b) lanes_->ntt_block(data + b * block * words_each, block, twiddles, wide);
  });
  parallel_for(vectors / width, std::max<std::size_t>(1, grain / width), [&](std::size_t begin, std::size_t end) {
    lanes_->ntt_finish(words(values.data()), data, log_size_, words(lane_roots_.data()),
                       factor == nullptr ? nullptr : words(factor), begin, end);
  });
}

void NttDomain::ntt(std::span<Fr> values) const {
  check_size(values.size());
  if (lanes_ != nullptr) return transform_in_lanes(values, nullptr, nullptr);
  to_bit_reversed_values(values);
  permute_bit_reversed(values, log_size_);
}

void NttDomain::intt(std::span<Fr> values) const {
  check_size(values.size());
  if (lanes_ != nullptr) {
    const Fr factor = times_16(size_inverse_);
    return transform_in_lanes(values, nullptr, &factor);
  }
  ntt(values);
  // The transform with omega^-1 is the one with omega read backwards: entry n - i instead of i.
  const std::size_t n = size();
  values[0] *= size_inverse_;
  if (n > 1) values[n / 2] *= size_inverse_;
  parallel_for(n / 2, kGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = std::max<std::size_t>(1, begin); i < end; ++i) {
      const Fr mirrored = values[n - i] * size_inverse_;
      values[n - i] = values[i] * size_inverse_;
      values[i] = mirrored;
    }
  });
}

void NttDomain::coset_ntt(std::span<Fr> values, const Fr& shift) const {
  check_size(values.size());
  if (lanes_ != nullptr) return transform_in_lanes(values, &shift, nullptr);
  scale_by_powers(values, shift);
  ntt(values);
}

void NttDomain::coset_intt(std::span<Fr> values, const Fr& shift) const {
  const auto inverse = shift.inverse();
  LL_CHECK(inverse.has_value(), "ntt: the shift of a coset must not be zero");
  intt(values);
  scale_by_powers(values, *inverse);
}

}  // namespace ll::algebra
