#include "algebra/field.hpp"

#include <cstdlib>
#include <new>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "algebra/fq.hpp"
#include "algebra/fr.hpp"
#include "algebra/test_support.hpp"
#include "base/error.hpp"

namespace {

/// Memory whose release is looked at, and what was in it then.
void* watched = nullptr;
std::size_t watched_bytes = 0;
bool watched_was_zero = false;

void release(void* memory) noexcept {
  if (memory != nullptr && memory == watched) {
    const auto* bytes = static_cast<const volatile unsigned char*>(memory);
    watched_was_zero = true;
    for (std::size_t i = 0; i < watched_bytes; ++i) watched_was_zero = watched_was_zero && bytes[i] == 0;
    watched = nullptr;
  }
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t bytes) {
  if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  const auto line = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(line, (bytes + line) / line * line)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }

namespace ll::algebra {
namespace {

template <class Field>
class FieldLaws : public ::testing::Test {};
using Fields = ::testing::Types<Fq, Fr>;
TYPED_TEST_SUITE(FieldLaws, Fields);

TYPED_TEST(FieldLaws, ARing) {
  using F = TypeParam;
  const auto samples = edge_and_random<F>(kSeed);
  const F c = samples.back();
  for (const F& a : samples) {
    EXPECT_EQ(a + F(), a);
    EXPECT_EQ(a * F::one(), a);
    EXPECT_EQ(a * F(), F());
    EXPECT_EQ(a + -a, F());
    EXPECT_EQ(a.doubled(), a + a);
    EXPECT_EQ(a.square(), a * a);
    for (const F& b : samples) {
      EXPECT_EQ(a + b, b + a);
      EXPECT_EQ(a * b, b * a);
      EXPECT_EQ(a - b, -(b - a));
      EXPECT_EQ((a - b) + b, a);
      EXPECT_EQ((a + b) * c, a * c + b * c);
      EXPECT_EQ((a * b) * c, a * (b * c));
      EXPECT_EQ((a + b) + c, a + (b + c));
    }
  }
}

TYPED_TEST(FieldLaws, InverseUndoesMultiplication) {
  using F = TypeParam;
  for (const F& a : edge_and_random<F>(kSeed)) {
    SCOPED_TRACE(a.to_hex());
    if (a == F{}) {
      EXPECT_EQ(a.inverse(), std::nullopt);
    } else {
      EXPECT_EQ(a * a.inverse().value(), F::one());
    }
  }
}

TYPED_TEST(FieldLaws, InverseEqualsFermats) {
  using F = TypeParam;
  Limbs exponent = F::kModulus;  // p - 2; p is odd and above 2
  exponent[0] -= 2;
  std::vector<F> samples = edge_and_random<F>(kSeed, 300);
  for (std::uint64_t i = 0; i < 254; ++i) {  // Montgomery limbs with a single bit, or all bits below one
    Limbs limbs{};
    limbs[i / 64] = std::uint64_t{1} << (i % 64);
    samples.push_back(F::from_montgomery_bytes(store_limbs(limbs)).value_or(F::one()));
    samples.push_back(samples.back() - F::from_montgomery_bytes(store_limbs({1, 0, 0, 0})).value());
  }
  for (const F& a : samples) {
    if (a.is_zero()) continue;
    EXPECT_EQ(a.inverse(), a.pow_vartime(exponent)) << a.to_hex();
  }
}

TYPED_TEST(FieldLaws, BatchInverseKeepsZerosAndAgrees) {
  using F = TypeParam;
  for (const std::size_t count : {0, 1, 2, 5000}) {
    std::vector<F> values = edge_and_random<F>(kSeed, count);
    values.resize(count);
    if (count > 2) values[2] = F();
    std::vector<F> inverses = values;
    batch_inverse_vartime(std::span<F>(inverses));
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(inverses[i], values[i].inverse().value_or(F()));
  }
}

TYPED_TEST(FieldLaws, PowersAddTheirExponents) {
  using F = TypeParam;
  for (const F& a : edge_and_random<F>(kSeed, 4)) {
    F power = F::one();
    for (std::uint64_t e = 0; e < 40; ++e, power *= a) EXPECT_EQ(a.pow_vartime(e), power);
    EXPECT_EQ(a.pow_vartime(UINT64_MAX) * a, a.pow_vartime(std::array<std::uint64_t, 2>{0, 1}));
    EXPECT_EQ(a.pow_vartime(F::kModulus), a);  // Fermat
    EXPECT_EQ(a.pow_vartime((std::uint64_t{1} << 17) + 3), a.pow_vartime(std::uint64_t{1} << 17) * a.pow_vartime(3));
  }
}

TYPED_TEST(FieldLaws, IntegersKeepTheirSums) {
  using F = TypeParam;
  EXPECT_EQ(F::from_u64(1), F::one());
  EXPECT_EQ(F::from_i64(-1), -F::one());
  EXPECT_EQ(F::from_i64(INT64_MIN), -F::from_u64(std::uint64_t{1} << 63));
  EXPECT_EQ(F::from_i64(INT64_MAX), F::from_u64(INT64_MAX));
  EXPECT_EQ(F::from_u128(u128{5} << 64 | 9), F::from_u64(5) * F::from_u64(2).pow_vartime(64) + F::from_u64(9));
  EXPECT_EQ(F::from_u64(77).canonical_limbs(), (Limbs{77, 0, 0, 0}));
}

TYPED_TEST(FieldLaws, EncodingsReturnAndRefuseTheModulus) {
  using F = TypeParam;
  for (const F& a : edge_and_random<F>(kSeed)) {
    EXPECT_EQ(F::from_bytes_le(a.to_bytes_le()), a);
    EXPECT_EQ(F::from_montgomery_bytes(a.to_montgomery_bytes()), a);
    EXPECT_EQ(F::from_canonical_limbs(a.canonical_limbs()), a);
    EXPECT_EQ(F::from_hex(a.to_hex()), a);
  }
  const auto modulus = store_limbs(F::kModulus);
  EXPECT_EQ(F::from_bytes_le(modulus), std::nullopt);
  EXPECT_EQ(F::from_montgomery_bytes(modulus), std::nullopt);
  EXPECT_EQ(F::from_canonical_limbs(F::kModulus), std::nullopt);
  auto below = modulus;
  below[0] -= 1;  // the modulus is odd
  EXPECT_EQ(F::from_bytes_le(below), -F::one());
  EXPECT_TRUE(F::from_montgomery_bytes(below).has_value());
  std::array<std::uint8_t, 32> ones;
  ones.fill(0xff);
  EXPECT_EQ(F::from_bytes_le(ones), std::nullopt);
  EXPECT_EQ(F::from_montgomery_bytes(ones), std::nullopt);
}

TYPED_TEST(FieldLaws, MontgomeryBytesAreTheValueTimesR) {
  using F = TypeParam;
  const F r = F::from_u64(2).pow_vartime(256);
  for (const F& a : edge_and_random<F>(kSeed)) EXPECT_EQ(a.to_montgomery_bytes(), (a * r).to_bytes_le());
}

TYPED_TEST(FieldLaws, HexRefusesOtherForms) {
  using F = TypeParam;
  const std::string good = F::from_u64(0xab).to_hex();
  EXPECT_EQ(good, "0x" + std::string(62, '0') + "ab");
  std::string upper = good;
  upper[65] = 'B';
  for (const std::string& bad :
       {std::string(), good.substr(2), good + "0", good.substr(0, 65), upper, "0X" + good.substr(2),
        "0x" + std::string(64, 'f'), "0x" + std::string(63, '0') + "g"}) {
    EXPECT_EQ(F::from_hex(bad), std::nullopt) << bad;
  }
}

TYPED_TEST(FieldLaws, CanonicalOrderIsThatOfIntegers) {
  using F = TypeParam;
  EXPECT_TRUE(canonical_less(F(), F::one()));
  EXPECT_TRUE(canonical_less(F::from_u64(5), -F::one()));
  EXPECT_FALSE(canonical_less(-F::one(), F::from_u64(5)));
  EXPECT_FALSE(canonical_less(F::one(), F::one()));
}

TYPED_TEST(FieldLaws, WideReductionIsLinearInItsHalves) {
  using F = TypeParam;
  std::array<std::uint8_t, 64> bytes;
  bytes.fill(0xff);
  EXPECT_EQ(F::from_uniform_bytes(bytes), F::from_u64(2).pow_vartime(512) - F::one());
  bytes.fill(0);
  bytes[63] = 0x80;
  EXPECT_EQ(F::from_uniform_bytes(bytes), F::from_u64(2).pow_vartime(511));
}

TEST(Fr, WideReductionMatchesHalo2) {  // vector of the halo2curves crate: bytes 00, 01, ..., 3f
  std::array<std::uint8_t, 64> bytes;
  for (int i = 0; i < 64; ++i) bytes[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(Fr::from_uniform_bytes(bytes).to_hex(),
            "0x1a8f6c248f57427c110943e3c50c4f366ad1a139c06200d86d416d622eef20f4");
}

TEST(Fr, ConstantsFollowFromTheGenerator) {
  Limbs t = Fr::kModulus;  // r - 1 = 2^28·t
  t[0] -= 1;
  for (int i = 0; i < 28; ++i) {
    for (int j = 0; j < 4; ++j) t[j] = t[j] >> 1 | (j < 3 ? t[j + 1] << 63 : 0);
  }
  ASSERT_EQ(t[0] & 1, 1u);
  const Fr generator = fr_multiplicative_generator();
  EXPECT_EQ(generator, Fr::from_u64(7));
  EXPECT_EQ(fr_root_of_unity(), generator.pow_vartime(t));
  EXPECT_EQ(fr_delta(), generator.pow_vartime(std::uint64_t{1} << 28));
  EXPECT_EQ(fr_zeta().square() + fr_zeta() + Fr::one(), Fr());
  EXPECT_EQ(fr_root_of_unity().pow_vartime(std::uint64_t{1} << 27), -Fr::one());
  EXPECT_EQ(fr_root_of_unity().inverse()->to_hex(),
            "0x048127174daabc261bbe587180f34361b22625f59115aba70ed3e50a414e6dba");
  EXPECT_EQ(Fr::from_u64(2).inverse()->to_hex(), "0x183227397098d014dc2822db40c0ac2e9419f4243cdcb848a1f0fac9f8000001");
}

TEST(Fr, RootsOfUnityHaveTheirOrder) {
  EXPECT_EQ(fr_root_of_unity_of_order_log2(0), Fr::one());
  EXPECT_EQ(fr_root_of_unity_of_order_log2(1), -Fr::one());
  EXPECT_EQ(fr_root_of_unity_of_order_log2(28), fr_root_of_unity());
  EXPECT_EQ(fr_root_of_unity_of_order_log2(10).pow_vartime(512), -Fr::one());
  EXPECT_THROW(fr_root_of_unity_of_order_log2(29), Error);
}

TEST(Fq, SquareRootsSquareBackAndHalfHaveOne) {
  std::size_t squares = 0, others = 0;
  for (const Fq& a : edge_and_random<Fq>(kSeed, 100)) {
    const auto root = a.square().sqrt_vartime();
    ASSERT_TRUE(root.has_value());
    EXPECT_TRUE(*root == a || *root == -a);
    (a.sqrt_vartime() ? squares : others) += 1;
  }
  EXPECT_EQ((-Fq::one()).sqrt_vartime(), std::nullopt);  // q = 3 mod 4
  EXPECT_GT(squares, 40u);
  EXPECT_GT(others, 40u);
}

template <class Field>
bool vector_is_wiped() {
  {
    std::vector<Field> secrets(8, Field::from_i64(-3));
    watched = secrets.data();
    watched_bytes = secrets.size() * sizeof(Field);
  }
  EXPECT_EQ(watched, nullptr);
  return watched_was_zero;
}

TEST(ScalarVectors, AreWipedWhenReleased) {
  EXPECT_TRUE(vector_is_wiped<Fr>());
  EXPECT_FALSE(vector_is_wiped<Fq>());  // coordinates of points are public; and the test can fail
}

}  // namespace
}  // namespace ll::algebra
