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

TEST_F(RealSrs, HermezPtauConvertsToThePublishedBytes) {
  // SHA-256 of the ParamsKZG raw files of Hermez 08 at k = 1..8, computed independently (docs/formats/srs.md).
  const std::pair<unsigned, const char*> expected[] = {
      {1, "f3922913c667488d53906a860910a83113507c0be2f6b5a2a755349b86fe9c78"},
      {5, "a331a6ee83f3e71eff77b9feb9919134a5f4e06cbce6bea15b625b9ca10e9c8a"},
      {8, "4b67ff25b9c00ffc5557f907d0c22cbfe6f4a75a41e5a16cffe199fb50105664"}};
  const Bytes file = read_file(kShared / "powersOfTau28_hez_final_08.ptau");
  for (const auto& [k, hash] : expected) {
    const Srs srs = read_ptau(file, k).value_or_throw();
    EXPECT_EQ(to_hex(sha256(srs.write(SerdeFormat::raw))), hash) << k;
  }
  const PtauInfo info = read_ptau_info(file).value_or_throw();
  EXPECT_EQ(info.power, 8u);
  EXPECT_EQ(info.contributions, 55u);  // 54 and the beacon
  EXPECT_TRUE(info.beacon);
  EXPECT_EQ(read_ptau(file, 9).error().code(), ErrorCode::srs);
}

TEST_F(RealSrs, PtauWithoutPointsIsNoSrs) {
  const Bytes file = read_file(kShared / "pot28_0086_nopoints.ptau");
  EXPECT_EQ(read_ptau_info(file).value_or_throw().contributions, 67u);
  EXPECT_FALSE(read_ptau(file).ok());
}

TEST_F(RealSrs, Ppot0071) {
  const Bytes file = read_file(kShared / "ppot_0071_k1.srs");
  const Srs srs = Srs::read(file, SerdeFormat::raw).value_or_throw();
  EXPECT_EQ(srs.k, 1u);
  EXPECT_EQ(srs.write(SerdeFormat::raw), file);
}

TEST_F(RealSrs, ChangedAndCutPtauFilesAreRefused) {
  const Bytes file = read_file(kShared / "powersOfTau28_hez_final_08.ptau");
  SeededRng rng(11);
  for (int i = 0; i < 200; ++i) {
    EXPECT_FALSE(read_ptau(ByteSpan(file).first(rng.below(file.size())), 2).ok());
  }
  // The header, the section table and the powers that are read; other sections are not part of the SRS.
  const std::size_t first_power = 12 + 12 + 44 + 12;
  for (std::size_t i = 0; i < first_power + 64 * 4; ++i) {
    Bytes changed = file;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1u << rng.below(8)));
    const auto read = read_ptau(changed, 2);
    if (i >= 64 && i < 68) continue;  // ceremony power: only checked to be at least the power
    EXPECT_FALSE(read.ok()) << "byte " << i;
  }
}

}  // namespace
}  // namespace ll::halo2
