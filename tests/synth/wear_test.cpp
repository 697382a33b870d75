// Wear: what a copying machine leaves of the truth.
#include "synth/wear.h"

#include <gmock/gmock.h>

#include <opencv2/imgproc.hpp>

namespace ocrdet::synth {
namespace {

// White, with upright strokes of a grey level on a band of twenty rows from `top` on; returns the band's truth.
TruthLine drawStrokes(Image& image, int top, int level) {
  for (int x = 100; x < 300; x += 8)
    cv::rectangle(view(image), cv::Rect(x, top, 4, 20), cv::Scalar::all(level), cv::FILLED);
  const double y = top;
  return {{{100, y}, {300, y}, {300, y + 20}, {100, y + 20}}, "text", false};
}

struct Sheet {
  Image image = makeImage(400, 400);
  std::vector<TruthLine> truth;  // dark, pale, pale and across the right edge
};

Sheet worn(const Wear& wear, std::uint64_t seed) {
  Sheet sheet;
  view(sheet.image).setTo(cv::Scalar::all(255));
  sheet.truth.push_back(drawStrokes(sheet.image, 100, 0));
  sheet.truth.push_back(drawStrokes(sheet.image, 200, 249));
  sheet.truth.push_back({{{360, 300}, {440, 300}, {440, 320}, {360, 320}}, "edge", false});
  Random random(seed);
  apply(wear, sheet.image, sheet.truth, random);
  return sheet;
}

TEST(Copying, IgnoresWhatItErases) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {  // either kind of threshold
    const Sheet sheet = worn({.jpeg_quality = 80, .copied = true}, seed);
    EXPECT_FALSE(sheet.truth[0].ignored) << seed;
    EXPECT_TRUE(sheet.truth[1].ignored) << seed;
    EXPECT_TRUE(sheet.truth[2].ignored) << seed;
  }
}

// Whatever made it so: of 249 levels on 255 nobody sees anything, and on blank paper there is nothing.
TEST(Wear, IgnoresWhatCannotBeSeen) {
  const Sheet sheet = worn({.blur = 0.8, .noise = 3, .jpeg_quality = 80}, 1);
  EXPECT_FALSE(sheet.truth[0].ignored);
  EXPECT_TRUE(sheet.truth[1].ignored);
  EXPECT_TRUE(sheet.truth[2].ignored);
}

// An erased watermark across a text that is still there.
TEST(Wear, LooksForATextWhereNoOtherLiesOverIt) {
  Sheet sheet = worn({}, 1);
  sheet.truth = {sheet.truth[0], {{{170, 20}, {230, 20}, {230, 380}, {170, 380}}, "watermark", false}};
  Random random(1);
  apply({}, sheet.image, sheet.truth, random);
  EXPECT_FALSE(sheet.truth[0].ignored);
  EXPECT_TRUE(sheet.truth[1].ignored);
}

// A gap between words is no reason, half a line in the colour of the wall is.
TEST(Wear, IgnoresLinesOfWhichHalfIsGone) {
  for (const int gone : {60, 120}) {
    Sheet sheet = worn({}, 1);
    view(sheet.image)(cv::Rect(180, 100, gone, 20)).setTo(cv::Scalar::all(255));
    Random random(1);
    apply({}, sheet.image, sheet.truth, random);
    EXPECT_EQ(sheet.truth[0].ignored, gone == 120) << gone;
  }
}

}  // namespace
}  // namespace ocrdet::synth
