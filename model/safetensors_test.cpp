#include "model/safetensors.hpp"

#include <gmock/gmock.h>

#include "base/random.hpp"

namespace ll::model {
namespace {

using ::testing::HasSubstr;

Safetensors sample() {
  Safetensors file;
  file.metadata = {{"format", "test"}};
  file.tensors["bytes"] = tensor_of<std::uint8_t>({3}, std::vector<std::uint8_t>{1, 2, 3});
  file.tensors["matrix"] = tensor_of<float>({2, 2}, std::vector<float>{1.5F, -2, 0, 4});
  file.tensors["scalar"] = tensor_of<double>({}, std::vector<double>{0.1});
  file.tensors["empty"] = tensor_of<std::int16_t>({0, 5}, std::vector<std::int16_t>{});
  return file;
}

Bytes with_header(std::string header, std::size_t data_bytes) {
  Bytes bytes;
  append_u64_le(bytes, header.size());
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.resize(bytes.size() + data_bytes);
  return bytes;
}

TEST(Safetensors, RoundTripIsCanonicalAndAligned) {
  const Bytes bytes = encode_safetensors(sample());
  EXPECT_EQ(bytes[0] % 8, 0);
  const auto decoded = decode_safetensors(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message();
  EXPECT_EQ(decoded.value(), sample());
  EXPECT_EQ(encode_safetensors(decoded.value()), bytes);
  EXPECT_THAT(values_of<float>(decoded.value(), "matrix", {2, 2}).value(), ::testing::ElementsAre(1.5F, -2, 0, 4));
}

TEST(Safetensors, NamesWhatIsWrong) {
  struct Case {
    const char* header;
    std::size_t data;
    const char* message;
  };
  const Case cases[] = {
      {R"([])", 0, "not a JSON object"},
      {R"({"a":)", 0, "not a JSON object"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
       4, "\"a\" stands twice"},
      {R"({"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}})", 4, "F31"},
      {R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, "unsigned integer"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, "do not fit"},
      {R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})", 0, "do not fit"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}})", 4, "2 expected"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4, "data section of 4"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 4, "data section of 4"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}})", 4, "no others"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8, "begins at 4"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
       12, "ends at 8"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 5, "too many"},
      {R"({"__metadata__":{"k":1}})", 0, "string expected"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.header);
    const auto decoded = decode_safetensors(with_header(c.header, c.data));
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.error().code(), ErrorCode::malformed);
    EXPECT_THAT(decoded.error().message(), HasSubstr(c.message));
  }
}

TEST(Safetensors, EveryCutIsRefused) {
  const Bytes bytes = encode_safetensors(sample());
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(decode_safetensors(ByteSpan(bytes).first(length)).ok()) << length;
}

TEST(Safetensors, ChangedBytesNeverCrash) {
  const Bytes bytes = encode_safetensors(sample());
  SeededRng rng(11);
  for (int round = 0; round < 20000; ++round) {
    Bytes changed = bytes;
    for (std::uint64_t edits = 1 + rng.below(3); edits > 0; --edits)
      changed[rng.below(changed.size())] = static_cast<std::uint8_t>(rng.below(256));
    const auto decoded = decode_safetensors(changed);
    if (decoded.ok()) {
      EXPECT_TRUE(decode_safetensors(encode_safetensors(decoded.value())).ok());
    }
  }
}

TEST(Safetensors, WriterRefusesDataThatDoesNotFitItsShape) {
  Safetensors file;
  file.tensors["a"] = tensor_of<float>({3}, std::vector<float>{1, 2});
  EXPECT_THROW(encode_safetensors(file), Error);
}

TEST(Safetensors, TypedReadChecksDtypeAndShape) {
  const Safetensors file = sample();
  EXPECT_FALSE(values_of<double>(file, "matrix", {2, 2}).ok());
  EXPECT_FALSE(values_of<float>(file, "matrix", {4}).ok());
  EXPECT_FALSE(values_of<float>(file, "absent", {4}).ok());
}

}  // namespace
}  // namespace ll::model
