#include "ledger/parquet_encodings.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "ledger/compact_thrift.hpp"

namespace ll::ledger {
namespace {

/// Makes `size` bytes of room at the end and gives the first of them.
std::uint8_t* grow(Bytes& out, std::size_t size) {
  out.resize(out.size() + size);
  return out.data() + out.size() - size;
}

/// Values of `width` bits, least significant first, into (values.size()·width + 7) / 8 bytes; values.size() is a
/// multiple of eight.
void pack(std::span<const std::uint32_t> values, unsigned width, std::uint8_t* to) {
  std::uint64_t bits = 0;
  unsigned held = 0;  // < 32 before each value, so that bits fits
  for (const std::uint32_t value : values) {
    bits |= std::uint64_t{value} << held;
    held += width;
    if (held < 32) continue;
    for (int i = 0; i < 4; ++i) *to++ = static_cast<std::uint8_t>(bits >> 8 * i);
    bits >>= 32;
    held -= 32;
  }
  for (; held > 0; held -= std::min(held, 8u)) {
    *to++ = static_cast<std::uint8_t>(bits);
    bits >>= 8;
  }
}

constexpr std::size_t kBlock = 128, kMiniblocks = 4, kMiniblock = kBlock / kMiniblocks;

}  // namespace

void append_plain(Bytes& out, std::span<const std::uint32_t> values) {
  std::uint8_t* to = grow(out, values.size_bytes());
  if constexpr (std::endian::native == std::endian::little) {
    if (!values.empty()) std::memcpy(to, values.data(), values.size_bytes());
  } else {
    for (const std::uint32_t value : values) {
      for (int i = 0; i < 4; ++i) *to++ = static_cast<std::uint8_t>(value >> 8 * i);
    }
  }
}

void append_rle_run(Bytes& out, std::uint64_t count, std::uint8_t value) {
  append_varint(out, count << 1);
  out.push_back(value);
}

void append_packed_run(Bytes& out, std::span<const std::uint32_t> values, unsigned width) {
  const std::size_t groups = (values.size() + 7) / 8, whole = values.size() / 8 * 8;
  append_varint(out, groups << 1 | 1);
  std::uint8_t* const to = grow(out, groups * width);
  pack(values.first(whole), width, to);
  if (whole == values.size()) return;
  std::array<std::uint32_t, 8> last{};
  std::ranges::copy(values.subspan(whole), last.begin());
  pack(last, width, to + whole / 8 * width);
}

void append_packed_run(Bytes& out, std::span<const std::uint8_t> values) {
  const std::size_t groups = (values.size() + 7) / 8;
  append_varint(out, groups << 1 | 1);
  std::ranges::copy(values, grow(out, 8 * groups));
}

void append_delta_packed(Bytes& out, std::span<const std::uint32_t> values) {
  append_varint(out, kBlock);
  append_varint(out, kMiniblocks);
  append_varint(out, values.size());
  append_varint(out, zigzag(values.empty() ? 0 : static_cast<std::int32_t>(values.front())));
  std::array<std::uint32_t, kBlock> steps;
  for (std::size_t at = 1; at < values.size(); at += kBlock) {
    const std::size_t count = std::min(kBlock, values.size() - at);
    std::int32_t least = INT32_MAX;
    for (std::size_t i = 0; i < count; ++i) {
      steps[i] = values[at + i] - values[at + i - 1];  // modulo 2^32, as the reader adds
      least = std::min(least, static_cast<std::int32_t>(steps[i]));
    }
    for (std::size_t i = 0; i < count; ++i) steps[i] -= static_cast<std::uint32_t>(least);
    std::fill(steps.begin() + static_cast<std::ptrdiff_t>(count), steps.end(), 0);
    append_varint(out, zigzag(least));
    const std::size_t widths = out.size();
    grow(out, kMiniblocks);
    for (std::size_t m = 0; m * kMiniblock < count; ++m) {
      const auto part = std::span(steps).subspan(m * kMiniblock, kMiniblock);
      std::uint32_t any = 0;
      for (const std::uint32_t step : part) any |= step;
      const auto width = static_cast<unsigned>(std::bit_width(any));
      out[widths + m] = static_cast<std::uint8_t>(width);
      if (width > 0) pack(part, width, grow(out, kMiniblock / 8 * width));
    }
  }
}

}  // namespace ll::ledger
