#include "base/random.hpp"
#include "base/word_stream.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/bytes.hpp"

namespace ll {
namespace {

TEST(SeededRng, SameSeedSameBytesHoweverRead) {
  SeededRng whole(7), parts(7), other(8), stream(7, 1);
  Bytes a(3000), b(3000), c(3000), d(3000);
  whole.fill(a);
  for (std::size_t i = 0; i < b.size(); i += 100) parts.fill(std::span(b).subspan(i, 100));
  other.fill(c);
  stream.fill(d);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  EXPECT_NE(a, d);
}

TEST(SeededRng, IsTheChaCha20Keystream) {  // draft-strombergson-chacha-test-vectors, TC1: zero key, zero nonce
  SeededRng rng(0);
  Bytes bytes(16);
  rng.fill(bytes);
  EXPECT_EQ(to_hex(bytes), "76b8e0ada0f13d90405d6ae55386bd28");
}

TEST(WordStream, IsTheKeystreamOfSeededRng) {
  SeededRng rng(7, 9);
  WordStream words(7, 9);
  for (int i = 0; i < 3000; ++i) {
    std::array<std::uint8_t, 4> b;
    rng.fill(b);
    ASSERT_EQ(words.next_u32(),
              b[0] | std::uint32_t{b[1]} << 8 | std::uint32_t{b[2]} << 16 | std::uint32_t{b[3]} << 24);
  }
  EXPECT_EQ(words.next_u64(), rng.next_u64());
}

TEST(WordStream, BelowIsUniform) {
  WordStream words(1);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70000; ++i) ++counts.at(words.below(7));
  for (const int count : counts) EXPECT_NEAR(count, 10000, 400);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(words.below(1), 0u);
  for (int i = 0; i < 1000; ++i) EXPECT_LE(words.below(0xC0000000u), 0xBFFFFFFFu);  // a bound that rejects often
}

TEST(Rng, BelowStaysBelow) {
  SeededRng rng(1);
  for (int i = 0; i < 1000; ++i) EXPECT_LT(rng.below(10), 10u);
}

TEST(OsRng, GivesDifferentBytes) {
  OsRng rng;
  EXPECT_NE(rng.next_u64(), rng.next_u64());
}

}  // namespace
}  // namespace ll
