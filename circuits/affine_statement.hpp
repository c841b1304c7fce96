#pragma once
#include <span>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "base/u128.hpp"
#include "halo2/verifier.hpp"

namespace ll::circuits {

using algebra::Fr;

/// "There are private integers x_j of [0, 2^bits_j) with y = constants + sum_j x_j column_j", y public: what a model of
/// linear operators says. docs/circuits/onnx.md.
struct AffineStatement {
  struct Term {
    std::uint32_t entry;
    i128 factor;
  };
  struct Value {
    std::string name;         ///< for people: "balances[0, 17]"
    unsigned bits = 32;       ///< even, 2 to 64
    std::vector<Term> terms;  ///< its column: by entry, none twice
  };
  std::vector<i128> constants;  ///< [entries of y]
  std::vector<Value> values;
  Digest32 description{};  ///< of what the numbers mean; part of the verifying key

  /// Smallest b with |y_e| < 2^b for every entry and all values in range.
  unsigned entry_bits() const;
};
/// Throws Error{invalid_argument} for odd bits, an entry that is not there or comes twice, or integers of 2^120.
void check(const AffineStatement& statement);

/// y for these values, in range or not.
std::vector<i128> affine_entries(const AffineStatement& statement, std::span<const i128> values);

/// How many entries of |y| < 2^entry_bits share a field element: they stand entry_bits + 2 bits apart, 250 bits in all.
std::size_t entries_per_word(unsigned entry_bits);
/// The public words of y: w_q = sum_m y_{qE+m} 2^((entry_bits + 2) m). Throws Error{invalid_argument} for an entry with
/// |y| >= 2^entry_bits. Different vectors of such entries have different words: they lie two bits further apart than
/// their difference can reach, and |w| < 2^249 < r / 2.
std::vector<Fr> pack_entries(std::span<const i128> entries, unsigned entry_bits);

Fr fr_from(i128 value);

}  // namespace ll::circuits
