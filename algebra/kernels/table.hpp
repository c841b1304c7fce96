#pragma once
#include <cstddef>
#include <cstdint>

namespace ll::algebra::kernels {

/// What affine_sums_vartime adds (affine_sums.hpp has the same layout).
struct Pair {
  static constexpr std::uint32_t kNegated = std::uint32_t{1} << 31;
  std::uint32_t left, right, out;
};

/// The bulk operations for one kind of processor. Elements are 4 words as in PrimeField's memory form, below p; points
/// are x and y one after the other. Exact: every table gives the same words.
struct Table {
  const char* name;
  /// Sums of regular pairs of in to out. Pairs with equal x, or with an identity, are not summed: their numbers go to
  /// `left_out` (room for `count`), and how many they are is returned.
  std::size_t (*affine_sums)(const std::uint64_t* in, const Pair* pairs, std::size_t count, std::uint64_t* out,
                             std::uint32_t* left_out);
};

/// nullptr where this build has no such kernels.
const Table* avx512_ifma();
const Table* avx2_fma();
const Table* emulated_ifma();

/// Inverts `count` elements of Fq that are not zero, each times 16 for the factor of 2^260 that products in lanes
/// divide by.
void invert_times_16(std::uint64_t* elements, std::size_t count);

}  // namespace ll::algebra::kernels
