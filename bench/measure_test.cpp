#include "bench/measure.hpp"

#include <gtest/gtest.h>

namespace ll::bench {
namespace {

TEST(Samples, GiveTheMiddleOneAndHowFarTheyAreApart) {
  Samples samples;
  for (const double value : {5.0, 1.0, 4.0}) samples.add(value);
  EXPECT_EQ(samples.median(), 4.0);
  EXPECT_EQ(samples.spread(), 1.0);
  samples.add(2.0);
  EXPECT_EQ(samples.median(), 3.0);
  EXPECT_THROW((void)Samples().median(), Error);
}

TEST(Alternate, TakesTurns) {
  cli::Session session(cli::GlobalOptions{});
  std::string order;
  alternate(3, session, [&] { order += 'o'; }, [&] { order += 'p'; });
  EXPECT_EQ(order, "opopop");
  alternate(2, session, [&] { order += 'o'; }, {});
  EXPECT_EQ(order, "opopopoo");
}

}  // namespace
}  // namespace ll::bench
