#include "ledger/cell_value.hpp"

#include <gtest/gtest.h>

namespace ll::ledger {
namespace {

using Problem = CellValue::Problem;

CellValue base(std::string_view text, FloatPolicy floats = FloatPolicy::refuse) {
  return parse_amount(text, 0, floats, false, false);
}
CellValue ether(std::string_view text, FloatPolicy floats = FloatPolicy::refuse) {
  return parse_amount(text, 18, floats, false, true);
}

TEST(CellValue, BaseUnitsAreDigits) {
  EXPECT_EQ(base("0").value, 0u);
  EXPECT_EQ(base("0042").value, 42u);
  EXPECT_EQ(base("340282366920938463463374607431768211455").value, kU128Max);
  EXPECT_EQ(base("340282366920938463463374607431768211456").problem, Problem::too_large);
  EXPECT_EQ(base("1" + std::string(39, '0')).problem, Problem::too_large);
  for (const char* text :
       {"", "x", "1x", "x1", "0x10", " 1", "1 ", ".", "e5", "1e", "1e+", "1e5.0", "1,000", "--1", "1e99999999999"}) {
    EXPECT_EQ(base(text).problem, Problem::not_a_number) << text;
  }
  EXPECT_EQ(base("-1").problem, Problem::negative);
  EXPECT_EQ(base("-x").problem, Problem::not_a_number);
}

TEST(CellValue, FloatsAreRefusedUnlessFloat64CannotHaveChangedThem) {
  for (const char* text : {"8.1e+16", "1.0", "0.0", "1e3", "1E3"}) {
    EXPECT_EQ(base(text).problem, Problem::floating_point) << text;
  }
  EXPECT_EQ(base("8.1e+16", FloatPolicy::exact).value, u128{81} * 1'000'000'000'000'000u);
  EXPECT_EQ(base("149523943947000.0", FloatPolicy::exact).value, 149523943947000u);
  EXPECT_EQ(base("0.0", FloatPolicy::exact).value, 0u);
  EXPECT_EQ(base("1.23456789012345e+20", FloatPolicy::exact).value, u128{123456789012345} * 1'000'000u);  // 15 digits
  EXPECT_EQ(base("1.234567890123456e+20", FloatPolicy::exact).problem, Problem::inexact);                 // 16
  EXPECT_EQ(base("9007199254740992.0", FloatPolicy::exact).value, std::uint64_t{1} << 53);
  EXPECT_EQ(base("9007199254740994.0", FloatPolicy::exact).problem, Problem::inexact);
  EXPECT_EQ(base("9007199254740994.0", FloatPolicy::exact_only).problem, Problem::inexact);
  EXPECT_EQ(base("1.5", FloatPolicy::exact).problem, Problem::fraction);
  EXPECT_EQ(base("1e39", FloatPolicy::exact).problem, Problem::too_large);
  EXPECT_EQ(base("nan", FloatPolicy::exact).problem, Problem::not_a_number);
  EXPECT_EQ(base("inf", FloatPolicy::exact).problem, Problem::not_a_number);
}

TEST(CellValue, EtherWithDecimalsIsExact) {
  EXPECT_EQ(ether("0.000000000113729398").value, 113729398u);
  EXPECT_EQ(ether("3,341.201793439571483051").value, parse_u128("3341201793439571483051"));
  EXPECT_EQ(ether("1,234,567").value, u128{1'234'567} * 1'000'000'000'000'000'000u);
  EXPECT_EQ(ether("10000.0").value, u128{10'000} * 1'000'000'000'000'000'000u);
  EXPECT_EQ(ether("3.33E-16").value, 333u);  // a decimal printer's exponent
  EXPECT_EQ(ether("1.234567890123456E-2").problem, Problem::floating_point);
  EXPECT_EQ(ether("1.234567890123456E-2", FloatPolicy::exact).problem, Problem::inexact);
  EXPECT_EQ(ether("1.2345678901234567E-1").problem, Problem::floating_point);  // 17 digits: may be a float's
  EXPECT_EQ(ether("1.23456789012345678E-1").value, 123456789012345678u);       // 18: no float prints as many
  EXPECT_EQ(ether("0.0000000000000000001").problem, Problem::fraction);
  EXPECT_EQ(ether("1e-19").problem, Problem::fraction);
  for (const char* text : {"12,34", "1,2345", ",123", "1,,234", "1.2,345", "1,234,56"}) {
    EXPECT_EQ(ether(text).problem, Problem::not_a_number) << text;
  }
  EXPECT_EQ(parse_amount("1,234.5", 18, FloatPolicy::refuse, false, false).problem, Problem::not_a_number);
}

TEST(CellValue, HexOnlyWhereItIsExpected) {
  EXPECT_EQ(parse_amount("0xff", 0, FloatPolicy::refuse, true, false).value, 255u);
  EXPECT_EQ(parse_amount("0x" + std::string(40, '0') + "Ab", 0, FloatPolicy::refuse, true, false).value, 0xabu);
  EXPECT_EQ(parse_amount("0x" + std::string(32, 'f'), 0, FloatPolicy::refuse, true, false).value, kU128Max);
  EXPECT_EQ(parse_amount("0x1" + std::string(32, '0'), 0, FloatPolicy::refuse, true, false).problem,
            Problem::too_large);
  EXPECT_EQ(parse_amount("0x", 0, FloatPolicy::refuse, true, false).problem, Problem::not_a_number);
  EXPECT_EQ(parse_amount("0xg", 0, FloatPolicy::refuse, true, false).problem, Problem::not_a_number);
}

}  // namespace
}  // namespace ll::ledger
