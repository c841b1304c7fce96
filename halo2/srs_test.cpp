// SRS files: real ceremonies where they are at hand, and every way of being broken.
#include "halo2/srs.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/files.hpp"
#include "base/hash.hpp"

namespace ll::halo2 {
namespace {

namespace fs = std::filesystem;
const fs::path kShared = fs::path(LL_SOURCE_DIR) / "../shared/vectors/srs";

Srs small_srs(unsigned k) {
  SeededRng rng(5);
  return unsafe_srs::generate(k, rng);
}

TEST(Srs, CommitmentsAgreeInBothBases) {
  const Srs srs = small_srs(4);
  OsRng rng;
  EXPECT_TRUE(powers_are_consistent(srs, rng));
  std::vector<Fr> ones(16, Fr::one());
  const std::vector<Fr> constant = {Fr::one()};
  EXPECT_EQ(srs.commit_lagrange(ones), srs.commit(constant));  // the values of the polynomial 1
  EXPECT_EQ(srs.commit(constant), G1Affine::generator());
}

TEST(Srs, TruncatedIsTheSmallerSetup) {
  const Srs large = small_srs(6), small = large.truncated(3);
  SeededRng rng(5);
  EXPECT_EQ(small.write(SerdeFormat::raw), unsafe_srs::from_tau(3, Fr::random(rng)).write(SerdeFormat::raw));
  EXPECT_THROW(small.truncated(4), Error);
}

TEST(Srs, EveryCutAndEveryChangedByteIsRefused) {
  const Srs srs = small_srs(2);
  for (const SerdeFormat format : {SerdeFormat::raw, SerdeFormat::processed}) {
    const Bytes bytes = srs.write(format);
    EXPECT_TRUE(Srs::read(bytes, format).ok());
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      EXPECT_FALSE(Srs::read(ByteSpan(bytes).first(length), format).ok());
    }
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      Bytes changed = bytes;
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1u << (i % 8)));
      EXPECT_FALSE(Srs::read(changed, format).ok()) << "byte " << i;
    }
  }
}

TEST(Srs, PointsThatDoNotBelongTogetherAreRefused) {
  const Srs srs = small_srs(4);
  Srs wrong = srs;
  std::swap(wrong.g[3], wrong.g[4]);
  EXPECT_FALSE(Srs::read(wrong.write(SerdeFormat::raw), SerdeFormat::raw).ok());
  wrong = srs;
  std::swap(wrong.g_lagrange[3], wrong.g_lagrange[4]);
  EXPECT_FALSE(Srs::read(wrong.write(SerdeFormat::raw), SerdeFormat::raw).ok());
  wrong = srs;
  wrong.g.back() = wrong.g.front();
  EXPECT_FALSE(Srs::read(wrong.write(SerdeFormat::raw), SerdeFormat::raw).ok());
}

class RealSrs : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kShared)) GTEST_SKIP() << "SKIPPED, LOUDLY: no real ceremony files at " << kShared;
  }
};

TEST_F(RealSrs, Ppot0071) {
  const Bytes file = read_file(kShared / "ppot_0071_k1.srs");
  const Srs srs = Srs::read(file, SerdeFormat::raw).value_or_throw();
  EXPECT_EQ(srs.k, 1u);
  EXPECT_EQ(srs.write(SerdeFormat::raw), file);
}

TEST(Srs, SuffixSumsCommitAlike) {
  SeededRng rng(42);
  Srs srs = unsafe_srs::generate(11, rng);
  std::vector<std::vector<Fr>> columns(4, std::vector<Fr>(srs.size()));
  for (std::size_t row = 0; row < srs.size(); ++row) {
    columns[0][row] = Fr::random(rng);
    columns[1][row] = row % 16 == 0 ? Fr::random(rng) : columns[1][row - 1];  // runs
    columns[2][row] = Fr::from_u64(row % 4);
  }
  columns[1].back() = Fr::random(rng);
  std::vector<G1Affine> before;
  for (const auto& column : columns) before.push_back(srs.commit_lagrange(column));
  srs.sum_suffixes();
  EXPECT_EQ(srs.g_lagrange_suffixes.back(), srs.g_lagrange.back());
  for (std::size_t i = 0; i < columns.size(); ++i) EXPECT_EQ(srs.commit_lagrange(columns[i]), before[i]) << i;
}

}  // namespace
}  // namespace ll::halo2
