#pragma once
#include <cstdint>
#include <span>

#include "base/bytes.hpp"

namespace ll::ledger {

// Encodings of Parquet's data pages. Source: Apache Parquet, Encodings.md; the names are its own.

/// PLAIN: four bytes a value, little-endian.
void append_plain(Bytes& out, std::span<const std::uint32_t> values);

/// RLE / bit-packing hybrid, one run of `count` times the same value < 2^8, for 1 to 8 bits a value.
void append_rle_run(Bytes& out, std::uint64_t count, std::uint8_t value);
/// RLE / bit-packing hybrid, one bit-packed run; width 1 to 32, every value below 2^width. The last group of eight is
/// filled with zeros.
void append_packed_run(Bytes& out, std::span<const std::uint32_t> values, unsigned width);
void append_packed_run(Bytes& out, std::span<const std::uint8_t> values);  ///< of eight bits: the bytes themselves

/// DELTA_BINARY_PACKED of 32-bit values: blocks of 128 differences in four miniblocks.
void append_delta_packed(Bytes& out, std::span<const std::uint32_t> values);

}  // namespace ll::ledger
