#include "base/hash.hpp"

#include <algorithm>
#include <string_view>

#include <gtest/gtest.h>

namespace ll {
namespace {

ByteSpan bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

TEST(Sha256, KnownAnswer) {  // FIPS 180-4, example "abc"
  EXPECT_EQ(to_hex(sha256(bytes_of("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
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
