#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/u128.hpp"

namespace ll::model {

/// Denominator of a fixed-point tensor: real = integer / (2^shift · odd). Integer tensors have {0, 1}.
struct Scale {
  unsigned shift = 0;
  std::uint64_t odd = 1;
  bool is_one() const noexcept { return shift == 0 && odd == 1; }
  double denominator() const;
  std::string to_string() const;  ///< "1", "2^14", "2^14 * 3"
  friend bool operator==(const Scale&, const Scale&) = default;
};
/// Of a product. Throws Error{malformed} beyond 2^512 or an odd part of 63 bits.
Scale operator*(const Scale& a, const Scale& b);
/// The smallest scale that both reach with integer factors.
Scale common_scale(const Scale& a, const Scale& b);
/// integer(to) = factor · integer(from). Throws Error{malformed} beyond kMostInteger.
i128 factor_between(const Scale& from, const Scale& to);

/// No integer of a model may reach 2^120: sums and products of bounds stay in i128, and everything is far below r / 2.
inline constexpr i128 kMostInteger = i128{1} << 120;
/// a · b and a + b. Throw Error{malformed} when the result reaches kMostInteger in size.
i128 checked_product(i128 a, i128 b);
i128 checked_sum(i128 a, i128 b);
std::string to_string(i128 value);

/// All values that an element can have.
struct Interval {
  i128 low = 0, high = 0;
  i128 magnitude() const noexcept { return low < 0 && -low > high ? -low : high < 0 ? -low : high; }
};

/// What a linear node computes, element by element of its output: a sum of constant times input element, and a
/// constant. One description serves every use: integers are evaluated, intervals are bounded, forms over the model's
/// inputs are composed (integer_program.hpp), and the real numbers that the model meant are evaluated beside them.
struct LinearMap {
  struct Term {
    i128 factor;           ///< of the integers
    double real;           ///< of the real numbers, before rounding to fixed point
    std::uint32_t source;  ///< element, the node's inputs that are not constant laid end to end
  };
  std::vector<std::size_t> ends;  ///< [outputs] one past the last term of each
  std::vector<Term> terms;
  std::vector<i128> constants;         ///< [outputs], or empty: all zero
  std::vector<double> real_constants;  ///< the same for the real numbers

  std::size_t outputs() const noexcept { return ends.size(); }
  std::span<const Term> row(std::size_t output) const {
    const std::size_t first = output == 0 ? 0 : ends[output - 1];
    return {terms.data() + first, ends[output] - first};
  }
  /// Ends the row of one output. Throws Error{memory} above kMostTerms.
  void end_row();

  std::vector<i128> evaluate(std::span<const i128> sources) const;
  std::vector<double> evaluate_real(std::span<const double> sources) const;
  std::vector<Interval> bound(std::span<const Interval> sources) const;
};

/// Multiply-adds of one node, and terms of all outputs' forms together.
inline constexpr std::size_t kMostTerms = std::size_t{1} << 24;

}  // namespace ll::model
