#include "training/checkpoint.hpp"

#include <nlohmann/json.hpp>

#include "base/files.hpp"

namespace ll::training {
namespace {

using model::Safetensors;
using nlohmann::json;

constexpr const char* kFormat = "latentledger-encoder";
constexpr int kVersion = 2;

json config_json(const NetworkConfig& c) {
  return {{"architecture", to_string(c.architecture)},
          {"layers", c.layers},
          {"heads", c.heads},
          {"hidden", c.hidden},
          {"dims", c.dims},
          {"id_bits", c.id_bits},
          {"feed_forward", c.feed_forward},
          {"start_a", c.start_a},
          {"start_g", c.start_g},
          {"rotary_heads", c.rotary_heads}};
}

Result<NetworkConfig> read_config(const std::string& text) {
  const json parsed = json::parse(text, nullptr, false);
  if (!parsed.is_object()) return malformed("encoder: __metadata__.config: JSON object expected");
  NetworkConfig config;
  const std::pair<const char*, int*> integers[] = {{"layers", &config.layers},
                                                   {"heads", &config.heads},
                                                   {"hidden", &config.hidden},
                                                   {"dims", &config.dims},
                                                   {"id_bits", &config.id_bits},
                                                   {"feed_forward", &config.feed_forward},
                                                   {"rotary_heads", &config.rotary_heads}};
  for (const auto& [key, value] : integers) {
    const auto found = parsed.find(key);
    if (found == parsed.end() || !found->is_number_unsigned() || found->get<std::uint64_t>() > 1'000'000)
      return malformed("encoder: __metadata__.config.{}: integer up to 1000000 expected", key);
    *value = found->get<int>();
  }
  for (const auto& [key, value] : {std::pair{"start_a", &config.start_a}, std::pair{"start_g", &config.start_g}}) {
    const auto found = parsed.find(key);
    if (found == parsed.end() || !found->is_number())
      return malformed("encoder: __metadata__.config.{}: number expected", key);
    *value = found->get<double>();
  }
  const auto architecture = parsed.find("architecture");
  bool known = false;
  for (const Architecture value : {Architecture::orthogonalising, Architecture::softmax, Architecture::baseline}) {
    if (architecture == parsed.end() || *architecture != to_string(value)) continue;
    config.architecture = value;
    known = true;
  }
  if (!known)
    return malformed("encoder: __metadata__.config.architecture: orthogonalising, softmax or baseline expected");
  if (parsed.size() != 10) return malformed("encoder: __metadata__.config: {} keys, 10 expected", parsed.size());
  try {
    check(config);
  } catch (const Error& error) {
    return malformed("encoder: __metadata__.config: {}", error.message());
  }
  return config;
}

std::vector<std::uint64_t> shape_of(const torch::Tensor& tensor) {
  return {tensor.sizes().begin(), tensor.sizes().end()};
}

model::Tensor to_file(const torch::Tensor& tensor) {
  const auto flat = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  return model::tensor_of<float>(shape_of(tensor), {flat.data_ptr<float>(), std::size_t(flat.numel())});
}

Result<torch::Tensor> from_file(const Safetensors& file, const std::string& name, const torch::Tensor& like) {
  const auto values = model::values_of<float>(file, name, shape_of(like));
  if (!values) return values.error();
  for (std::size_t i = 0; i < values.value().size(); ++i)
    if (!std::isfinite(values.value()[i]))
      return malformed("encoder: tensor \"{}\" holds a number that is not finite, at index {}", name, i);
  torch::Tensor result = torch::empty(like.sizes(), torch::kFloat32);
  std::ranges::copy(values.value(), result.data_ptr<float>());
  return result;
}

/// Bytes that the matrices of a config have at least: a file is refused before they are allocated.
std::uint64_t weight_bytes(const NetworkConfig& c) {
  const std::uint64_t h = c.hidden, layer = 2 * h * h + 2 * h * c.feed_forward;
  return 4 * (h * c.id_bits + h * h + h * c.dims + c.layers * layer);
}

}  // namespace

Bytes encode_checkpoint(const Checkpoint& checkpoint) {
  Safetensors file;
  file.metadata = {{"format", kFormat},
                   {"schema_version", std::to_string(kVersion)},
                   {"config", config_json(checkpoint.network->config()).dump()},
                   {"step", std::to_string(checkpoint.step)},
                   {"training", checkpoint.training_json}};
  for (const auto& item : checkpoint.network->named_parameters()) {
    file.tensors["weight." + item.key()] = to_file(item.value());
    if (checkpoint.adam_m.empty()) continue;
    file.tensors["adam.m." + item.key()] = to_file(checkpoint.adam_m.at(item.key()));
    file.tensors["adam.v." + item.key()] = to_file(checkpoint.adam_v.at(item.key()));
  }
  return model::encode_safetensors(file);
}

Result<Checkpoint> decode_checkpoint(ByteSpan bytes) {
  const auto decoded = model::decode_safetensors(bytes);
  if (!decoded) return decoded.error();
  const Safetensors& file = decoded.value();
  const auto text = [&](const char* key) {
    const auto found = file.metadata.find(key);
    return found == file.metadata.end() ? std::string() : found->second;
  };
  if (text("format") != kFormat)
    return Error(ErrorCode::mismatch, fmt::format("encoder: __metadata__.format is not \"{}\"", kFormat));
  if (text("schema_version") != std::to_string(kVersion))
    return Error(ErrorCode::mismatch, fmt::format("encoder: schema_version \"{}\", this program reads {}",
                                                  text("schema_version"), kVersion));
  if (file.metadata.size() != 5) return malformed("encoder: {} metadata keys, 5 expected", file.metadata.size());
  const auto config = read_config(text("config"));
  if (!config) return config.error();
  if (weight_bytes(config.value()) > bytes.size())
    return malformed("encoder: the config asks for {} bytes of weights, the file has {} bytes",
                     weight_bytes(config.value()), bytes.size());
  if (!json::parse(text("training"), nullptr, false).is_object())
    return malformed("encoder: __metadata__.training: JSON object expected");

  Checkpoint checkpoint;
  checkpoint.training_json = text("training");
  const std::string step = text("step");
  if (step.empty() || step.size() > 9 || step.find_first_not_of("0123456789") != std::string::npos)
    return malformed("encoder: __metadata__.step is \"{}\", a number expected", step);
  checkpoint.step = std::stoll(step);
  try {
    checkpoint.network = std::make_shared<Network>(config.value(), nullptr);
    const bool resumable = file.tensors.contains("adam.m.output");
    torch::NoGradGuard no_grad;
    std::size_t used = 0;
    for (auto& item : checkpoint.network->named_parameters()) {
      auto weight = from_file(file, "weight." + item.key(), item.value());
      if (!weight) return weight.error();
      item.value().copy_(weight.value());
      ++used;
      if (!resumable) continue;
      auto m = from_file(file, "adam.m." + item.key(), item.value());
      auto v = from_file(file, "adam.v." + item.key(), item.value());
      if (!m) return m.error();
      if (!v) return v.error();
      checkpoint.adam_m[item.key()] = m.value();
      checkpoint.adam_v[item.key()] = v.value();
      used += 2;
    }
    if (used != file.tensors.size()) return malformed("encoder: {} tensors, {} expected", file.tensors.size(), used);
  } catch (const std::exception& error) {
    return Error(ErrorCode::io, fmt::format("encoder: libtorch: {}", error.what()));
  }
  return checkpoint;
}

}  // namespace ll::training
