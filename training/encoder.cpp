#include "training/encoder.hpp"

#include <cmath>

#include "base/error.hpp"
#include "training/engine.hpp"

namespace ll::training {

const char* to_string(Architecture architecture) noexcept {
  switch (architecture) {
    case Architecture::orthogonalising:
      return "orthogonalising";
    case Architecture::softmax:
      return "softmax";
    case Architecture::baseline:
      return "baseline";
  }
  return "unknown";
}

void check(const NetworkConfig& c) {
  LL_CHECK(c.layers >= 1 && c.layers <= 64, "network: layers = {}, 1 to 64 expected", c.layers);
  LL_CHECK(c.hidden >= 2 && c.hidden <= 4096, "network: hidden = {}, 2 to 4096 expected", c.hidden);
  LL_CHECK(c.heads >= 1 && c.hidden % c.heads == 0, "network: heads = {} must divide hidden = {}", c.heads, c.hidden);
  LL_CHECK(c.rotary_heads >= 0 && c.rotary_heads <= c.heads, "network: rotary_heads = {}, 0 to {} expected",
           c.rotary_heads, c.heads);
  LL_CHECK(c.rotary_heads == 0 || c.hidden / c.heads % 2 == 0, "network: a rotary head must be even, not {} wide",
           c.hidden / c.heads);
  LL_CHECK(c.feed_forward >= 1 && c.feed_forward <= 16384, "network: feed_forward = {}, 1 to 16384 expected",
           c.feed_forward);
  LL_CHECK(c.dims >= c.hidden && c.dims <= 65536, "network: dims = {}, {} to 65536 expected", c.dims, c.hidden);
  LL_CHECK(c.id_bits >= 1 && c.id_bits <= 32, "network: id_bits = {}, 1 to 32 expected", c.id_bits);
  LL_CHECK(std::isfinite(c.start_a) && std::isfinite(c.start_g), "network: start gains must be finite");
}

Encoder::Encoder(std::shared_ptr<Network> network) : network_(std::move(network)) {}
Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;
Encoder::~Encoder() = default;

Encoder Encoder::untrained(const NetworkConfig& config, std::uint64_t seed) {
  return Encoder(engine().untrained(config, seed));
}

Encoder Encoder::load(const std::filesystem::path& path) { return Encoder(engine().load(path)); }

void Encoder::save(const std::filesystem::path& path) const { engine().save(network_, path); }

const NetworkConfig& Encoder::config() const noexcept { return engine().config(*network_); }

std::size_t Encoder::parameter_count() const { return engine().parameter_count(*network_); }

std::vector<double> Encoder::directions(std::span<const std::uint32_t> ids) const {
  return engine().directions(*network_, ids);
}

model::QuantizedEncoder Encoder::quantized(std::span<const std::uint32_t> ids, std::string weights_sha256) const {
  const model::EncoderShape shape{.accounts = ids.size(), .dims = std::size_t(config().dims)};
  return model::QuantizedEncoder::quantize(shape, {ids.begin(), ids.end()}, directions(ids), std::move(weights_sha256));
}

std::vector<double> Encoder::embed_states(std::span<const std::uint32_t> ids, std::span<const double> balances) const {
  return engine().embed_states(*network_, ids, balances);
}

std::vector<double> Encoder::deltas(std::span<const std::uint32_t> ids, std::span<const SlotTransfer> transfers) const {
  return engine().deltas(*network_, ids, transfers);
}

}  // namespace ll::training
