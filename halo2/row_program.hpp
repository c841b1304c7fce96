#pragma once
#include <map>
#include <span>
#include <tuple>
#include <vector>

#include "algebra/fr.hpp"
#include "algebra/kernels.hpp"

namespace ll::halo2 {

using algebra::Fr;

/// Arithmetic over whole columns, written once and run over blocks of rows: the prover's compiled form of expressions.
/// Equal subexpressions are computed once; operations on constants are folded.
class RowProgram {
 public:
  /// A column-valued intermediate, or a constant.
  struct Value {
    bool is_scalar = true;
    Fr scalar_value;
    std::uint32_t node = 0;
  };

  Value scalar(const Fr& value) { return {true, value, 0}; }
  /// Column `source` read `rotation` rows further down (cyclically).
  Value load(std::uint32_t source, int rotation);
  Value add(const Value& a, const Value& b);
  Value sub(const Value& a, const Value& b);
  Value mul(const Value& a, const Value& b);
  Value neg(const Value& a);

  /// Which sources the program reads.
  std::vector<bool> used_sources(std::size_t count) const;
  /// Operations that run() carries out for each row: loads that need no work are not counted.
  struct RowCost {
    std::size_t products = 0, sums = 0;
  };
  RowCost row_cost(const Value& result) const;
  /// Sets out[row] to factor times `result` for all rows of the sources, which have one length (a power of two);
  /// threaded.
  void run(std::span<const std::span<const Fr>> sources, const Value& result, std::span<Fr> out,
           const Fr& factor = Fr::one()) const;

 private:
  enum class Op : std::uint8_t { load, add, sub, mul, neg, add_scalar, mul_scalar };
  struct Node {
    Op op;
    std::uint32_t a = 0, b = 0;  ///< operand nodes; source of a load
    int rotation = 0;
    Fr scalar;
  };
  static bool is_binary(Op op);
  Value emit(const Node& node);
  /// For each of the first `length` nodes the last one that reads it; the last of them is never free.
  std::vector<std::uint32_t> last_uses(std::size_t length) const;
  void run_in_lanes(const algebra::kernels::Table& lanes, std::span<const std::span<const Fr>> sources,
                    const Value& result, std::span<Fr> out, const Fr& factor) const;

  std::vector<Node> nodes_;
  std::map<std::tuple<Op, std::uint32_t, std::uint32_t, int, std::array<std::uint8_t, 32>>, std::uint32_t> known_;
};

}  // namespace ll::halo2
