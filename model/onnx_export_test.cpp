#include "model/onnx_export.hpp"

#include <cstdlib>

#include <gmock/gmock.h>

#include "base/files.hpp"
#include "model/test_encoder.hpp"

namespace ll::model {
namespace {

/// ONNX's full checker, then ONNX Runtime on balances from a raw file; writes both outputs raw.
constexpr const char* kScript = R"(
import sys, numpy, onnx, onnxruntime
folder = sys.argv[1]
model = onnx.load(folder + "/encoder.onnx")
onnx.checker.check_model(model, full_check=True)
session = onnxruntime.InferenceSession(folder + "/encoder.onnx", providers=["CPUExecutionProvider"])
n = session.get_inputs()[0].shape[1]
balances = numpy.fromfile(folder + "/balances.i64", dtype="<i8").reshape(-1, n)
integers, reals = session.run(["embedding_int", "embedding"], {"balances": balances})
assert integers.dtype == numpy.int64 and reals.dtype == numpy.float64
integers.astype("<i8").tofile(folder + "/embedding.i64")
reals.astype("<f8").tofile(folder + "/embedding.f64")
)";

TEST(OnnxExport, OnnxRuntimeComputesTheSameIntegers) {
  ASSERT_TRUE(std::filesystem::exists(LL_PYTHON)) << LL_PYTHON << " is missing: run ./setup.sh";
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "latentledger_onnx_export_test";
  std::filesystem::create_directories(folder);
  const EncoderShape shape;
  const QuantizedEncoder encoder = random_encoder(shape, 1);
  write_onnx(folder / "encoder.onnx", encoder);

  SeededRng rng(2);
  std::vector<std::vector<std::uint64_t>> states = {std::vector<std::uint64_t>(shape.accounts, 0),
                                                    std::vector<std::uint64_t>(shape.accounts, 0xffffffff),
                                                    std::vector<std::uint64_t>(shape.accounts, 1)};
  for (int i = 0; i < 200; ++i) states.push_back(random_balances(shape, rng));
  Bytes balances;
  for (const auto& state : states)
    for (const std::uint64_t balance : state) append_u64_le(balances, balance);
  write_file(folder / "balances.i64", balances);
  write_text(folder / "check.py", kScript);

  const std::string command = fmt::format("{} {} {}", LL_PYTHON, (folder / "check.py").string(), folder.string());
  ASSERT_EQ(std::system(command.c_str()), 0) << command;

  const Bytes integers = read_file(folder / "embedding.i64"), reals = read_file(folder / "embedding.f64");
  ASSERT_EQ(integers.size(), states.size() * shape.dims * 8);
  ASSERT_EQ(reals.size(), integers.size());
  for (std::size_t s = 0; s < states.size(); ++s) {
    const auto expected = encoder.embed(states[s]);
    for (std::size_t k = 0; k < shape.dims; ++k) {
      std::int64_t integer = 0;
      double real = 0;
      std::memcpy(&integer, integers.data() + (s * shape.dims + k) * 8, 8);
      std::memcpy(&real, reals.data() + (s * shape.dims + k) * 8, 8);
      ASSERT_EQ(integer, expected[k]) << "state " << s << ", component " << k;
      ASSERT_EQ(real * 70368744177664.0, static_cast<double>(expected[k]));  // 2^46
    }
  }
  std::filesystem::remove_all(folder);
}

TEST(OnnxExport, EqualEncodersGiveEqualBytes) {
  const EncoderShape shape{.accounts = 3, .dims = 4};
  EXPECT_EQ(encode_onnx(random_encoder(shape, 1)), encode_onnx(random_encoder(shape, 1)));
  EXPECT_NE(encode_onnx(random_encoder(shape, 1)), encode_onnx(random_encoder(shape, 2)));
}

}  // namespace
}  // namespace ll::model
