#include "base/bytes.hpp"

#include <gtest/gtest.h>

namespace ll {
namespace {

TEST(Hex, RoundTrips) {
  const Bytes bytes = {0x00, 0x7f, 0x80, 0xff};
  EXPECT_EQ(to_hex(bytes), "007f80ff");
  EXPECT_EQ(from_hex("007F80ff"), bytes);
}

TEST(Hex, RefusesOddLengthAndOtherCharacters) {
  EXPECT_EQ(from_hex("abc"), std::nullopt);
  EXPECT_EQ(from_hex("0g"), std::nullopt);
  EXPECT_EQ(from_hex("0x12"), std::nullopt);
}

TEST(ByteReader, ReadsLittleEndianAndStopsAtTheEnd) {
  const Bytes bytes = {1, 2, 0, 0, 0, 9};
  ByteReader reader(bytes, "test");
  EXPECT_EQ(reader.u8("tag").value(), 1);
  EXPECT_EQ(reader.u32_le("count").value(), 2u);
  EXPECT_TRUE(reader.expect_end().has_value());
  const auto more = reader.u32_le("next");
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error().message(), "test: next needs 4 bytes at offset 5, 1 are left");
}

}  // namespace
}  // namespace ll
