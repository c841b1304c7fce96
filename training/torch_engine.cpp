#include "training/torch_engine.hpp"

#include <cmath>
#include <unordered_set>

#include "base/files.hpp"
#include "training/checkpoint.hpp"

namespace ll::training {
namespace {

/// V [accounts, dims] as a float64 tensor that shares the caller's memory.
torch::Tensor view(std::span<const double> v, std::size_t accounts, std::size_t dims) {
  LL_CHECK(v.size() == accounts * dims, "directions: {} numbers for {} x {}", v.size(), accounts, dims);
  return torch::from_blob(const_cast<double*>(v.data()), {std::int64_t(accounts), std::int64_t(dims)}, torch::kFloat64);
}

std::shared_ptr<Network> untrained(const NetworkConfig& config, std::uint64_t seed) {
  return at_torch_edge("encoder", [&] { return Network::random(config, seed); });
}

std::shared_ptr<Network> load(const std::filesystem::path& path) {
  auto checkpoint = decode_checkpoint(read_file(path));
  if (!checkpoint) throw checkpoint.error().at(path.string());
  return std::move(checkpoint.value().network);
}

void save(const std::shared_ptr<Network>& network, const std::filesystem::path& path) {
  write_file(path, at_torch_edge("encoder", [&] { return encode_checkpoint({.network = network}); }));
}

const NetworkConfig& config_of(const Network& network) { return network.config(); }

std::size_t parameter_count(const Network& network) {
  std::size_t count = 0;
  for (const auto& parameter : network.parameters()) count += std::size_t(parameter.numel());
  return count;
}

void check_ids(const NetworkConfig& c, std::span<const std::uint32_t> ids) {
  LL_CHECK(!ids.empty() && ids.size() <= std::size_t(c.hidden), "encoder: {} accounts, 1 to {} expected", ids.size(),
           c.hidden);
  std::unordered_set<std::uint32_t> seen;
  for (const std::uint32_t id : ids) {
    LL_CHECK(seen.insert(id).second, "encoder: account id {} stands twice", id);
    LL_CHECK(c.id_bits == 32 || id >> c.id_bits == 0, "encoder: account id {} is not below 2^{}", id, c.id_bits);
  }
}

std::vector<double> to_vector(const torch::Tensor& tensor) {
  const auto flat = tensor.to(torch::kFloat64).contiguous();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

std::vector<double> directions(const Network& network, std::span<const std::uint32_t> ids) {
  const NetworkConfig& c = network.config();
  check_ids(c, ids);
  return at_torch_edge("encoder", [&] {
    const TorchThreads one(1);
    torch::NoGradGuard no_grad;
    Network wide(c, nullptr);
    wide.to(torch::kFloat64);
    const auto source = network.named_parameters();
    for (auto& item : wide.named_parameters()) item.value().copy_(source[item.key()]);
    return to_vector(wide.forward(bits_of(ids, c.id_bits, torch::kFloat64)));
  });
}

std::vector<double> embed_states(const Network& network, std::span<const std::uint32_t> ids,
                                 std::span<const double> balances) {
  const NetworkConfig& c = network.config();
  check_ids(c, ids);
  LL_CHECK(balances.size() % ids.size() == 0, "encoder: {} balances for states of {} accounts", balances.size(),
           ids.size());
  return at_torch_edge("encoder", [&] {
    const TorchThreads one(1);
    torch::NoGradGuard no_grad;
    const auto states = view(balances, balances.size() / ids.size(), ids.size()).to(torch::kFloat32);
    return to_vector(network.embed(bits_of(ids, c.id_bits, torch::kFloat32), states.unsqueeze(0)));
  });
}

std::vector<double> deltas(const Network& network, std::span<const std::uint32_t> ids,
                           std::span<const SlotTransfer> transfers) {
  const NetworkConfig& c = network.config();
  check_ids(c, ids);
  return at_torch_edge("encoder", [&] {
    const TorchThreads one(1);
    torch::NoGradGuard no_grad;
    const auto count = std::int64_t(transfers.size());
    auto sender = torch::empty({1, count}, torch::kInt64), receiver = torch::empty({1, count}, torch::kInt64);
    auto amount = torch::empty({1, count, 1});
    for (std::int64_t i = 0; i < count; ++i) {
      const SlotTransfer& t = transfers[std::size_t(i)];
      LL_CHECK(t.sender_slot < ids.size() && t.receiver_slot < ids.size(), "encoder: transfer {}: slots {} -> {} of {}",
               i, t.sender_slot, t.receiver_slot, ids.size());
      sender.data_ptr<std::int64_t>()[i] = t.sender_slot;
      receiver.data_ptr<std::int64_t>()[i] = t.receiver_slot;
      amount.data_ptr<float>()[i] = float(std::ldexp(double(t.amount), -32));
    }
    return to_vector(network.deltas(bits_of(ids, c.id_bits, torch::kFloat32), sender, receiver, amount));
  });
}

}  // namespace

std::string describe() {
  const std::string config = at::show_config();
  const std::string key = "BLAS_INFO=";
  const std::size_t at = config.find(key);
  const std::string blas = at == std::string::npos
                               ? "unknown"
                               : config.substr(at + key.size(), config.find_first_of(",\n", at) - at - key.size());
  return fmt::format("{}, BLAS {}", TORCH_VERSION, blas);
}

const Engine& torch_engine() {
  static const Engine engine{.untrained = untrained,
                             .load = load,
                             .save = save,
                             .config = config_of,
                             .parameter_count = parameter_count,
                             .directions = directions,
                             .embed_states = embed_states,
                             .deltas = deltas,
                             .describe = describe,
                             .train = train_on_torch};
  return engine;
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
    const auto v = gaussian_tensor({std::int64_t(accounts), std::int64_t(dims)}, rng);
    return to_vector(v / v.square().sum(1, true).sqrt());
  });
}

}  // namespace ll::training
