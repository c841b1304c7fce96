#pragma once
#include "base/u128.hpp"
#include "model/quantized_encoder.hpp"

namespace ll::model {

/// A signed integer high · 2^128 + low: room for sum_l 2^(32 l) e^_l, which i128 does not have (its size may reach
/// 2^149). Each integer has one such form, so equal integers compare equal.
struct WideInteger {
  std::int64_t high = 0;
  u128 low = 0;
  friend bool operator==(const WideInteger&, const WideInteger&) = default;
};
/// Decimal, with a sign when it is negative.
std::string to_string(const WideInteger& value);

/// The encoder in exact wei: balances of 128 bits as four limbs of 32, an embedding e^ of its own for each limb.
///
///   e^_l = sum_i limb_l(b_i) V^_i,   b_i = sum_l 2^(32 l) limb_l(b_i)
///   delta^_l = (limb_l(b_s - a) - limb_l(b_s)) V^_s + (limb_l(b_r + a) - limb_l(b_r)) V^_r
///
/// Vectors are int64 [kLimbs · D], limb after limb, the lowest first, as in the statement `update` in exact wei
/// (docs/circuits/update.md). Every e^_l keeps the bound of QuantizedEncoder, |e^_l| < 2^53, and |delta^_l| < 2^(33 +
/// v_frac_bits). A limb's delta holds what was borrowed and carried, so it depends on the two balances before; put
/// together, the limbs do not:
///
///   sum_l 2^(32 l) delta^_l = a (V^_r - V^_s).
class ExactEncoder {
 public:
  static constexpr std::size_t kLimbs = 4;
  static constexpr unsigned kLimbBits = 32;

  /// Throws Error{invalid_argument} unless balance_bits is 32.
  explicit ExactEncoder(QuantizedEncoder encoder);

  const QuantizedEncoder& encoder() const noexcept { return encoder_; }
  std::size_t vector_size() const noexcept { return kLimbs * encoder_.shape().dims; }

  /// e^ [kLimbs · D] of the balances [N] in wei.
  std::vector<std::int64_t> embed(std::span<const u128> balances) const;
  /// delta^ [kLimbs · D] of a transfer, given the balances of sender and receiver before it. Throws
  /// Error{invalid_argument} for slots that are equal or >= N, an overdraft, or a receiver beyond 2^128 - 1.
  std::vector<std::int64_t> delta(std::size_t sender_slot, std::size_t receiver_slot, u128 amount, u128 sender_balance,
                                  u128 receiver_balance) const;
  /// sum_l 2^(32 l) e_l [D] of a vector [kLimbs · D] with entries below 2^62 in size.
  std::vector<WideInteger> recombine(std::span<const std::int64_t> embedding) const;
  /// a (V^_r - V^_s) [D]: what the limbs of a delta are together, whatever the balances.
  std::vector<WideInteger> combined_delta(std::size_t sender_slot, std::size_t receiver_slot, u128 amount) const;

 private:
  void check_pair(std::size_t sender_slot, std::size_t receiver_slot) const;
  QuantizedEncoder encoder_;
};

/// Limb l of a balance.
constexpr std::int64_t limb_of(u128 balance, std::size_t limb) noexcept {
  return static_cast<std::int64_t>(balance >> (limb * ExactEncoder::kLimbBits) & 0xffffffffu);
}

}  // namespace ll::model
