#include "base/random.hpp"

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
