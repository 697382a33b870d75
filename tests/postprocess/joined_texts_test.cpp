// Texts that a bridge joins come back as the lines that were drawn.
#include <gtest/gtest.h>

#include "postprocess/rectangle.h"

namespace ocrdet {
namespace {

using test::emptyMap;
using test::render;
using test::sameSize;

PostprocessOptions boxesFrom(double box_threshold) {
  PostprocessOptions options;
  options.pixel_threshold = 0.35F;
  options.box_threshold = box_threshold;
  return options;
}

void expectLine(const FoundText& text, const test::Rectangle& rectangle) {
  const Polygon expected = cornersOf(rectangle);
  for (std::size_t corner = 0; corner < 4; ++corner) {
    EXPECT_NEAR(text.points[corner].x, expected[corner].x, 1e-3) << corner;
    EXPECT_NEAR(text.points[corner].y, expected[corner].y, 1e-3) << corner;
  }
}

// Two lines, and a faint bridge between their ends as in a typewritten column of figures.
test::OwnedMap bridgedLines(const test::Rectangle& upper, const test::Rectangle& lower) {
  test::OwnedMap map = emptyMap(160, 400);
  render(map, {upper.x + upper.width / 2 - 3, (upper.y + lower.y) / 2, 6, lower.y - upper.y, 0}, 0.45F);
  render(map, upper, 0.9F);
  render(map, lower, 0.9F);
  return map;
}

TEST(JoinedTexts, AreTakenApartWhereABridgeJoinsThem) {
  const test::Rectangle upper{150, 40, 200, 10, 0}, lower{230, 110, 40, 10, 0};
  const test::OwnedMap map = bridgedLines(upper, lower);
  PostprocessOptions options = boxesFrom(0.45);
  const PostprocessResult result = findText(map.view(), sameSize(map), options);
  ASSERT_EQ(result.found.size(), 2U);
  EXPECT_EQ(result.counts.candidates, 1);
  EXPECT_EQ(result.counts.below_box_threshold, 0);
  expectLine(result.found[0], grown(upper, options.unclip_ratio));
  expectLine(result.found[1], grown(lower, options.unclip_ratio));
  for (const FoundText& text : result.found) EXPECT_NEAR(text.score, 0.9, 1e-6);
  options.method = PostprocessMethod::kOriginal;
  EXPECT_TRUE(findText(map.view(), sameSize(map), options).found.empty()) << "the original is expected to lose both";
}

TEST(JoinedTexts, StayTogetherWhereBentShapesOrCertainBoxesAreWanted) {
  const test::OwnedMap map = bridgedLines({150, 40, 200, 10, 0}, {230, 110, 40, 10, 0});
  EXPECT_TRUE(findText(map.view(), sameSize(map), boxesFrom(0.55)).found.empty());
  PostprocessOptions options = boxesFrom(0.45);
  options.score = ScoreRegion::kContour;
  EXPECT_EQ(findText(map.view(), sameSize(map), options).found.size(), 1U);
  options.score = ScoreRegion::kShape;
  options.polygons = true;
  EXPECT_EQ(findText(map.view(), sameSize(map), options).found.size(), 1U);
}

TEST(JoinedTexts, InsideAWeakFrameAreFoundOnce) {
  test::OwnedMap map = emptyMap(160, 400);
  render(map, {200, 80, 300, 100, 0}, 0.4F);
  render(map, {200, 80, 296, 96, 0}, 0.0F);
  for (const double y : {50.0, 80.0, 110.0}) render(map, {200, y, 280, 20, 0}, 0.66F);  // most of the frame
  const PostprocessResult result = findText(map.view(), sameSize(map), boxesFrom(0.5));
  EXPECT_EQ(result.counts.candidates, 4);
  EXPECT_EQ(result.counts.below_box_threshold, 1);
  EXPECT_EQ(result.found.size(), 3U);
}

TEST(JoinedTexts, AreNotTheStrongSpotsOfAWeakCandidate) {
  test::OwnedMap map = emptyMap(160, 400);
  render(map, {200, 80, 300, 40, 0}, 0.4F);
  for (int i = 0; i < 5; ++i) render(map, {100.0 + 50 * i, 80, 12, 12, 0}, 0.9F);
  const PostprocessResult result = findText(map.view(), sameSize(map), boxesFrom(0.5));
  EXPECT_TRUE(result.found.empty());
  EXPECT_EQ(result.counts.below_box_threshold, 1);
}

// Two lines of large letters; the gaps between the letters are fainter than the bridges from line to line.
TEST(JoinedTexts, OfLettersComeBackAsLines) {
  test::OwnedMap map = emptyMap(120, 400);
  const test::Rectangle upper{200, 30, 296, 14, 0}, lower{200, 70, 336, 16, 0};
  for (const test::Rectangle& line : {upper, lower}) {
    render(map, line, 0.55F);
    for (double x = line.x - line.width / 2 + 8; x < line.x + line.width / 2; x += 20)
      render(map, {x, line.y, 16, line.height, 0}, 0.9F);
  }
  for (const double x : {58.0, 198.0, 338.0}) render(map, {x, 49.5, 4, 24, 0}, 0.7F);
  const PostprocessOptions options = boxesFrom(0.5);
  const PostprocessResult result = findText(map.view(), sameSize(map), options);
  ASSERT_EQ(result.counts.candidates, 1);
  ASSERT_EQ(result.found.size(), 2U);
  expectLine(result.found[0], grown(upper, options.unclip_ratio));
  expectLine(result.found[1], grown(lower, options.unclip_ratio));
}

// Frames around frames are as many candidates, each nearly as large as the map. They come before what lies above them.
TEST(JoinedTexts, AreNotLookedForWithoutEnd) {
  const auto found = [](int frames) {
    test::OwnedMap map = emptyMap(800, 900);
    for (int i = 0; i < frames; ++i) {
      render(map, {450, 440, 880 - 12.0 * i, 680 - 12.0 * i, 0}, 0.6F);
      render(map, {450, 440, 872 - 12.0 * i, 672 - 12.0 * i, 0}, 0.0F);
    }
    render(map, {350, 45, 6, 60, 0}, 0.45F);
    render(map, {400, 20, 106, 10, 0}, 0.9F);
    render(map, {370, 70, 46, 10, 0}, 0.9F);
    return findText(map.view(), sameSize(map), boxesFrom(0.45)).found.size();
  };
  EXPECT_EQ(found(1), 2U);
  EXPECT_EQ(found(40), 0U);
}

}  // namespace
}  // namespace ocrdet
