#include "base/u128.hpp"

#include <gtest/gtest.h>

namespace ll {
namespace {

TEST(U128, RoundTripsAtTheEdges) {
  for (const char* text :
       {"0", "1", "18446744073709551615", "18446744073709551616", "340282366920938463463374607431768211455"}) {
    EXPECT_EQ(to_string(parse_u128(text).value()), text);
  }
  EXPECT_EQ(parse_u128("340282366920938463463374607431768211455"), kU128Max);
}

TEST(U128, RefusesWhatIsNoDecimal) {
  for (const char* text : {"", "-1", "+1", "1.0", "1e3", " 1", "0x1", "340282366920938463463374607431768211456"}) {
    EXPECT_EQ(parse_u128(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace ll
