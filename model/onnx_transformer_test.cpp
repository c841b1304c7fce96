#include "model/onnx_transformer.hpp"

#include <cmath>
#include <cstdlib>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/random.hpp"
#include "model/quantized_encoder.hpp"
#include "model/test_encoder.hpp"

namespace ll::model {
namespace {

constexpr std::size_t kLayers = 2, kHeads = 4, kHidden = 16, kForward = 6, kDims = 24, kBits = 32, kRotary = 2;

using Matrix = std::vector<double>;

/// An encoder.safetensors of a small network with weights of ordinary size.
Safetensors small_encoder(std::uint64_t seed) {
  SeededRng rng(seed);
  Safetensors file;
  const nlohmann::json config = {
      {"architecture", "orthogonalising"}, {"layers", kLayers}, {"heads", kHeads},  {"hidden", kHidden},
      {"feed_forward", kForward},          {"dims", kDims},     {"id_bits", kBits}, {"rotary_heads", kRotary}};
  file.metadata = {{"format", "latentledger-encoder"}, {"config", config.dump()}};
  const auto add = [&](const std::string& name, std::vector<std::uint64_t> shape, double scale) {
    std::size_t count = 1;
    for (const auto extent : shape) count *= extent;
    std::vector<float> values(count);
    for (float& value : values) value = float(scale * std::ldexp(double(std::int64_t(rng.next_u64())), -63));
    file.tensors["weight." + name] = tensor_of<float>(shape, values);
  };
  add("frequencies", {kHidden, kBits}, 3);
  add("phases", {kHidden}, 3);
  add("input", {kHidden, kHidden}, 0.5);
  for (std::size_t i = 0; i < kLayers; ++i) {
    const std::string layer = "layer" + std::to_string(i) + ".";
    add(layer + "p", {kHidden, kHidden}, 0.5), add(layer + "w", {kHidden, kHidden}, 0.5);
    add(layer + "a", {1}, 1.5), add(layer + "g", {kHeads}, 0.5);
    add(layer + "w1", {kForward, kHidden}, 1), add(layer + "b1", {kForward}, 3);
    add(layer + "w2", {kHidden, kForward}, 1), add(layer + "b2", {kHidden}, 0.5);
  }
  add("output", {kDims, kHidden}, 0.5);
  return file;
}

Matrix weight(const Safetensors& file, const std::string& name) {
  const auto& tensor = file.tensors.at("weight." + name);
  const auto values = values_of<float>(file, "weight." + name, tensor.shape).value_or_throw();
  return {values.begin(), values.end()};
}

/// x [n, k] times y^T, y [m, k].
Matrix times_transposed(const Matrix& x, const Matrix& y, std::size_t k) {
  const std::size_t n = x.size() / k, m = y.size() / k;
  Matrix out(n * m);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < m; ++j)
      for (std::size_t l = 0; l < k; ++l) out[i * m + j] += x[i * k + l] * y[j * k + l];
  return out;
}

void unit_rows(Matrix& x, std::size_t width, double length) {
  for (std::size_t i = 0; i < x.size(); i += width) {
    double squares = 1e-12;
    for (std::size_t k = 0; k < width; ++k) squares += x[i + k] * x[i + k];
    for (std::size_t k = 0; k < width; ++k) x[i + k] *= length / std::sqrt(squares);
  }
}

/// The slot turns the pairs (j, j + width/2) of the first heads.
void rotate(Matrix& q) {
  constexpr std::size_t kWidth = kHidden / kHeads, kHalf = kWidth / 2;
  for (std::size_t slot = 0; slot * kHidden < q.size(); ++slot) {
    for (std::size_t head = 0; head < kRotary; ++head) {
      for (std::size_t j = 0; j < kHalf; ++j) {
        const double angle = double(slot) * std::pow(10000.0, -double(j) / kHalf);
        double &first = q[slot * kHidden + head * kWidth + j], &second = (&first)[kHalf];
        const double turned = first * std::cos(angle) - second * std::sin(angle);
        second = first * std::sin(angle) + second * std::cos(angle);
        first = turned;
      }
    }
  }
}

/// T_theta by plain loops and std::erf (docs/training.md).
Matrix directions(const Safetensors& file, std::span<const std::uint32_t> ids) {
  const std::size_t n = ids.size();
  Matrix bits;
  for (const std::uint32_t id : ids)
    for (std::size_t bit = 0; bit < kBits; ++bit) bits.push_back((id >> bit & 1) != 0 ? 1 : -1);
  Matrix x = times_transposed(bits, weight(file, "frequencies"), kBits);
  const Matrix phases = weight(file, "phases");
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(x[i] + phases[i % kHidden]);
  x = times_transposed(x, weight(file, "input"), kHidden);
  unit_rows(x, kHidden, 1 / 1.3);
  for (std::size_t l = 0; l < kLayers; ++l) {
    const auto of_layer = [&](const char* name) { return weight(file, fmt::format("layer{}.{}", l, name)); };
    Matrix q = times_transposed(x, of_layer("p"), kHidden), gained;
    rotate(q);
    gained = q;
    const Matrix g = of_layer("g"), w = of_layer("w");
    for (std::size_t i = 0; i < q.size(); ++i) gained[i] *= g[i % kHidden / (kHidden / kHeads)];
    const Matrix scores = times_transposed(gained, q, kHidden), values = times_transposed(x, w, kHidden);
    const double root = std::sqrt(double(kHidden));
    Matrix y(n * kHidden);
    for (std::size_t i = 0; i < n; ++i) {
      Matrix mixed(kHidden);
      for (std::size_t j = 0; j < n; ++j)
        for (std::size_t k = 0; k < kHidden; ++k) mixed[k] += scores[i * n + j] * values[j * kHidden + k];
      for (std::size_t k = 0; k < kHidden; ++k) {
        double out = 0;
        for (std::size_t m = 0; m < kHidden; ++m) out += mixed[m] * w[m * kHidden + k];
        y[i * kHidden + k] = of_layer("a")[0] * x[i * kHidden + k] - out;
      }
    }
    Matrix inner = y;
    for (double& value : inner) value *= root;
    inner = times_transposed(inner, of_layer("w1"), kHidden);
    const Matrix b1 = of_layer("b1"), b2 = of_layer("b2");
    for (std::size_t i = 0; i < inner.size(); ++i) {
      const double value = inner[i] + b1[i % kForward];
      inner[i] = value * 0.5 * (1 + std::erf(value / std::sqrt(2.0)));
    }
    const Matrix forward = times_transposed(inner, of_layer("w2"), kForward);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = y[i] + (forward[i] + b2[i % kHidden]) / root;
  }
  Matrix v = times_transposed(x, weight(file, "output"), kHidden);
  unit_rows(v, kDims, 1);
  return v;
}

constexpr const char* kScript = R"(
import sys, numpy, onnx, onnxruntime
folder = sys.argv[1]
model = onnx.load(folder + "/transformer.onnx")
onnx.checker.check_model(model, full_check=True)
assert [o.version for o in model.opset_import if o.domain == ""] == [17]
session = onnxruntime.InferenceSession(folder + "/transformer.onnx", providers=["CPUExecutionProvider"])
for case in range(int(sys.argv[2])):
    ids = numpy.fromfile(f"{folder}/ids{case}.i64", dtype="<i8")
    balances = numpy.fromfile(f"{folder}/balances{case}.i64", dtype="<i8").reshape(-1, len(ids))
    vhat, integers, reals = session.run(["vhat", "embedding_int", "embedding"], {"account_ids": ids, "balances": balances})
    assert vhat.dtype == numpy.int16 and integers.dtype == numpy.int64 and (reals * 2.0**46 == integers).all()
    vhat.astype("<i2").tofile(f"{folder}/vhat{case}.i16")
    integers.astype("<i8").tofile(f"{folder}/embedding{case}.i64")
)";

TEST(OnnxTransformer, OnnxRuntimeHasTheSameIntegersForEveryAccountSet) {
  ASSERT_TRUE(std::filesystem::exists(LL_PYTHON)) << LL_PYTHON << " is missing: run ./setup.sh";
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "latentledger_onnx_transformer_test";
  std::filesystem::create_directories(folder);
  const Safetensors file = small_encoder(1);
  write_file(folder / "encoder.safetensors", encode_safetensors(file));
  write_transformer_onnx(folder / "transformer.onnx", folder / "encoder.safetensors");

  SeededRng rng(2);
  std::vector<std::vector<std::uint32_t>> sets = {{0}, {0xffffffff, 0, 0x80000000, 1}};
  for (const std::size_t n : {5, 16}) {
    std::vector<std::uint32_t> ids(n);
    for (auto& id : ids) id = std::uint32_t(rng.next_u64());
    sets.push_back(ids);
  }
  std::vector<QuantizedEncoder> encoders;
  std::vector<std::vector<std::uint64_t>> states;
  for (std::size_t c = 0; c < sets.size(); ++c) {
    encoders.push_back(
        QuantizedEncoder::quantize({.accounts = sets[c].size(), .dims = kDims}, sets[c], directions(file, sets[c])));
    states.push_back(random_balances(encoders.back().shape(), rng));
    Bytes ids, balances;
    for (const std::uint32_t id : sets[c]) append_u64_le(ids, id);
    for (const std::uint64_t balance : states.back()) append_u64_le(balances, balance);
    write_file(folder / fmt::format("ids{}.i64", c), ids);
    write_file(folder / fmt::format("balances{}.i64", c), balances);
  }
  write_text(folder / "check.py", kScript);
  const std::string command =
      fmt::format("{} {} {} {}", LL_PYTHON, (folder / "check.py").string(), folder.string(), sets.size());
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
  for (std::size_t c = 0; c < sets.size(); ++c) {
    const Bytes vhat = read_file(folder / fmt::format("vhat{}.i16", c));
    const auto expected = encoders[c].vhat();
    ASSERT_EQ(vhat.size(), expected.size_bytes());
    EXPECT_EQ(std::memcmp(vhat.data(), expected.data(), vhat.size()), 0) << "set " << c;
    const Bytes embedding = read_file(folder / fmt::format("embedding{}.i64", c));
    const auto e = encoders[c].embed(states[c]);
    ASSERT_EQ(embedding.size(), e.size() * 8);
    EXPECT_EQ(std::memcmp(embedding.data(), e.data(), embedding.size()), 0) << "set " << c;
  }
  std::filesystem::remove_all(folder);
}

TEST(OnnxTransformer, RefusesOtherFilesAndBrokenWeights) {
  const Safetensors good = small_encoder(1);
  ASSERT_TRUE(encode_transformer_onnx(good, "").ok());
  EXPECT_EQ(encode_transformer_onnx(good, "").value(), encode_transformer_onnx(small_encoder(1), "").value());
  const auto told = [](const Safetensors& file) {
    const auto result = encode_transformer_onnx(file, "");
    return result.ok() ? std::string("accepted") : result.error().message();
  };
  Safetensors bad = good;
  bad.metadata["format"] = "latentledger-vhat";
  EXPECT_THAT(told(bad), ::testing::HasSubstr("format"));
  bad = good;
  auto config = nlohmann::json::parse(good.metadata.at("config"));
  config["architecture"] = "baseline";
  bad.metadata["config"] = config.dump();
  EXPECT_THAT(told(bad), ::testing::HasSubstr("\"baseline\""));
  config = nlohmann::json::parse(good.metadata.at("config"));
  config["heads"] = 3;
  bad.metadata["config"] = config.dump();
  EXPECT_THAT(told(bad), ::testing::HasSubstr("do not fit together"));
  config.erase("layers");
  bad.metadata["config"] = config.dump();
  EXPECT_THAT(told(bad), ::testing::HasSubstr("config.layers"));
  bad = good;
  bad.tensors.erase("weight.layer1.w2");
  EXPECT_THAT(told(bad), ::testing::HasSubstr("weight.layer1.w2"));
  bad = good;
  const std::vector<float> values = {NAN};
  bad.tensors["weight.layer0.a"] = tensor_of<float>({1}, values);
  EXPECT_THAT(told(bad), ::testing::HasSubstr("not finite"));
}

}  // namespace
}  // namespace ll::model
