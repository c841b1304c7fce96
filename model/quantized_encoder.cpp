#include "model/quantized_encoder.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "model/balance_decoder.hpp"

namespace ll::model {
void check(const EncoderShape& shape) {
  LL_CHECK(shape.accounts >= 1 && shape.accounts <= 65536, "encoder shape: {} accounts, 1 to 65536 expected",
           shape.accounts);
  LL_CHECK(shape.dims >= 1 && shape.dims <= 65536, "encoder shape: {} dimensions, 1 to 65536 expected", shape.dims);
  LL_CHECK(shape.v_frac_bits >= 1 && shape.v_frac_bits <= 14, "encoder shape: v_frac_bits = {}, 1 to 14 expected",
           shape.v_frac_bits);
  LL_CHECK(shape.balance_bits >= 1 && shape.balance_bits <= 32, "encoder shape: balance_bits = {}, 1 to 32 expected",
           shape.balance_bits);
  LL_CHECK(shape.accounts <= (std::uint64_t{1} << (53 - shape.scale_bits())),
           "encoder shape: {} accounts with {} + {} bits exceed 2^53, the range of exact float64", shape.accounts,
           shape.balance_bits, shape.v_frac_bits);
}

QuantizedEncoder::QuantizedEncoder(EncoderShape shape, std::vector<std::uint32_t> ids, std::vector<std::int16_t> vhat,
                                   std::string weights_sha256)
    : shape_(shape), ids_(std::move(ids)), vhat_(std::move(vhat)), weights_sha256_(std::move(weights_sha256)) {
  check(shape_);
  LL_CHECK(ids_.size() == shape_.accounts, "encoder: {} account ids for {} slots", ids_.size(), shape_.accounts);
  LL_CHECK(vhat_.size() == shape_.accounts * shape_.dims, "encoder: V^ has {} entries, {} x {} expected", vhat_.size(),
           shape_.accounts, shape_.dims);
  std::unordered_set<std::uint32_t> seen;
  for (const std::uint32_t id : ids_) LL_CHECK(seen.insert(id).second, "encoder: account id {} has two slots", id);
  const int bound = 1 << shape_.v_frac_bits;
  for (std::size_t i = 0; i < vhat_.size(); ++i) {
    LL_CHECK(std::abs(int{vhat_[i]}) <= bound, "encoder: V^[{}][{}] = {}, |V^| <= {} expected", i / shape_.dims,
             i % shape_.dims, vhat_[i], bound);
  }
  const bool is_hex = weights_sha256_.find_first_not_of("0123456789abcdef") == std::string::npos;
  LL_CHECK(weights_sha256_.empty() || (weights_sha256_.size() == 64 && is_hex),
           "encoder: weights_sha256 is not 64 lower-case hex digits");
}

QuantizedEncoder QuantizedEncoder::quantize(EncoderShape shape, std::vector<std::uint32_t> ids,
                                            std::span<const double> v, std::string weights_sha256) {
  check(shape);
  LL_CHECK(v.size() == shape.accounts * shape.dims, "quantize: V has {} entries, {} x {} expected", v.size(),
           shape.accounts, shape.dims);
  double largest = 0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    LL_CHECK(std::isfinite(v[i]), "quantize: V[{}][{}] is not a finite number", i / shape.dims, i % shape.dims);
    largest = std::max(largest, std::abs(v[i]));
  }
  LL_CHECK(largest >= 1e-300, "quantize: V is zero");
  std::vector<std::int16_t> vhat(v.size());
  const double one = std::ldexp(1.0, static_cast<int>(shape.v_frac_bits));
  for (std::size_t i = 0; i < v.size(); ++i) vhat[i] = static_cast<std::int16_t>(std::round(v[i] * one / largest));
  return QuantizedEncoder(shape, std::move(ids), std::move(vhat), std::move(weights_sha256));
}

std::span<const std::int16_t> QuantizedEncoder::row(std::size_t slot) const {
  LL_CHECK(slot < shape_.accounts, "encoder: slot {} of {}", slot, shape_.accounts);
  return std::span(vhat_).subspan(slot * shape_.dims, shape_.dims);
}

std::optional<std::size_t> QuantizedEncoder::slot_of(std::uint32_t account_id) const noexcept {
  const auto found = std::find(ids_.begin(), ids_.end(), account_id);
  if (found == ids_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - ids_.begin());
}

std::vector<std::int64_t> QuantizedEncoder::embed(std::span<const std::uint64_t> balances) const {
  LL_CHECK(balances.size() == shape_.accounts, "embed: {} balances for {} slots", balances.size(), shape_.accounts);
  std::vector<std::int64_t> e(shape_.dims, 0);
  for (std::size_t i = 0; i < balances.size(); ++i) {
    LL_CHECK(balances[i] >> shape_.balance_bits == 0, "embed: balance {} of slot {} is not below 2^{}", balances[i], i,
             shape_.balance_bits);
    const auto balance = static_cast<std::int64_t>(balances[i]);
    const std::int16_t* v = vhat_.data() + i * shape_.dims;
    for (std::size_t k = 0; k < e.size(); ++k) e[k] += balance * v[k];
  }
  return e;
}

std::vector<std::int64_t> QuantizedEncoder::delta(std::size_t sender_slot, std::size_t receiver_slot,
                                                  std::uint64_t amount) const {
  std::vector<std::int64_t> result(shape_.dims, 0);
  add_delta(result, sender_slot, receiver_slot, amount);
  return result;
}

void QuantizedEncoder::add_delta(std::span<std::int64_t> embedding, std::size_t sender_slot, std::size_t receiver_slot,
                                 std::uint64_t amount) const {
  LL_CHECK(embedding.size() == shape_.dims, "delta: embedding of {} numbers, {} expected", embedding.size(),
           shape_.dims);
  LL_CHECK(sender_slot != receiver_slot, "delta: sender and receiver are both slot {}", sender_slot);
  LL_CHECK(amount >> shape_.balance_bits == 0, "delta: amount {} is not below 2^{}", amount, shape_.balance_bits);
  const auto sender = row(sender_slot), receiver = row(receiver_slot);
  const auto a = static_cast<std::int64_t>(amount);
  for (std::size_t k = 0; k < embedding.size(); ++k) embedding[k] += a * (receiver[k] - sender[k]);
}

std::optional<std::vector<std::uint64_t>> QuantizedEncoder::decode(std::span<const std::int64_t> embedding) const {
  LL_CHECK(embedding.size() == shape_.dims, "decode: embedding of {} numbers, {} expected", embedding.size(),
           shape_.dims);
  const auto decoder = BalanceDecoder::of(*this);
  return decoder ? decoder->decode(embedding) : std::nullopt;
}

Digest32 QuantizedEncoder::digest() const {
  Bytes bytes;
  for (const char c : std::string_view("LLVHAT01")) bytes.push_back(static_cast<std::uint8_t>(c));
  append_u32_le(bytes, static_cast<std::uint32_t>(shape_.accounts));
  append_u32_le(bytes, static_cast<std::uint32_t>(shape_.dims));
  append_u32_le(bytes, shape_.v_frac_bits);
  append_u32_le(bytes, shape_.balance_bits);
  for (const std::uint32_t id : ids_) append_u32_le(bytes, id);
  for (const std::int16_t v : vhat_) {
    const auto bits = static_cast<std::uint16_t>(v);
    bytes.push_back(static_cast<std::uint8_t>(bits & 0xff));
    bytes.push_back(static_cast<std::uint8_t>(bits >> 8));
  }
  return sha256(bytes);
}

}  // namespace ll::model
