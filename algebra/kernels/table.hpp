#pragma once
#include <cstddef>
#include <cstdint>

namespace ll::algebra::kernels {

/// What affine_sums_vartime adds (affine_sums.hpp has the same layout).
struct Pair {
  static constexpr std::uint32_t kNegated = std::uint32_t{1} << 31;
  std::uint32_t left, right, out;
};

/// One operation of a program over rows; registers hold kRowBlock rows as vectors, 2^260 times the value.
struct RowOp {
  enum class Kind : std::uint8_t {
    load,          ///< register out = source a, b rows further down (cyclically): below 16 p
    add,           ///< a + b
    sub,           ///< a - b + 2^lift p, for b <= 2^lift p
    mul,           ///< a b
    add_constant,  ///< a + constant b
    mul_constant,  ///< a times constant b; times one brings a below 2 p
  };
  Kind kind;
  std::uint8_t lift;
  std::uint32_t out, a, b;
};

struct RowCode {
  const RowOp* ops;
  std::size_t count;
  const std::uint64_t* const* sources;  ///< memory form, `rows` elements each
  std::size_t rows;
  const std::uint64_t* constants;  ///< memory form times 16
  std::uint32_t result;            ///< register
  const std::uint64_t* factor;     ///< of the result
};

/// The bulk operations for one kind of processor. Elements are 4 words as in PrimeField's memory form, below p; points
/// are x and y one after the other. Exact: every table gives the same words.
struct Table {
  const char* name;
  /// Sums of regular pairs of in to out. Pairs with equal x, or with an identity, are not summed: their numbers go to
  /// `left_out` (room for `count`), and how many they are is returned.
  std::size_t (*affine_sums)(const std::uint64_t* in, const Pair* pairs, std::size_t count, std::uint64_t* out,
                             std::uint32_t* left_out);

  // Elements of Fr from here on.

  /// Elements in a vector.
  std::size_t width;
  /// Transforms work on vectors of `width` elements in radix 2^52, kLimbWords words an element.
  static constexpr std::size_t kLimbWords = 5;
  /// The first two levels of the decimation in frequency of 4 h vectors, from the memory form: vectors [begin, end) of
  /// each quarter. Where base is not nullptr, element i in front of them times base^i: factors[q] is that power for the
  /// first element of quarter q that is read. Twiddles are those of both levels as vectors. Results below 16 p.
  void (*ntt_first)(std::uint64_t* vectors, const std::uint64_t* values, std::size_t h, const std::uint64_t* outer,
                    const std::uint64_t* inner, const std::uint64_t* base, const std::uint64_t* factors,
                    std::size_t begin, std::size_t end);
  /// Twiddles to vectors, times 16.
  void (*ntt_constants)(std::uint64_t* vectors, const std::uint64_t* values, std::size_t count);
  /// Two more levels, on vectors [begin, end) of the first quarter of one block of 4 h vectors. Bounds: `wide` says
  /// that the values are below 16 p instead of 4 p; the results are below 16 p, or 4 p when `wide`.
  void (*ntt_pass)(std::uint64_t* block, std::size_t h, const std::uint64_t* outer, const std::uint64_t* inner,
                   std::size_t begin, std::size_t end, bool wide);
  /// All other levels, inside one block of `size` vectors below 4 p (16 p when `wide`): `twiddles` of level h, in
  /// vectors, begin at vector h. The results are below 64 p.
  void (*ntt_block)(std::uint64_t* block, std::size_t size, const std::uint64_t* twiddles, bool wide);
  /// The last levels, inside vectors, and back to the memory form in natural order; with `factor` (times 16) backwards
  /// and multiplied. Groups [begin, end) of width vectors, of 2^log_size elements. roots[h + j] is twiddle j of the
  /// level of h elements, h < width, times 16.
  void (*ntt_finish)(std::uint64_t* values, const std::uint64_t* vectors, unsigned log_size, const std::uint64_t* roots,
                     const std::uint64_t* factor, std::size_t begin, std::size_t end);
  /// values[i] *= factor·base^i.
  void (*scale_by_powers)(std::uint64_t* values, std::size_t count, const std::uint64_t* base,
                          const std::uint64_t* factor);
  /// target[i] += factor·source[i].
  void (*add_scaled)(std::uint64_t* target, const std::uint64_t* source, std::size_t count,
                     const std::uint64_t* factor);
  /// values[j] = sum over i of coefficients[i·width + j]·x^(i·width): x_step = x^width. count is a multiple of width.
  void (*evaluate_lanes)(std::uint64_t* values, const std::uint64_t* coefficients, std::size_t count,
                         const std::uint64_t* x_step);
  /// Runs a program over rows [begin, end), at most kRowBlock of them, a multiple of width.
  static constexpr std::size_t kRowBlock = 64;
  void (*run_rows)(const RowCode& code, std::size_t begin, std::size_t end, std::uint64_t* registers,
                   std::uint64_t* out);
};

/// nullptr where this build has no such kernels.
const Table* avx512_ifma();
const Table* emulated_ifma();

/// Inverts `count` elements of Fq that are not zero, each times 64: 16 for the factor of 2^260 that products in lanes
/// divide by, and 4.
void invert_times_64(std::uint64_t* elements, std::size_t count);

}  // namespace ll::algebra::kernels
