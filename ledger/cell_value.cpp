#include "ledger/cell_value.hpp"

#include <algorithm>
#include <charconv>

namespace ll::ledger {
namespace {

using Problem = CellValue::Problem;

constexpr int kExactDigits = 15;                // of a decimal that survives float64
constexpr int kMostDigits = 17;                 // that a float64 needs: no printer of floats gives more
constexpr u128 kExactIntegers = u128{1} << 53;  // every integer up to here is a float64
constexpr std::size_t kMaxDigits = 400;         // no float64 prints more before its point
constexpr int kMaxExponent = 400;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

CellValue parse_hex(std::string_view digits) {
  if (digits.empty()) return {.problem = Problem::not_a_number};
  CellValue result;
  for (const char c : digits) {
    const int digit = is_digit(c)            ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return {.problem = Problem::not_a_number};
    if (result.value >> 124 != 0) result.problem = Problem::too_large;
    result.value = result.value << 4 | static_cast<unsigned>(digit);
  }
  if (result.problem != Problem::none) result.value = 0;
  return result;
}

/// 12.5e3 taken apart: value = digits · 10^exponent, digits without leading or trailing zeros.
struct Decimal {
  std::string digits;
  int exponent = 0;
  bool has_point = false, has_exponent = false;
};

/// False when the text is no decimal number (a sign is not read here).
bool split(std::string_view text, bool thousands, Decimal& out) {
  std::size_t i = 0;
  bool any = false;
  const std::size_t point = std::min(text.find_first_of(".eE"), text.size());
  for (; i < text.size() && text[i] != '.' && text[i] != 'e' && text[i] != 'E'; ++i) {
    if (thousands && text[i] == ',') {  // only in front of exactly three digits, or of three and another comma
      if (i == 0 || (point - i) % 4 != 0) return false;
      continue;
    }
    if (!is_digit(text[i])) return false;
    out.digits += text[i];
    any = true;
  }
  if (i < text.size() && text[i] == '.') {
    out.has_point = true;
    for (++i; i < text.size() && is_digit(text[i]); ++i) {
      out.digits += text[i];
      --out.exponent;
      any = true;
    }
  }
  if (!any || out.digits.size() > kMaxDigits) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    out.has_exponent = true;
    ++i;
    if (i < text.size() && text[i] == '+') ++i;
    int exponent = 0;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + text.size(), exponent);
    if (error != std::errc() || end != text.data() + text.size() || exponent < -kMaxExponent ||
        exponent > kMaxExponent) {
      return false;
    }
    out.exponent += exponent;
    i = text.size();
  }
  if (i != text.size()) return false;
  while (!out.digits.empty() && out.digits.back() == '0') {
    out.digits.pop_back();
    ++out.exponent;
  }
  out.digits.erase(0, std::min(out.digits.find_first_not_of('0'), out.digits.size()));
  return true;
}

}  // namespace

CellValue parse_amount(std::string_view text, unsigned decimals, FloatPolicy floats, bool hex, bool thousands) {
  if (hex && (text.starts_with("0x") || text.starts_with("0X"))) return parse_hex(text.substr(2));
  const bool negative = text.starts_with('-');
  Decimal decimal;
  if (!split(negative ? text.substr(1) : text, thousands, decimal)) return {.problem = Problem::not_a_number};
  if (negative) return {.problem = Problem::negative};
  const auto digits = static_cast<int>(decimal.digits.size());
  const bool from_float = decimals == 0 ? decimal.has_exponent || decimal.has_point
                                        : decimal.has_exponent && digits > kExactDigits && digits <= kMostDigits;
  if (from_float && floats == FloatPolicy::refuse) return {.problem = Problem::floating_point};
  if (decimal.digits.empty()) return {};
  const int shift = decimal.exponent + static_cast<int>(decimals);
  if (shift < 0) return {.problem = Problem::fraction};
  if (shift > 38) return {.problem = Problem::too_large};
  const auto value = parse_u128(decimal.digits + std::string(static_cast<std::size_t>(shift), '0'));
  if (!value) return {.problem = Problem::too_large};
  const bool survives = digits <= kExactDigits || (decimals == 0 && *value <= kExactIntegers);
  if (from_float && !survives) return {.problem = Problem::inexact};
  return {.value = *value};
}

std::string expectation(const CellValue& value, std::string_view what) {
  switch (value.problem) {
    case Problem::negative:
      return fmt::format("{}, not negative", what);
    case Problem::floating_point:
      return fmt::format("{}, not a floating-point number", what);
    case Problem::inexact:
      return fmt::format("{}, not a floating-point number of more digits than float64 keeps", what);
    case Problem::fraction:
      return fmt::format("{}, a whole number of the smallest unit", what);
    case Problem::too_large:
      return fmt::format("{} below 2^128", what);
    case Problem::none:
    case Problem::not_a_number:
      break;
  }
  return std::string(what);
}

}  // namespace ll::ledger
