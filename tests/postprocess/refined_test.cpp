// The refined method: drawn shapes come back where analysis says, and the originals' losses do not happen.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "postprocess/reading_order.h"
#include "postprocess/rectangle.h"

namespace ocrdet {
namespace {

using test::emptyMap;
using test::render;
using test::sameSize;

TEST(RefinedMethod, IsExactForUprightRectanglesOnWholePixels) {
  test::OwnedMap map = emptyMap(100, 200);
  render(map, {100, 50, 80, 20, 0}, 1.0F);  // centres 60…140 and 40…60
  const PostprocessResult result = findText(map.view(), sameSize(map));
  ASSERT_EQ(result.found.size(), 1U);
  const double d = 80 * 20 * 1.5 / 200;  // 12
  const Polygon expected = {{60 - d, 40 - d}, {140 + d, 40 - d}, {140 + d, 60 + d}, {60 - d, 60 + d}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(result.found[0].points[i].x, expected[i].x, 1e-3) << i;
    EXPECT_NEAR(result.found[0].points[i].y, expected[i].y, 1e-3) << i;
  }
}

// The map of a picture that was halved: centre i shows the place 2i + 0.5, and padding beyond the picture is left out.
TEST(RefinedMethod, FollowsTheResizesPixelCentresAndThePadding) {
  test::OwnedMap map = emptyMap(100, 200);
  render(map, {60, 30, 40, 10, 0}, 1.0F);
  PostprocessOptions options;
  options.unclip_ratio = 0;
  const PostprocessResult result = findText(map.view(), {160, 400, 80, 200}, options);
  ASSERT_EQ(result.found.size(), 1U);
  EXPECT_NEAR(result.found[0].points[0].x, 2 * 40 + 0.5, 1e-3);
  EXPECT_NEAR(result.found[0].points[0].y, 2 * 25 + 0.5, 1e-3);
  EXPECT_NEAR(result.found[0].points[2].x, 2 * 80 + 0.5, 1e-3);
  EXPECT_NEAR(result.found[0].points[2].y, 2 * 35 + 0.5, 1e-3);
}

TEST(RefinedMethod, KeepsTheLargestOfTooManyCandidates) {
  test::OwnedMap map = emptyMap(200, 400);
  render(map, {200, 20, 300, 10, 0}, 0.9F);  // found last by OpenCV, which begins at the bottom
  for (int i = 0; i < 30; ++i) render(map, {10.0 + 12 * i, 180, 5, 5, 0}, 0.9F);
  PostprocessOptions options;
  options.max_candidates = 10;
  const PostprocessResult ours = findText(map.view(), sameSize(map), options);
  ASSERT_FALSE(ours.found.empty());
  EXPECT_LT(ours.found[0].points[0].y, 20);
  options.method = PostprocessMethod::kOriginal;
  for (const FoundText& text : findText(map.view(), sameSize(map), options).found)
    EXPECT_GT(text.points[0].y, 100) << "the original's limit is expected to lose the long line";
}

TEST(RefinedMethod, FindsTextInsideAFrameButNotTheHole) {
  test::OwnedMap map = emptyMap(200, 300);
  render(map, {150, 100, 260, 160, 0}, 0.9F);
  render(map, {150, 100, 230, 130, 0}, 0.0F);
  render(map, {150, 100, 120, 20, 0}, 0.9F);
  PostprocessOptions options;
  options.score = ScoreRegion::kContour;
  options.box_threshold = 0;
  EXPECT_EQ(findText(map.view(), sameSize(map), options).found.size(), 2U);
}

TEST(Postprocess, CountsSayWhyThereIsNothing) {
  test::OwnedMap map = emptyMap(64, 64);
  render(map, {20, 20, 20, 10, 0}, 0.4F);
  render(map, {50, 50, 2, 2, 0}, 0.9F);
  PostprocessOptions options;
  options.box_threshold = 0.6;
  for (const auto method : {PostprocessMethod::kRefined, PostprocessMethod::kOriginal}) {
    options.method = method;
    const PostprocessCounts counts = findText(map.view(), sameSize(map), options).counts;
    EXPECT_EQ(counts.candidates, 2);
    EXPECT_EQ(counts.too_small, 1);
    EXPECT_EQ(counts.below_box_threshold, 1);
    EXPECT_NEAR(counts.best_rejected_score, 0.4, 1e-6);
  }
}

TEST(Postprocess, TakesAnyValuesAndSizes) {
  std::mt19937 random(11);
  const float odd[] = {0,
                       1,
                       0.5F,
                       -1,
                       2,
                       1e30F,
                       std::numeric_limits<float>::quiet_NaN(),
                       std::numeric_limits<float>::infinity(),
                       -std::numeric_limits<float>::infinity()};
  for (int round = 0; round < 200; ++round) {
    test::OwnedMap map = emptyMap(1 + int(random() % 40), 1 + int(random() % 40));
    for (float& value : map.values) value = odd[random() % std::size(odd)];
    for (PostprocessOptions options :
         {PostprocessOptions{}, modelScopeQuads(), modelScopePolygons(), mhLiaoPolygons()}) {
      options.polygons = options.polygons || round % 2;
      for (const FoundText& text :
           findText(map.view(), {500, 700, double(map.height), double(map.width)}, options).found)
        for (const Point& point : text.points) {
          EXPECT_TRUE(point.x >= 0 && point.x <= 700) << point.x;
          EXPECT_TRUE(point.y >= 0 && point.y <= 500) << point.y;
        }
    }
  }
}

FoundText box(double x, double y, double width, double height, double name) {
  return {{{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}}, name};
}

TEST(ReadingOrder, IsRowsFromTheTopEachFromTheLeftHoweverBoxesCome) {
  // Two rows that slope a little, one tall box beside both, a line without height.
  std::vector<FoundText> boxes = {box(10, 10, 50, 20, 1), box(80, 14, 50, 20, 2), box(150, 18, 50, 20, 3),
                                  box(10, 50, 50, 20, 4), box(80, 46, 50, 20, 5), box(10, 90, 30, 0, 6)};
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    std::shuffle(boxes.begin(), boxes.end(), random);
    std::vector<FoundText> sorted = boxes;
    sortForReading(sorted);
    std::vector<double> names;
    for (const FoundText& text : sorted) names.push_back(text.score);
    EXPECT_EQ(names, (std::vector<double>{1, 2, 3, 4, 5, 6}));
  }
}

}  // namespace
}  // namespace ocrdet
