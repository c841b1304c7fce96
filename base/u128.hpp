#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ll {

__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 i128;

inline constexpr u128 kU128Max = ~u128{0};

/// Decimal without sign or separators.
std::string to_string(u128 value);
/// Decimal digits only (no sign, space, point or exponent; leading zeros allowed); nullopt when it is not that or
/// exceeds 2^128 - 1.
std::optional<u128> parse_u128(std::string_view text);

}  // namespace ll
