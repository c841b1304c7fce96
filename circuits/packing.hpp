#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "algebra/fr.hpp"
#include "base/u128.hpp"

namespace ll::circuits {

using algebra::Fr;

/// An integer of 128 bits, exactly.
Fr fr_from_u128(u128 value);

/// Entries of an embedding in one field element, and the distance between them: w_q = sum_{m<4} e_{4q+m} 2^(60 m).
inline constexpr std::size_t kEntriesPerWord = 4;
inline constexpr unsigned kEntrySpacing = 60;
/// Entries of an embedding or a delta are signed and |e| < 2^54 (model::EncoderShape keeps |e^| <= 2^53).
inline constexpr unsigned kEntryBits = 54;

/// Words of `entries`, whose number is a multiple of 4. Linear: the words of a sum are the sums of the words.
/// Throws Error{invalid_argument} for another length or an entry with |e| >= 2^59, which would run into its neighbour.
std::vector<Fr> pack_words(std::span<const std::int64_t> entries);

/// Words of a delta of one transfer, whose entries are smaller: w_q = sum_{m<5} e_{5q+m} 2^(50 m), |e| < 2^48 (a
/// delta's entries are below 2^47 by model::check), the last word filled up with zeros. |w| < 2^250 < r / 2 and entries
/// lie 50 bits apart, so different vectors of such entries have different words. Linear.
inline constexpr std::size_t kEntriesPerDeltaWord = 5;
inline constexpr unsigned kDeltaEntrySpacing = 50, kDeltaEntryBits = 48;
/// Throws Error{invalid_argument} for an entry with |e| >= 2^48.
std::vector<Fr> pack_delta_words(std::span<const std::int64_t> entries);

/// The entries that pack to exactly these words; nullopt when a word holds no four entries with |e| < 2^54. Unique:
/// w + sum_m 2^59 2^(60 m) has the digits e_m + 2^59 in base 2^60, and |w| < 2^236 < r / 2.
std::optional<std::vector<std::int64_t>> unpack_words(std::span<const Fr> words);

}  // namespace ll::circuits
