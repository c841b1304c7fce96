#include "model/encoder_file.hpp"

#include <gmock/gmock.h>

#include "base/files.hpp"
#include "model/safetensors.hpp"
#include "model/test_encoder.hpp"

namespace ll::model {
namespace {

TEST(EncoderFile, RoundTrip) {
  const QuantizedEncoder plain = random_encoder({.accounts = 5, .dims = 8}, 1);
  const QuantizedEncoder encoder(plain.shape(), {9, 8, 7, 6, 4294967295}, {plain.vhat().begin(), plain.vhat().end()},
                                 std::string(64, 'a'));
  const auto path = std::filesystem::path(testing::TempDir()) / "encoder_file_test.safetensors";
  write_quantized_encoder(path, encoder);
  EXPECT_EQ(read_quantized_encoder(path), encoder);
  EXPECT_EQ(encode_quantized_encoder(read_quantized_encoder(path)), read_file(path));
  std::filesystem::remove(path);
}

TEST(EncoderFile, RefusesAnotherVersionAndSaysBoth) {
  auto file = decode_safetensors(encode_quantized_encoder(random_encoder({.accounts = 2, .dims = 2}, 2))).value();
  file.metadata["schema_version"] = std::string("2");  // g++ 12 warns falsely (-Wrestrict) for the literal
  const auto decoded = decode_quantized_encoder(encode_safetensors(file));
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().code(), ErrorCode::mismatch);
  EXPECT_THAT(decoded.error().message(), ::testing::HasSubstr("schema_version 2, this program reads 1"));
}

TEST(EncoderFile, EveryFieldIsChecked) {
  const auto good = decode_safetensors(encode_quantized_encoder(random_encoder({.accounts = 2, .dims = 2}, 2))).value();
  const auto refused = [](const Safetensors& file) { return !decode_quantized_encoder(encode_safetensors(file)).ok(); };
  ASSERT_FALSE(refused(good));
  for (const auto& [key, value] : good.metadata) {
    Safetensors file = good;
    file.metadata[key] = value + "x";
    EXPECT_TRUE(refused(file)) << key;
    file.metadata.erase(key);
    EXPECT_TRUE(refused(file)) << key;
  }
  Safetensors more = good;
  more.metadata["comment"] = "hello";
  EXPECT_TRUE(refused(more));
  Safetensors twice = good;
  twice.tensors["ids"] = tensor_of<std::uint32_t>({2}, std::vector<std::uint32_t>{3, 3});
  EXPECT_TRUE(refused(twice));
  Safetensors large = good;
  large.tensors["vhat"] = tensor_of<std::int16_t>({2, 2}, std::vector<std::int16_t>{0, 0, 16385, 0});
  EXPECT_TRUE(refused(large));
}

TEST(EncoderFile, ChangedBytesNeverThrow) {
  const Bytes bytes = encode_quantized_encoder(random_encoder({.accounts = 3, .dims = 4}, 3));
  SeededRng rng(4);
  for (int round = 0; round < 20000; ++round) {
    Bytes changed = bytes;
    changed[rng.below(changed.size())] = static_cast<std::uint8_t>(rng.below(256));
    if (round % 5 == 0) changed.resize(rng.below(changed.size() + 1));
    EXPECT_NO_THROW({
      const auto decoded = decode_quantized_encoder(changed);
      (void)decoded;
    });
  }
}

}  // namespace
}  // namespace ll::model
