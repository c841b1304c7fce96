#include "model/exact_encoder.hpp"

#include <array>

#include "base/error.hpp"

namespace ll::model {

std::string to_string(const WideInteger& value) {
  const bool negative = value.high < 0;
  const u128 low = negative ? ~value.low + 1 : value.low;
  std::uint64_t high = static_cast<std::uint64_t>(value.high);
  if (negative) high = ~high + (low == 0 ? 1 : 0);
  std::array<std::uint64_t, 3> words = {high, static_cast<std::uint64_t>(low >> 64), static_cast<std::uint64_t>(low)};
  std::string digits;  // lowest first
  do {
    std::uint64_t remainder = 0;
    for (std::uint64_t& word : words) {  // divided by ten, highest word first
      const u128 part = u128{remainder} << 64 | word;
      word = static_cast<std::uint64_t>(part / 10);
      remainder = static_cast<std::uint64_t>(part % 10);
    }
    digits.push_back(static_cast<char>('0' + remainder));
  } while (words != std::array<std::uint64_t, 3>{});
  if (negative) digits.push_back('-');
  return {digits.rbegin(), digits.rend()};
}

ExactEncoder::ExactEncoder(QuantizedEncoder encoder) : encoder_(std::move(encoder)) {
  LL_CHECK(encoder_.shape().balance_bits == kLimbBits, "exact encoder: limbs of {} bits, {} expected",
           encoder_.shape().balance_bits, kLimbBits);
}

void ExactEncoder::check_pair(std::size_t sender_slot, std::size_t receiver_slot) const {
  const std::size_t n = encoder_.shape().accounts;
  LL_CHECK(sender_slot < n && receiver_slot < n && sender_slot != receiver_slot,
           "exact delta: slots {} -> {}, two different ones below {} expected", sender_slot, receiver_slot, n);
}

std::vector<std::int64_t> ExactEncoder::embed(std::span<const u128> balances) const {
  const EncoderShape& shape = encoder_.shape();
  LL_CHECK(balances.size() == shape.accounts, "exact embed: {} balances for {} slots", balances.size(), shape.accounts);
  std::vector<std::int64_t> e(vector_size(), 0);
  for (std::size_t limb = 0; limb < kLimbs; ++limb) {
    std::int64_t* const out = e.data() + limb * shape.dims;
    for (std::size_t i = 0; i < balances.size(); ++i) {
      const std::int64_t balance = limb_of(balances[i], limb);
      const std::int16_t* v = encoder_.vhat().data() + i * shape.dims;
      for (std::size_t k = 0; k < shape.dims; ++k) out[k] += balance * v[k];
    }
  }
  return e;
}

std::vector<std::int64_t> ExactEncoder::delta(std::size_t sender_slot, std::size_t receiver_slot, u128 amount,
                                              u128 sender_balance, u128 receiver_balance) const {
  check_pair(sender_slot, receiver_slot);
  LL_CHECK(amount <= sender_balance, "exact delta: amount {}, the sender holds {}", ll::to_string(amount),
           ll::to_string(sender_balance));
  LL_CHECK(amount <= kU128Max - receiver_balance, "exact delta: the receiver would hold 2^128 or more");
  const auto sender = encoder_.row(sender_slot), receiver = encoder_.row(receiver_slot);
  std::vector<std::int64_t> result(vector_size());
  for (std::size_t limb = 0; limb < kLimbs; ++limb) {
    std::int64_t* const out = result.data() + limb * sender.size();
    const std::int64_t paid = limb_of(sender_balance - amount, limb) - limb_of(sender_balance, limb);
    const std::int64_t got = limb_of(receiver_balance + amount, limb) - limb_of(receiver_balance, limb);
    for (std::size_t k = 0; k < sender.size(); ++k) out[k] = paid * sender[k] + got * receiver[k];
  }
  return result;
}

std::vector<WideInteger> ExactEncoder::recombine(std::span<const std::int64_t> embedding) const {
  const std::size_t d = encoder_.shape().dims;
  LL_CHECK(embedding.size() == vector_size(), "exact recombine: {} numbers, {} expected", embedding.size(),
           vector_size());
  std::vector<WideInteger> result(d);
  for (std::size_t k = 0; k < d; ++k) {
    std::int64_t carry = 0;
    for (std::size_t limb = 0; limb < kLimbs; ++limb) {
      const std::int64_t value = embedding[limb * d + k];
      LL_CHECK(value >> 62 == 0 || value >> 62 == -1, "exact recombine: entry {} is beyond 2^62", value);
      const std::int64_t sum = value + carry;
      result[k].low |= static_cast<u128>(sum & 0xffffffff) << (limb * kLimbBits);
      carry = sum >> kLimbBits;  // rounds down, also below zero
    }
    result[k].high = carry;
  }
  return result;
}

std::vector<WideInteger> ExactEncoder::combined_delta(std::size_t sender_slot, std::size_t receiver_slot,
                                                      u128 amount) const {
  check_pair(sender_slot, receiver_slot);
  const auto sender = encoder_.row(sender_slot), receiver = encoder_.row(receiver_slot);
  std::vector<std::int64_t> limbs;
  limbs.reserve(vector_size());
  for (std::size_t limb = 0; limb < kLimbs; ++limb)
    for (std::size_t k = 0; k < sender.size(); ++k) limbs.push_back(limb_of(amount, limb) * (receiver[k] - sender[k]));
  return recombine(limbs);
}

}  // namespace ll::model
