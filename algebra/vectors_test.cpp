#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "algebra/glv.hpp"
#include "algebra/test_support.hpp"
#include "base/files.hpp"

// Known answers from plain Python integers: tests/vectors/bn254.json, written by tools/derive_bn254.py.
namespace ll::algebra {
namespace {

const nlohmann::json& vectors() {
  static const auto value =
      nlohmann::json::parse(read_text(std::filesystem::path(LL_SOURCE_DIR) / "tests/vectors/bn254.json"));
  return value;
}

template <class Field>
void check_rows(const nlohmann::json& rows) {
  ASSERT_GE(rows.size(), 90u);
  for (const auto& row : rows) {
    std::array<Field, 7> v;
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = Field::from_hex(row[i].get<std::string>()).value();
    const auto& [a, b, sum, difference, product, inverse, times_r] = v;
    SCOPED_TRACE(a.to_hex() + " " + b.to_hex());
    EXPECT_EQ(a + b, sum);
    EXPECT_EQ(a - b, difference);
    EXPECT_EQ(a * b, product);
    EXPECT_EQ(a.inverse().value_or(Field()), inverse);
    EXPECT_EQ(a.to_montgomery_bytes(), times_r.to_bytes_le());
  }
}

TEST(KnownAnswers, FrArithmetic) { check_rows<Fr>(vectors()["fr"]); }
TEST(KnownAnswers, FqArithmetic) { check_rows<Fq>(vectors()["fq"]); }

TEST(KnownAnswers, MultiplesOfTheGenerator) {
  for (const auto& row : vectors()["g1_multiples"]) {
    const Fr k = Fr::from_hex(row[0].get<std::string>()).value();
    const G1Affine point = (G1::generator() * k).to_affine();
    EXPECT_EQ(point.x.to_hex(), row[1].get<std::string>()) << k.to_hex();
    EXPECT_EQ(point.y.to_hex(), row[2].get<std::string>()) << k.to_hex();
  }
}

TEST(KnownAnswers, Constants) {
  const auto& constants = vectors()["constants"];
  const auto expect = [&](const char* name, const std::string& ours) {
    EXPECT_EQ(ours, constants[name].get<std::string>()) << name;
  };
  const auto plus_one = [](const auto& minus_one) {  // p = (p - 1) + 1 as hex; p ends in 1 and 7
    std::string text = minus_one.to_hex();
    ++text.back();
    return text;
  };
  expect("r", plus_one(-Fr::one()));
  expect("q", plus_one(-Fq::one()));
  expect("fr_root_of_unity", fr_root_of_unity().to_hex());
  expect("fr_delta", fr_delta().to_hex());
  expect("fr_zeta", fr_zeta().to_hex());
  expect("glv_lambda", glv_lambda().to_hex());
  expect("glv_beta", glv_beta().to_hex());
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(frobenius_coefficient(i).c0.to_hex(), constants["frobenius"][i][0].get<std::string>()) << i;
    EXPECT_EQ(frobenius_coefficient(i).c1.to_hex(), constants["frobenius"][i][1].get<std::string>()) << i;
  }
  EXPECT_EQ(G2Curve::b().c0.to_hex(), constants["g2_b"][0].get<std::string>());
  EXPECT_EQ(G2Curve::b().c1.to_hex(), constants["g2_b"][1].get<std::string>());
}

}  // namespace
}  // namespace ll::algebra
