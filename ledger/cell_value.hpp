#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"
#include "base/u128.hpp"

namespace ll::ledger {

/// What to do with a number whose text is that of a floating-point printer (8.1e+16, 149523943947000.0).
enum class FloatPolicy {
  refuse,      ///< an error with its place: the number may have been rounded
  exact,       ///< taken when float64 cannot have changed it (below), else an error
  exact_only,  ///< taken when float64 cannot have changed it, else the row is dropped and counted
};

/// A number in base units, or why the text is none.
struct CellValue {
  enum class Problem {
    none,
    not_a_number,
    negative,
    floating_point,  ///< text of a float where the policy refuses it
    inexact,         ///< went through float64 and has more digits than it keeps
    fraction,        ///< not a whole number of base units
    too_large,       ///< above 2^128 - 1
  };
  u128 value = 0;
  Problem problem = Problem::none;
};

/// Reads an amount exactly, in base units of 10^-decimals.
///
///   123, 1,234.50   decimal digits, with a point when decimals > 0; commas between groups of three digits are skipped
///                   when `thousands`
///   8.1e+16, 123.0  a float's text: `floats` decides. That is, where decimals = 0, an exponent or a point; elsewhere,
///                   where decimal printers write exponents too, one with 16 or 17 digits that count. float64 keeps
///                   every integer up to 2^53 and every decimal of up to 15 digits (IEEE 754-2019, 5.12.2), so such a
///                   number is what it was before; any other may have been rounded.
///   0x1f            hex when `hex`
CellValue parse_amount(std::string_view text, unsigned decimals, FloatPolicy floats, bool hex, bool thousands);

/// In words, as the end of "expected ...": "wei as a decimal integer, not negative".
std::string expectation(const CellValue& value, std::string_view what);

}  // namespace ll::ledger
