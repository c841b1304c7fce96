#include "ledger/address.hpp"

#include <set>

#include <gtest/gtest.h>

namespace ll::ledger {
namespace {

Address numbered(std::uint8_t last) {
  Address address;
  address.bytes[19] = last;
  return address;
}

TEST(Address, ReadsAnyCaseAndWritesLower) {
  const auto address = parse_address("0x0912001E29bbaf75c23069a22d9b9602be86FEB7");
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(to_string(*address), "0x0912001e29bbaf75c23069a22d9b9602be86feb7");
}

TEST(Address, RefusesAnythingElse) {
  for (const char* text :
       {"", "0x", "GENESIS", "0x0912001e29bbaf75c23069a22d9b9602be86feb", "null",
        "0x0912001e29bbaf75c23069a22d9b9602be86feb77", "0x0912001e29bbaf75c23069a22d9b9602be86febg",
        "0X0912001e29bbaf75c23069a22d9b9602be86feb7", "000912001e29bbaf75c23069a22d9b9602be86feb7"}) {
    EXPECT_EQ(parse_address(text), std::nullopt) << text;
  }
}

TEST(AccountIds, AreTheFirstFourBytesOfSha256) {
  // Python: hashlib.sha256(bytes.fromhex("0912001e29bbaf75c23069a22d9b9602be86feb7")).hexdigest()[:8]
  const std::vector<Address> one = {*parse_address("0x0912001e29bbaf75c23069a22d9b9602be86feb7")};
  EXPECT_EQ(account_ids(one), std::vector<std::uint32_t>{0x8db1aab3});
}

TEST(AccountIds, ACollisionTakesTheNextWordInOrderOfAddress) {
  const std::vector<Address> three = {numbered(1), numbered(2), numbered(3)};
  const auto same = [](ByteSpan) {
    Digest32 digest{};
    for (std::size_t i = 0; i < 32; ++i) digest[i] = static_cast<std::uint8_t>(i);
    return digest;
  };
  EXPECT_EQ(account_ids(three, same), (std::vector<std::uint32_t>{0x00010203, 0x04050607, 0x08090a0b}));
}

TEST(AccountIds, EightWordsAndThenTheDigestOfTheDigest) {
  std::vector<Address> twenty;
  for (std::uint8_t i = 0; i < 20; ++i) twenty.push_back(numbered(i));
  const Digest32 zero{};  // all eight words alike: one id, then sha256(zero)
  const auto ids = account_ids(twenty, [&](ByteSpan) { return zero; });
  EXPECT_EQ(std::set<std::uint32_t>(ids.begin(), ids.end()).size(), 20u);
  EXPECT_EQ(ids[0], 0u);
  EXPECT_EQ(ids[1], 0x66687aadu);  // SHA-256 of 32 zero bytes begins with 66687aad
}

TEST(AccountIds, RefusesAddressesOutOfOrder) {
  EXPECT_THROW(account_ids(std::vector<Address>{numbered(2), numbered(1)}), Error);
  EXPECT_THROW(account_ids(std::vector<Address>{numbered(2), numbered(2)}), Error);
}

}  // namespace
}  // namespace ll::ledger
