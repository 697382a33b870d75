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

TEST(Copying, AloneIgnoresText) {
  for (const TruthLine& line : worn({.blur = 0.8, .noise = 3, .jpeg_quality = 80}, 1).truth) EXPECT_FALSE(line.ignored);
}

}  // namespace
}  // namespace ocrdet::synth
