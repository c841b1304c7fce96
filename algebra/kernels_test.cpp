#include "algebra/kernels.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace ll::algebra {
namespace {

TEST(KernelChoice, TheFastestFirstAndThePortableAlways) {
  const std::vector<std::string> names = available_kernels();
  EXPECT_THAT(names, ::testing::IsSupersetOf({"portable", "emulated-ifma"}));
  EXPECT_EQ(names.back(), "emulated-ifma");
}

TEST(KernelChoice, AnyThatTheMachineHas) {
  const std::string before(kernels_name());
  for (const std::string& name : available_kernels()) {
    use_kernels(name);
    EXPECT_EQ(kernels_name(), name);
    EXPECT_EQ(lane_kernels() == nullptr, name == "adx" || name == "portable");
  }
  use_kernels(before);
}

TEST(KernelChoice, UnknownOnesAreNamedWithThoseThereAre) {
  try {
    use_kernels("avx1024");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::AllOf(::testing::HasSubstr("LATENTLEDGER_KERNELS: \"avx1024\""),
                                               ::testing::HasSubstr("portable")));
  }
}

}  // namespace
}  // namespace ll::algebra
