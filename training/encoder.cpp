#include "training/encoder.hpp"

#include <cmath>
#include <unordered_set>

#include "base/files.hpp"
#include "training/checkpoint.hpp"
#include "training/network.hpp"

namespace ll::training {
namespace {

/// V [accounts, dims] as a float64 tensor that shares the caller's memory.
torch::Tensor view(std::span<const double> v, std::size_t accounts, std::size_t dims) {
  LL_CHECK(v.size() == accounts * dims, "directions: {} numbers for {} x {}", v.size(), accounts, dims);
  return torch::from_blob(const_cast<double*>(v.data()), {std::int64_t(accounts), std::int64_t(dims)}, torch::kFloat64);
}

}  // namespace

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
  return at_torch_edge("encoder", [&] { return Encoder(Network::random(config, seed)); });
}

Encoder Encoder::load(const std::filesystem::path& path) {
  auto checkpoint = decode_checkpoint(read_file(path));
  if (!checkpoint) throw checkpoint.error().at(path.string());
  return Encoder(std::move(checkpoint.value().network));
}

void Encoder::save(const std::filesystem::path& path) const {
  write_file(path, at_torch_edge("encoder", [&] { return encode_checkpoint({.network = network_}); }));
}

const NetworkConfig& Encoder::config() const noexcept { return network_->config(); }

std::size_t Encoder::parameter_count() const {
  std::size_t count = 0;
  for (const auto& parameter : network_->parameters()) count += std::size_t(parameter.numel());
  return count;
}

std::vector<double> Encoder::directions(std::span<const std::uint32_t> ids) const {
  const NetworkConfig& c = config();
  LL_CHECK(!ids.empty() && ids.size() <= std::size_t(c.hidden), "encoder: {} accounts, 1 to {} expected", ids.size(),
           c.hidden);
  std::unordered_set<std::uint32_t> seen;
  for (const std::uint32_t id : ids) {
    LL_CHECK(seen.insert(id).second, "encoder: account id {} stands twice", id);
    LL_CHECK(c.id_bits == 32 || id >> c.id_bits == 0, "encoder: account id {} is not below 2^{}", id, c.id_bits);
  }
  return at_torch_edge("encoder", [&] {
    const TorchThreads one(1);
    torch::NoGradGuard no_grad;
    Network wide(c, nullptr);
    wide.to(torch::kFloat64);
    const auto source = network_->named_parameters();
    for (auto& item : wide.named_parameters()) item.value().copy_(source[item.key()]);
    const auto v = wide.forward(bits_of(ids, c.id_bits, torch::kFloat64)).contiguous();
    return std::vector<double>(v.data_ptr<double>(), v.data_ptr<double>() + v.numel());
  });
}

model::QuantizedEncoder Encoder::quantized(std::span<const std::uint32_t> ids, std::string weights_sha256) const {
  const model::EncoderShape shape{.accounts = ids.size(), .dims = std::size_t(config().dims)};
  return model::QuantizedEncoder::quantize(shape, {ids.begin(), ids.end()}, directions(ids), std::move(weights_sha256));
}

DirectionQuality measure_directions(std::string name, std::span<const double> v, std::size_t accounts,
                                    std::size_t dims) {
  return at_torch_edge("directions", [&] {
    const TorchThreads one(1);
    const auto directions = view(v, accounts, dims);
    const auto gram = torch::matmul(directions, directions.t());
    const auto singular = torch::linalg_svdvals(directions);
    const auto lengths = gram.diag().sqrt();
    const auto cosines =
        gram / (lengths.unsqueeze(0) * lengths.unsqueeze(1)) - torch::eye(gram.size(0), gram.options());
    DirectionQuality quality{.name = std::move(name)};
    quality.loss = (gram - torch::eye(gram.size(0), gram.options())).square().sum().item<double>() / double(accounts);
    quality.condition = singular[0].item<double>() / singular[singular.size(0) - 1].item<double>();
    quality.max_cosine = cosines.abs().max().item<double>();
    return quality;
  });
}

std::vector<double> gaussian_directions(std::size_t accounts, std::size_t dims, std::uint64_t seed) {
  return at_torch_edge("directions", [&] {
    SeededRng rng(seed);
    auto v = gaussian_tensor({std::int64_t(accounts), std::int64_t(dims)}, rng);
    v = (v / v.square().sum(1, true).sqrt()).contiguous();
    return std::vector<double>(v.data_ptr<double>(), v.data_ptr<double>() + v.numel());
  });
}

}  // namespace ll::training
