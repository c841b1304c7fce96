#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "algebra/g1.hpp"
#include "algebra/g2.hpp"

namespace ll::algebra {

/// Where the two flags of a compressed point lie in its last byte; both forms are in use, see docs/bn254.md.
enum class PointFlags {
  old_flags,  ///< y odd: 0x40, identity: 0x80
  new_flags,  ///< y odd: 0x80, identity: 0x40
};

/// x little-endian (G2: x.c0, then x.c1), flags in the top two bits of the last byte. The identity is zeros and its
/// flag. "y odd" means the lowest bit of y (G2: of y.c0).
std::array<std::uint8_t, 32> compress(const G1Affine& point, PointFlags flags);
std::array<std::uint8_t, 64> compress(const G2Affine& point, PointFlags flags);

/// Strict inverse of compress: nullopt for every byte string that compress would not write (x >= q, x of no point,
/// identity flag with anything else set). For G2 also for points outside the subgroup of order r.
std::optional<G1Affine> decompress_g1(std::span<const std::uint8_t, 32> bytes, PointFlags flags);
std::optional<G2Affine> decompress_g2(std::span<const std::uint8_t, 64> bytes, PointFlags flags);
inline std::optional<G1Affine> decompress(std::span<const std::uint8_t, 32> bytes, PointFlags flags) {
  return decompress_g1(bytes, flags);
}

/// Montgomery limbs of x, then y (G2: x.c0, x.c1, y.c0, y.c1), each little-endian: halo2's RawBytes. The identity is
/// all zeros.
std::array<std::uint8_t, 64> to_raw_bytes(const G1Affine& point);
std::array<std::uint8_t, 128> to_raw_bytes(const G2Affine& point);

/// nullopt when a limb string is >= q or the point is not on the curve (G2: or not in the subgroup of order r).
std::optional<G1Affine> g1_from_raw_bytes(std::span<const std::uint8_t, 64> bytes);
std::optional<G2Affine> g2_from_raw_bytes(std::span<const std::uint8_t, 128> bytes);

}  // namespace ll::algebra
