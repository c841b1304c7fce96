#include "algebra/encoding.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "algebra/ntt.hpp"
#include "algebra/test_support.hpp"
#include "base/bytes.hpp"
#include "base/files.hpp"

namespace ll::algebra {
namespace {

class Encodings : public ::testing::TestWithParam<PointFlags> {};
INSTANTIATE_TEST_SUITE_P(BothFlags, Encodings, ::testing::Values(PointFlags::old_flags, PointFlags::new_flags));

std::vector<G1Affine> g1_samples() {
  SeededRng rng(kSeed);
  const G1Affine g = G1Affine::generator();
  return {G1Affine::identity(), g, -g, random_g1(rng).to_affine(), random_g1(rng).to_affine()};
}

std::vector<G2Affine> g2_samples() {
  SeededRng rng(kSeed);
  const G2Affine g = G2Affine::generator();
  return {G2Affine::identity(), g, -g, random_g2(rng).to_affine()};
}

TEST_P(Encodings, RoundTrip) {
  for (const G1Affine& point : g1_samples()) {
    EXPECT_EQ(decompress(compress(point, GetParam()), GetParam()), point);
    EXPECT_EQ(g1_from_raw_bytes(to_raw_bytes(point)), point);
  }
  for (const G2Affine& point : g2_samples()) {
    EXPECT_EQ(decompress_g2(compress(point, GetParam()), GetParam()), point);
    EXPECT_EQ(g2_from_raw_bytes(to_raw_bytes(point)), point);
  }
}

TEST(Encoding, TheNegatedGeneratorAndTheIdentityAsInHalo2) {
  const G1Affine minus_g = -G1Affine::generator();
  EXPECT_EQ(to_hex(compress(minus_g, PointFlags::old_flags)), "01" + std::string(60, '0') + "40");
  EXPECT_EQ(to_hex(compress(minus_g, PointFlags::new_flags)), "01" + std::string(60, '0') + "80");
  EXPECT_EQ(to_hex(compress(G1Affine::identity(), PointFlags::old_flags)), std::string(62, '0') + "80");
  EXPECT_EQ(to_hex(compress(G1Affine::identity(), PointFlags::new_flags)), std::string(62, '0') + "40");
  EXPECT_EQ(to_hex(compress(G2Affine::identity(), PointFlags::old_flags)), std::string(126, '0') + "80");
  EXPECT_EQ(to_hex(to_raw_bytes(G1Affine::identity())), std::string(128, '0'));
}

// What a strict decoder accepts, it would write again: so no two byte strings decode to one point.
TEST_P(Encodings, EachChangedBitIsRefusedOrAnotherPoint) {
  for (const G1Affine& point : g1_samples()) {
    const auto good = compress(point, GetParam());
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
      auto bytes = good;
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
      const auto decoded = decompress(bytes, GetParam());
      if (!decoded) continue;
      EXPECT_TRUE(decoded->is_on_curve());
      EXPECT_FALSE(*decoded == point) << bit;
      EXPECT_EQ(compress(*decoded, GetParam()), bytes) << bit;
    }
    const auto raw = to_raw_bytes(point);
    for (std::size_t bit = 0; bit < 8 * raw.size(); ++bit) {
      auto bytes = raw;
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
      EXPECT_EQ(g1_from_raw_bytes(bytes), std::nullopt) << bit;
    }
  }
}

TEST_P(Encodings, EachChangedBitOfG2IsRefusedOrAnotherPoint) {
  const auto good = compress(g2_samples()[3], GetParam());
  std::size_t accepted = 0;
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    auto bytes = good;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    const auto decoded = decompress_g2(bytes, GetParam());
    if (!decoded) continue;
    ++accepted;
    EXPECT_EQ(compress(*decoded, GetParam()), bytes) << bit;
  }
  EXPECT_EQ(accepted, 1u);  // the sign flag: all other changes leave the curve or its small subgroup
  const auto raw = to_raw_bytes(g2_samples()[3]);
  for (std::size_t bit = 0; bit < 8 * raw.size(); ++bit) {
    auto bytes = raw;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_EQ(g2_from_raw_bytes(bytes), std::nullopt) << bit;
  }
}

TEST_P(Encodings, NonCanonicalCoordinatesAreRefused) {
  // x = 1 is a point, so x = q + 1 would be a second encoding of it
  Limbs limbs = Fq::kModulus;
  EXPECT_EQ(decompress(store_limbs(limbs), GetParam()), std::nullopt);  // q: would be x = 0
  limbs[0] += 1;
  EXPECT_EQ(decompress(store_limbs(limbs), GetParam()), std::nullopt);
  std::array<std::uint8_t, 64> g2{};
  std::ranges::copy(store_limbs(limbs), g2.begin());
  EXPECT_EQ(decompress_g2(g2, GetParam()), std::nullopt);
  // in raw form: y + q
  auto raw = to_raw_bytes(G1Affine::generator());
  const Limbs y = load_limbs(std::span(raw).last<32>());
  std::uint64_t carry = 0;
  for (int i = 0; i < 4; ++i) limbs[i] = add_carry(y[i], Fq::kModulus[i], carry);
  std::ranges::copy(store_limbs(limbs), raw.begin() + 32);
  EXPECT_EQ(g1_from_raw_bytes(raw), std::nullopt);
}

TEST_P(Encodings, BothSidesOfTheModulus) {
  // The x of these four differ from q by -2, -1, 0, 1; which of the first two are points is up to the curve.
  for (const int offset : {-2, -1, 0, 1}) {
    Limbs limbs = Fq::kModulus;
    limbs[0] += static_cast<std::uint64_t>(static_cast<std::int64_t>(offset));
    const auto decoded = decompress(store_limbs(limbs), GetParam());
    const Fq x = Fq::from_i64(offset);
    const bool is_x_of_a_point = (x.square() * x + Fq::from_u64(3)).sqrt_vartime().has_value();
    EXPECT_EQ(decoded.has_value(), offset < 0 && is_x_of_a_point) << offset;
  }
}

TEST_P(Encodings, FlagsThatCompressWouldNotWriteAreRefused) {
  std::array<std::uint8_t, 32> zeros{};
  EXPECT_EQ(decompress(zeros, GetParam()), std::nullopt);  // x = 0 is no point, and the identity has its flag
  zeros[31] = 0xc0;
  EXPECT_EQ(decompress(zeros, GetParam()), std::nullopt);
  zeros[31] = GetParam() == PointFlags::old_flags ? 0x40 : 0x80;  // a sign without a point
  EXPECT_EQ(decompress(zeros, GetParam()), std::nullopt);
  auto g = compress(G1Affine::generator(), GetParam());
  g[31] = GetParam() == PointFlags::old_flags ? 0x80 : 0x40;  // the identity flag beside an x
  EXPECT_EQ(decompress(g, GetParam()), std::nullopt);
  std::array<std::uint8_t, 64> g2{};
  EXPECT_EQ(decompress_g2(g2, GetParam()), std::nullopt);
  g2[63] = 0xc0;
  EXPECT_EQ(decompress_g2(g2, GetParam()), std::nullopt);
  g2[63] = GetParam() == PointFlags::old_flags ? 0x80 : 0x40;
  EXPECT_EQ(decompress_g2(g2, GetParam()), G2Affine::identity());
  g2[31] = g2[63];  // flags belong into the last byte only
  EXPECT_EQ(decompress_g2(g2, GetParam()), std::nullopt);
}

TEST_P(Encodings, PointsOutsideTheSubgroupAreRefused) {
  for (std::uint64_t i = 1;; ++i) {
    const Fq2 x{Fq::from_u64(i), Fq()};
    const auto y = (x.square() * x + G2Curve::b()).sqrt_vartime();
    if (!y) continue;
    const G2Affine outside{x, *y};
    ASSERT_FALSE(outside.is_in_subgroup());
    EXPECT_EQ(decompress_g2(compress(outside, GetParam()), GetParam()), std::nullopt);
    EXPECT_EQ(g2_from_raw_bytes(to_raw_bytes(outside)), std::nullopt);
    break;
  }
}

/// Files that the Rust halo2_proofs 0.3.0 wrote for k = 5 from a known secret (old flags).
class RustSrs : public ::testing::Test {
 protected:
  static constexpr std::size_t kPoints = 32;

  void SetUp() override {
    folder_ = std::filesystem::path(LL_SOURCE_DIR) / "tests/vectors/halo2/v030/A";
    const auto secret = from_hex(read_text(folder_ / "s.txt"));
    ASSERT_TRUE(secret && secret->size() == 32);
    s_ = Fr::from_bytes_le(std::span(*secret).first<32>()).value();
  }

  void check(const std::vector<G1Affine>& g, const std::vector<G1Affine>& lagrange, const G2Affine& g2,
             const G2Affine& s_g2) const {
    Fr power = Fr::one();
    for (std::size_t i = 0; i < kPoints; ++i, power *= s_) {
      EXPECT_EQ(g[i], (G1::generator() * power).to_affine()) << i;
    }
    EXPECT_EQ(to_lagrange_bases(g), lagrange);
    EXPECT_EQ(g2, G2Affine::generator());
    EXPECT_EQ(s_g2, (G2::generator() * s_).to_affine());
  }

  std::filesystem::path folder_;
  Fr s_;
};

TEST_F(RustSrs, RawPointsArePowersOfTheSecret) {
  const Bytes file = read_file(folder_ / "srs.raw");
  ASSERT_EQ(file.size(), 4 + 128 * kPoints + 256);
  const std::span<const std::uint8_t> bytes(file);
  std::vector<G1Affine> points[2];
  for (std::size_t i = 0; i < 2 * kPoints; ++i) {
    const auto encoded = bytes.subspan(4 + 64 * i).first<64>();
    points[i / kPoints].push_back(g1_from_raw_bytes(encoded).value());
    EXPECT_TRUE(std::ranges::equal(to_raw_bytes(points[i / kPoints].back()), encoded));
  }
  const auto g2 = bytes.subspan(4 + 128 * kPoints);
  check(points[0], points[1], g2_from_raw_bytes(g2.first<128>()).value(), g2_from_raw_bytes(g2.last<128>()).value());
}

TEST_F(RustSrs, CompressedPointsArePowersOfTheSecret) {
  const Bytes file = read_file(folder_ / "srs.processed");
  ASSERT_EQ(file.size(), 4 + 64 * kPoints + 128);
  const std::span<const std::uint8_t> bytes(file);
  std::vector<G1Affine> points[2];
  for (std::size_t i = 0; i < 2 * kPoints; ++i) {
    const auto encoded = bytes.subspan(4 + 32 * i).first<32>();
    points[i / kPoints].push_back(decompress(encoded, PointFlags::old_flags).value());
    EXPECT_TRUE(std::ranges::equal(compress(points[i / kPoints].back(), PointFlags::old_flags), encoded));
  }
  const auto g2 = bytes.subspan(4 + 64 * kPoints);
  check(points[0], points[1], decompress_g2(g2.first<64>(), PointFlags::old_flags).value(),
        decompress_g2(g2.last<64>(), PointFlags::old_flags).value());
}

}  // namespace
}  // namespace ll::algebra
