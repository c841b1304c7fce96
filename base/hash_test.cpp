#include "base/hash.hpp"
#include "base/keccak.hpp"

#include <algorithm>
#include <string_view>

#include <gtest/gtest.h>

namespace ll {
namespace {

ByteSpan bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

TEST(Sha256, KnownAnswer) {  // FIPS 180-4, example "abc"
  EXPECT_EQ(to_hex(sha256(bytes_of("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, InPiecesAndAtOnceAgree) {  // two implementations
  Bytes bytes(1000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * i);
  for (std::size_t size = 0; size <= bytes.size(); size += size < 130 ? 1 : 87) {
    Sha256 hash;
    hash.update(ByteSpan(bytes).first(size / 3));
    hash.update(ByteSpan(bytes).first(size).subspan(size / 3));
    EXPECT_EQ(hash.finish(), sha256(ByteSpan(bytes).first(size))) << size;
  }
}

TEST(Keccak256, KnownAnswers) {  // Ethereum's hash of no bytes and of "abc"
  EXPECT_EQ(to_hex(Keccak256().finish()), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  Keccak256 hash;
  hash.update(bytes_of("a"));
  Keccak256 copy = hash;
  hash.update(bytes_of("bc"));
  copy.update(bytes_of("bc"));
  EXPECT_EQ(to_hex(hash.finish()), "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
  EXPECT_EQ(to_hex(copy.finish()), "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
}

TEST(Blake2b, CopyIsAClone) {
  std::array<std::uint8_t, 16> personal{};
  std::ranges::copy(std::string_view("Halo2-Transcript"), personal.begin());
  Blake2b first(personal);
  first.update(bytes_of("abc"));
  Blake2b copy = first;
  EXPECT_EQ(copy.finish(), first.finish());
  Blake2b other(personal);
  other.update(bytes_of("abd"));
  Blake2b again(personal);
  again.update(bytes_of("abc"));
  EXPECT_NE(other.finish(), again.finish());
}

}  // namespace
}  // namespace ll
