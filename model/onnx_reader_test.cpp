#include "model/onnx_reader.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "model/integer_program.hpp"
#include "model/onnx_export.hpp"
#include "model/test_encoder.hpp"

namespace ll::model {
namespace {

TEST(OnnxReader, ReadsTheExportedEncoder) {
  const QuantizedEncoder encoder = random_encoder({}, 1);
  const Bytes file = encode_onnx(encoder);
  const Graph graph = read_onnx(file).value_or_throw();
  EXPECT_EQ(graph.sha256, to_hex(sha256(file)));
  EXPECT_EQ(graph.producer, "latentledger");
  EXPECT_EQ(graph.opset, 17);
  ASSERT_EQ(graph.inputs.size(), 1u);
  EXPECT_EQ(graph.inputs[0].name, "balances");
  EXPECT_EQ(graph.inputs[0].type, ElementType::int64);
  ASSERT_EQ(graph.inputs[0].dims.size(), 2u);
  EXPECT_EQ(graph.inputs[0].dims[0].symbol, "batch");
  EXPECT_EQ(graph.inputs[0].dims[1].extent, 128u);
  ASSERT_EQ(graph.nodes.size(), 5u);
  EXPECT_EQ(graph.nodes[2].op, "MatMul");
  EXPECT_EQ(std::get<std::int64_t>(graph.nodes[0].attributes.at("to")), 11);
  EXPECT_EQ(graph.metadata.at("v_frac_bits"), "14");
  const ConstantTensor& vhat = graph.constants.at("vhat");
  EXPECT_EQ(vhat.type, ElementType::int16);
  EXPECT_EQ(vhat.shape, (Shape{128, 512}));
  EXPECT_EQ(vhat.integers, (std::vector<std::int64_t>{encoder.vhat().begin(), encoder.vhat().end()}));
  EXPECT_EQ(graph.constants.at("unit").reals, std::vector<double>{0x1p-46});
}

/// Reads, and builds the program: fine, or one clear error.
void read_and_build(ByteSpan file) {
  const auto graph = read_onnx(file);
  if (!graph.ok()) {
    EXPECT_FALSE(graph.error().message().empty());
    return;
  }
  try {
    const IntegerProgram program(graph.value(), default_settings(graph.value()));
    (void)program.forms();
  } catch (const Error& error) {
    EXPECT_FALSE(std::string(error.message()).empty());
  }
}

TEST(OnnxReader, NoChangedByteAndNoCutCrashes) {
  std::vector<Bytes> files{encode_onnx(random_encoder({2, 3, 5, 4}, 2))};
  const auto cases = nlohmann::json::parse(read_text(LL_SOURCE_DIR "/tests/vectors/onnx_operators.json"));
  for (const auto& c : cases) {
    if (c["name"] == "transfers" || c["name"] == "slice_old" || c["name"] == "gemm_varying_c")
      files.push_back(*from_hex(c["model"].get<std::string>()));
  }
  ASSERT_EQ(files.size(), 4u);
  for (const Bytes& file : files) {
    for (std::size_t i = 0; i < file.size(); ++i) {
      for (const unsigned change : {0x01u, 0x08u, 0x80u, 0xffu}) {
        Bytes changed = file;
        changed[i] = static_cast<std::uint8_t>(changed[i] ^ change);
        read_and_build(changed);
      }
      read_and_build(ByteSpan(file).first(i));
    }
  }
}

TEST(OnnxReader, SaysWhatIsWrong) {
  const auto error = [](ByteSpan file) {
    const auto graph = read_onnx(file);
    return graph.ok() ? std::string("read") : graph.error().message();
  };
  EXPECT_THAT(error({}), testing::HasSubstr("it holds no graph"));
  const Bytes text{'h', 'e', 'l', 'l', 'o'};
  EXPECT_THAT(error(text), testing::HasSubstr("no ONNX model: 5 bytes"));
  const Bytes file = encode_onnx(random_encoder({2, 3, 5, 4}, 2));
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string all(file.begin(), file.end());
    const std::size_t at = all.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    all.replace(at, from.size(), to);
    return error({reinterpret_cast<const std::uint8_t*>(all.data()), all.size()});
  };
  EXPECT_THAT(changed("balances", "balancez"), testing::HasSubstr("input \"balancez\" is not defined before it"));
  EXPECT_THAT(changed("balances_f64", "embedding_in"), testing::HasSubstr("is not defined before it"));
  EXPECT_THAT(changed(std::string("\x08\x02\x08\x03\x10\x05", 6), std::string("\x08\x02\x08\x04\x10\x05", 6)),
              testing::HasSubstr("constant \"vhat\": 12 bytes of data, 8 elements of int16 take 16"));
  EXPECT_THAT(changed(std::string("\x08\x02\x08\x03\x10\x05", 6), std::string("\x08\x02\x08\x03\x10\x0a", 6)),
              testing::HasSubstr("elements of ONNX type 10 are not supported"));
}

}  // namespace
}  // namespace ll::model
