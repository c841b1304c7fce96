#include "halo2/layout_svg.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "halo2/test_circuits.hpp"

namespace ll::halo2 {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// Circuit A, with regions of names that XML must not see as they are.
class ManyRegions : public testing::CircuitA {
 public:
  void synthesize(Layouter& layouter) const override {
    CircuitA::synthesize(layouter);
    for (int i = 0; i < 40; ++i) {
      layouter.assign_region("step <" + std::to_string(i),
                             [&](Region& region) { region.enable_selector({0, true}, 1); });
    }
  }
};

TEST(LayoutSvg, ShowsColumnsRegionsAndBlindingRows) {
  testing::CircuitA circuit;
  const CircuitRecord record = record_circuit(circuit, 5);
  const std::string svg = layout_svg(record, {.title = "Circuit A", .first_row = 0, .end_row = {}});
  for (const char* part : {"Circuit A", "k = 5: 32 rows, 25 usable, 16 used", ">advice<", ">fixed<", ">instance<",
                           ">selector<", "all <tspan", "rows 0 to 7", "range <tspan", "rows 25 to 31: blinding",
                           "selector on", "public input", "not assigned, inside a region"}) {
    EXPECT_THAT(svg, HasSubstr(part));
  }
  EXPECT_EQ(count_of(svg, "<text"), count_of(svg, "</text>"));
  EXPECT_EQ(count_of(svg, "stroke-width=\"1.2\"/>"), 3u + 1u);  // "all": advice, selectors; the table; the legend
}

TEST(LayoutSvg, NeighboursWithoutRoomShareALabel) {
  ManyRegions circuit;
  const std::string svg = layout_svg(record_circuit(circuit, 11), {.title = "many", .first_row = 0, .end_row = {}});
  EXPECT_THAT(svg, HasSubstr("step &lt;0 to 39 <tspan"));
  EXPECT_THAT(svg, HasSubstr("40 regions, 2 rows each"));
  EXPECT_THAT(svg, Not(HasSubstr("step <")));
}

TEST(LayoutSvg, DrawsTheRowsThatAreAskedFor) {
  ManyRegions circuit;
  const CircuitRecord record = record_circuit(circuit, 11);
  const std::string svg = layout_svg(record, {.title = "part", .first_row = 8, .end_row = 14});
  EXPECT_THAT(svg, HasSubstr("rows 8 to 13 drawn"));
  EXPECT_THAT(svg, HasSubstr("step &lt;1 <tspan"));
  EXPECT_THAT(svg, Not(HasSubstr("blinding")));
  EXPECT_THROW((void)layout_svg(record, {.title = "", .first_row = 14, .end_row = 14}), Error);
  EXPECT_THROW((void)layout_svg(record, {.title = "", .first_row = 2047, .end_row = 2048}), Error);
}

}  // namespace
}  // namespace ll::halo2
