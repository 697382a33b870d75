// What the kinds of pictures share: colours that show, corners that turn.
#include "synth/draft.h"

#include <gmock/gmock.h>

#include <numbers>

namespace ocrdet::synth {
namespace {

TEST(HardlyShows, MeasuresInkAgainstItsOwnPaper) {
  const Colour pale{0.5, 0.5, 0.5, 0.3};
  EXPECT_FALSE(hardlyShows(pale, {1, 1, 1, 1}));
  EXPECT_TRUE(hardlyShows(pale, {0.8, 0.8, 0.75, 1}));
  EXPECT_FALSE(hardlyShows({1, 1, 1, 0.3}, {0.2, 0.2, 0.2, 1}));  // light on dark
}

TEST(Turned, RunsClockwiseAroundTheCentre) {
  const auto corners = turned(kUnitSquare, std::numbers::pi / 2, {10, 20});
  const Point expected[] = {{10.5, 19.5}, {10.5, 20.5}, {9.5, 20.5}, {9.5, 19.5}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(corners[i].x, expected[i].x, 1e-9) << i;
    EXPECT_NEAR(corners[i].y, expected[i].y, 1e-9) << i;
  }
}

}  // namespace
}  // namespace ocrdet::synth
