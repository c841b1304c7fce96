#pragma once
#include <array>

#include "base/progress.hpp"
#include "base/random.hpp"
#include "ceremony/point_codec.hpp"

namespace ll::ceremony {

inline constexpr unsigned kMaxPower = 28;

/// Which powers a ceremony makes.
enum class PowersKind : std::uint32_t {
  kzg = 1,            ///< 2^k powers in G1 and [tau]_2: all that halo2 needs
  powers_of_tau = 2,  ///< what `.ptau` and PPoT files hold: twice the powers in G1, all in G2, and those of alpha, beta
};
const char* to_string(PowersKind kind) noexcept;  ///< "kzg", "powers-of-tau"

/// Numbers of points of the five lists, in file order.
struct PowersShape {
  PowersKind kind = PowersKind::kzg;
  unsigned power = 0;

  std::size_t tau_g1() const { return kind == PowersKind::kzg ? n() : 2 * n() - 1; }
  std::size_t tau_g2() const { return kind == PowersKind::kzg ? 2 : n(); }
  std::size_t alpha_g1() const { return kind == PowersKind::kzg ? 0 : n(); }
  std::size_t beta_g1() const { return alpha_g1(); }
  std::size_t beta_g2() const { return kind == PowersKind::kzg ? 0 : 1; }
  std::size_t n() const { return std::size_t{1} << power; }
  std::size_t bytes(PointForm form) const {
    return (tau_g1() + alpha_g1() + beta_g1()) * point_bytes<G1Affine>(form) +
           (tau_g2() + beta_g2()) * point_bytes<G2Affine>(form);
  }
};

/// The lists of points as they lie in a file: [tau^i]_1, [tau^i]_2, [alpha tau^i]_1, [beta tau^i]_1, [beta]_2.
struct PowersView {
  PowersShape shape;
  PointForm form = PointForm::raw;
  ByteSpan tau_g1, tau_g2, alpha_g1, beta_g1, beta_g2;
  /// Offsets of the five in their file, for messages.
  std::array<std::size_t, 5> offsets{};

  /// Lists that follow each other in `bytes`, which must have shape.bytes(form) of them.
  static PowersView contiguous(const PowersShape& shape, PointForm form, ByteSpan bytes, std::size_t file_offset);
};

/// The points that say where a ceremony stands.
struct PowersHead {
  G1Affine tau_g1, alpha_g1, beta_g1;  ///< [tau]_1, [alpha]_1, [beta]_1
  G2Affine tau_g2, beta_g2;            ///< [tau]_2, [beta]_2
  static PowersHead generators();
  friend bool operator==(const PowersHead&, const PowersHead&) = default;
};

/// Reads the head alone; nothing is said about the other points. Of a kzg setup alpha and beta are generators.
Result<PowersHead> read_head(const PowersView& view);

/// Checks every point and that they are what they say: on their curves, of order r, not infinity, P_0 and Q_0 the
/// generators, and by pairings over random combinations that every list is a geometric progression by the same tau:
///   e(sum r_j P_(j+1), [1]_2) = e(sum r_j P_j, [tau]_2),  e([tau]_1, sum r_j Q_j) = e([1]_1, sum r_j Q_(j+1)).
/// Soundness error 2^-128 a list. Constant memory: lists are read chunk by chunk.
Result<PowersHead> check_powers(const PowersView& view, Rng& rng, Progress* progress = nullptr);

/// Points that one chunk holds.
inline constexpr std::size_t kChunk = std::size_t{1} << 14;

}  // namespace ll::ceremony
