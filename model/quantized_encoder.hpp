#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/hash.hpp"

namespace ll::model {

/// Sizes and fixed-point widths of an encoder; parameters of the model, never literals elsewhere.
struct EncoderShape {
  std::size_t accounts = 128;  ///< N, slots of the ledger
  std::size_t dims = 512;      ///< D, numbers in an embedding
  unsigned v_frac_bits = 14;   ///< |V^| <= 2^v_frac_bits, so V^ fits in int16 up to 14
  unsigned balance_bits = 32;  ///< balances and amounts are < 2^balance_bits

  /// Embedding units: a real embedding is e^ / 2^scale_bits().
  unsigned scale_bits() const noexcept { return v_frac_bits + balance_bits; }
  friend bool operator==(const EncoderShape&, const EncoderShape&) = default;
};

/// Throws Error{invalid_argument} unless 1 <= N <= 2^16, 1 <= D <= 2^16, v_frac_bits in 1..14, balance_bits in 1..32
/// and N·2^(balance_bits + v_frac_bits) <= 2^53: the bound under which every float64 evaluation is exact.
void check(const EncoderShape& shape);

/// The encoder of one account set in integers: e^ = sum_i b_i V^_i, delta^(s, r, a) = a (V^_r - V^_s).
///
/// V^       int16 [N, D], row-major, row i belongs to slot i, |V^_ik| <= 2^v_frac_bits
/// e^       int64 [D], scale_bits() fractional bits; |e^_k| < N·2^(balance_bits + v_frac_bits) <= 2^53, so int64 never
///          overflows and float64 (numpy, ONNX Runtime, libtorch) computes the same numbers in any order.
/// |delta^_k| < 2^(balance_bits + v_frac_bits + 1).
/// Source: docs/formats/encoder-files.md (file), ../shared/design/architecture.md section 2 (why this form).
class QuantizedEncoder {
 public:
  /// Takes integers as they are. `ids` [N] in slot order, all different; `vhat` [N, D]. `weights_sha256` is the lower-
  /// case hex SHA-256 of the encoder file that V came from, or empty.
  /// Throws Error{invalid_argument} when sizes, ids, a |V^_ik| or the digest break what is said above.
  QuantizedEncoder(EncoderShape shape, std::vector<std::uint32_t> ids, std::vector<std::int16_t> vhat,
                   std::string weights_sha256 = {});

  /// V^ = round(2^v_frac_bits · V / max|V|), halves away from zero; each entry is one exact product, one correctly
  /// rounded float64 division and one rounding, so the same V gives the same V^ on every machine.
  /// v [N, D] row-major, finite, not all zero; else Error{invalid_argument}.
  static QuantizedEncoder quantize(EncoderShape shape, std::vector<std::uint32_t> ids, std::span<const double> v,
                                   std::string weights_sha256 = {});

  const EncoderShape& shape() const noexcept { return shape_; }
  std::span<const std::uint32_t> account_ids() const noexcept { return ids_; }
  std::span<const std::int16_t> vhat() const noexcept { return vhat_; }
  /// V^ of one slot [D]. Throws Error{invalid_argument} when slot >= N.
  std::span<const std::int16_t> row(std::size_t slot) const;
  std::optional<std::size_t> slot_of(std::uint32_t account_id) const noexcept;
  const std::string& weights_sha256() const noexcept { return weights_sha256_; }

  /// e^ [D] of the balances [N], each < 2^balance_bits; else Error{invalid_argument}.
  std::vector<std::int64_t> embed(std::span<const std::uint64_t> balances) const;
  /// delta^ [D] of one transfer: slots < N, sender != receiver, amount < 2^balance_bits; else Error{invalid_argument}.
  std::vector<std::int64_t> delta(std::size_t sender_slot, std::size_t receiver_slot, std::uint64_t amount) const;
  /// Adds the same delta to `embedding` [D] in place: how a ledger moves on.
  void add_delta(std::span<std::int64_t> embedding, std::size_t sender_slot, std::size_t receiver_slot,
                 std::uint64_t amount) const;

  /// The balances [N] that embed to exactly this e^ [D]: least squares in float64, rounded, and checked by embedding
  /// them again. nullopt when V^ has not full row rank, when no such balances exist or when rounding missed them.
  std::optional<std::vector<std::uint64_t>> decode(std::span<const std::int64_t> embedding) const;

  /// SHA-256 of shape, ids and V^ (docs/formats/encoder-files.md): what a key or a proof binds itself to.
  Digest32 digest() const;

  friend bool operator==(const QuantizedEncoder&, const QuantizedEncoder&) = default;

 private:
  EncoderShape shape_;
  std::vector<std::uint32_t> ids_;
  std::vector<std::int16_t> vhat_;
  std::string weights_sha256_;
};

}  // namespace ll::model
