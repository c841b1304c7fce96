#include "circuits/packing.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/random.hpp"

namespace ll::circuits {
namespace {

constexpr std::int64_t kLargest = (std::int64_t{1} << kEntryBits) - 1;

TEST(Packing, PutsEntriesSixtyBitsApart) {
  const std::vector<Fr> words = pack_words(std::vector<std::int64_t>{1, 2, 3, 4, -1, 0, 0, 0});
  const Fr spacing = Fr::from_u64(std::uint64_t{1} << 60);
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[0],
            Fr::from_u64(1) + spacing * (Fr::from_u64(2) + spacing * (Fr::from_u64(3) + spacing * Fr::from_u64(4))));
  EXPECT_EQ(words[1], -Fr::one());
}

TEST(Packing, UnpackUndoesPack) {
  SeededRng rng(3);
  std::vector<std::int64_t> entries{0,         0,         0,        0,        kLargest, -kLargest, kLargest,
                                    -kLargest, -1,        1,        -1,       1,        -kLargest, -kLargest,
                                    -kLargest, -kLargest, kLargest, kLargest, kLargest, kLargest};
  for (int i = 0; i < 400; ++i) {
    entries.push_back(static_cast<std::int64_t>(rng.below(2 * kLargest + 1)) - kLargest);
  }
  EXPECT_EQ(unpack_words(pack_words(entries)), entries);
}

TEST(Packing, IsLinear) {
  const std::vector<std::int64_t> a{5, -7, kLargest, 0}, b{-9, 3, -kLargest, 1};
  std::vector<std::int64_t> sum(4);
  for (std::size_t i = 0; i < 4; ++i) sum[i] = a[i] + b[i];
  EXPECT_EQ(pack_words(sum)[0], pack_words(a)[0] + pack_words(b)[0]);
}

TEST(Packing, UnpackRefusesEntriesOutOfRange) {
  for (std::size_t position = 0; position < 4; ++position) {
    for (const std::int64_t value : {kLargest + 1, -kLargest - 1, (std::int64_t{1} << 59) - 1}) {
      std::vector<std::int64_t> entries(4, 0);
      entries[position] = value;
      EXPECT_EQ(unpack_words(pack_words(entries)), std::nullopt) << position << " " << value;
    }
  }
}

TEST(Packing, UnpackRefusesWordsThatHoldNoEntries) {
  SeededRng rng(4);
  EXPECT_EQ(unpack_words(std::vector<Fr>{Fr::from_u64(2).pow_vartime(240)}), std::nullopt);
  EXPECT_EQ(unpack_words(std::vector<Fr>{-Fr::from_u64(2).pow_vartime(240)}), std::nullopt);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(unpack_words(std::vector<Fr>{Fr::random(rng)}), std::nullopt);
}

TEST(Packing, PackRefusesWhatDoesNotFit) {
  EXPECT_THROW(pack_words(std::vector<std::int64_t>{1, 2, 3}), Error);
  EXPECT_THROW(pack_words(std::vector<std::int64_t>{0, 0, std::int64_t{1} << 59, 0}), Error);
  EXPECT_THROW(pack_words(std::vector<std::int64_t>{-(std::int64_t{1} << 59), 0, 0, 0}), Error);
}

}  // namespace
}  // namespace ll::circuits
