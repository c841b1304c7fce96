#include "circuits/packing.hpp"

#include "base/error.hpp"

namespace ll::circuits {
namespace {

constexpr std::int64_t kHalf = std::int64_t{1} << (kEntrySpacing - 1);

/// 2^60.
Fr spacing() { return Fr::from_u64(std::uint64_t{1} << kEntrySpacing); }

/// One word, by Horner from its last entry.
template <class Entry>
Fr word(std::span<const Entry> entries) {
  Fr packed;
  for (std::size_t m = kEntriesPerWord; m-- > 0;) packed = packed * spacing() + Fr::from_i64(entries[m]);
  return packed;
}

}  // namespace

Fr fr_from_u128(u128 value) {
  const algebra::Limbs limbs{static_cast<std::uint64_t>(value), static_cast<std::uint64_t>(value >> 64), 0, 0};
  return *Fr::from_canonical_limbs(limbs);  // below 2^128 < r
}

std::vector<Fr> pack_words(std::span<const std::int64_t> entries) {
  LL_CHECK(entries.size() % kEntriesPerWord == 0, "pack: {} entries, a multiple of {} expected", entries.size(),
           kEntriesPerWord);
  std::vector<Fr> words;
  words.reserve(entries.size() / kEntriesPerWord);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    LL_CHECK(entries[i] > -kHalf && entries[i] < kHalf, "pack: entry {} is {}, |entry| < 2^{} expected", i, entries[i],
             kEntrySpacing - 1);
  }
  for (std::size_t i = 0; i < entries.size(); i += kEntriesPerWord) {
    words.push_back(word(entries.subspan(i, kEntriesPerWord)));
  }
  return words;
}

std::vector<Fr> pack_delta_words(std::span<const std::int64_t> entries) {
  constexpr std::int64_t kBound = std::int64_t{1} << kDeltaEntryBits;
  std::vector<Fr> words((entries.size() + kEntriesPerDeltaWord - 1) / kEntriesPerDeltaWord);
  for (std::size_t i = entries.size(); i-- > 0;) {  // by Horner, from the last entry of each word
    LL_CHECK(entries[i] > -kBound && entries[i] < kBound, "pack: entry {} of a delta is {}, |entry| < 2^{} expected", i,
             entries[i], kDeltaEntryBits);
    Fr& word = words[i / kEntriesPerDeltaWord];
    word = word * Fr::from_u64(std::uint64_t{1} << kDeltaEntrySpacing) + Fr::from_i64(entries[i]);
  }
  return words;
}

std::optional<std::vector<std::int64_t>> unpack_words(std::span<const Fr> words) {
  constexpr std::int64_t kBound = std::int64_t{1} << kEntryBits;
  constexpr std::uint64_t kMask = (std::uint64_t{1} << kEntrySpacing) - 1;
  const std::vector<std::int64_t> halves(kEntriesPerWord, kHalf);
  const Fr offset = word(std::span<const std::int64_t>(halves));
  std::vector<std::int64_t> entries;
  entries.reserve(words.size() * kEntriesPerWord);
  for (const Fr& packed : words) {
    const algebra::Limbs limbs = (packed + offset).canonical_limbs();
    if (limbs[3] >> (kEntriesPerWord * kEntrySpacing - 192) != 0) return std::nullopt;
    for (unsigned m = 0; m < kEntriesPerWord; ++m) {
      const unsigned bit = m * kEntrySpacing, limb = bit / 64, shift = bit % 64;
      std::uint64_t digit = limbs[limb] >> shift;
      if (shift + kEntrySpacing > 64) digit |= limbs[limb + 1] << (64 - shift);
      const std::int64_t entry = static_cast<std::int64_t>(digit & kMask) - kHalf;
      if (entry <= -kBound || entry >= kBound) return std::nullopt;
      entries.push_back(entry);
    }
  }
  return entries;
}

}  // namespace ll::circuits
