// Random rotated rectangles rendered into probability maps come back as analysis says, in every mode.
//
// A w×h rectangle grows by d = w·h·ratio / (2·(w + h)) on each side. As a quadrangle it becomes a rectangle of
// (w + 2d)×(h + 2d); as an outline, with round corners, every point of it lies d away from the rectangle, and it covers
// w·h + 2·(w + h)·d + π·d². What is rendered knows its edges to half a pixel only, and the originals cut corners to
// whole pixels on the way; the tolerances are these.
#include <gtest/gtest.h>

#include <algorithm>
#include <numbers>
#include <random>

#include "postprocess/rectangle.h"

namespace ocrdet {
namespace {

using test::cornersOf;
using test::emptyMap;
using test::grown;
using test::growth;
using test::Rectangle;
using test::render;
using test::sameSize;

PostprocessOptions refined(bool polygons) {
  PostprocessOptions options;
  options.polygons = polygons;
  return options;
}

struct Mode {
  const char* name;
  PostprocessOptions options;
  double tolerance;  // pixels; outlines by ModelScope are simplified by up to a hundredth of their length
};

std::vector<Mode> modes() {
  return {{"refined quads", refined(false), 2.5},       {"refined polygons", refined(true), 1.5},
          {"ModelScope quads", modelScopeQuads(), 4.0}, {"ModelScope polygons", modelScopePolygons(), 4.0},
          {"MhLiao quads", mhLiaoQuads(), 3.5},         {"MhLiao polygons", mhLiaoPolygons(), 1.5},
          {"PaddleOCR quads", paddleOcrQuads(), 3.5}};
}

// Of the point from the rectangle; 0 inside.
double distance(const Point& point, const Rectangle& r) {
  const double c = std::cos(r.angle), s = std::sin(r.angle), dx = point.x - r.x, dy = point.y - r.y;
  return std::hypot(std::max(0.0, std::abs(dx * c + dy * s) - r.width / 2),
                    std::max(0.0, std::abs(dy * c - dx * s) - r.height / 2));
}

double shoelaceArea(const Polygon& polygon) {
  double twice = 0;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point &a = polygon[i], &b = polygon[(i + 1) % polygon.size()];
    twice += a.x * b.y - b.x * a.y;
  }
  return std::abs(twice) / 2;
}

// An outline of pixels is longer than the edge it follows, by up to 8.3 % (at 22.5 degrees), and encloses less; both
// make its growth smaller.
void expectGrownOutline(const Polygon& outline, const Rectangle& r, double ratio, double edge_tolerance) {
  const double d = growth(r, ratio), perimeter = 2 * (r.width + r.height);
  const double tolerance = edge_tolerance + d * (0.083 + 1 / r.width + 1 / r.height);
  for (const Point& point : outline) EXPECT_NEAR(distance(point, r), d, tolerance);
  const double expected = r.width * r.height + perimeter * d + std::numbers::pi * d * d;
  EXPECT_NEAR(shoelaceArea(outline), expected, (perimeter + 2 * std::numbers::pi * d) * tolerance);
}

// Each corner has one of the found ones near it.
void expectGrownRectangle(const Polygon& found, const Rectangle& r, double ratio, double tolerance) {
  ASSERT_EQ(found.size(), 4U);
  for (const Point& corner : cornersOf(grown(r, ratio))) {
    double nearest = 1e9;
    for (const Point& point : found) nearest = std::min(nearest, std::hypot(point.x - corner.x, point.y - corner.y));
    EXPECT_LE(nearest, tolerance);
  }
}

TEST(Growth, OfRandomRectanglesIsTheAnalyticOffsetInEveryMode) {
  constexpr unsigned kSeed = 20240607;
  std::mt19937 random(kSeed);
  const auto uniform = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  for (int round = 0; round < 200; ++round) {
    const Rectangle r{uniform(130, 190), uniform(130, 190), uniform(40, 120), uniform(10, 35), uniform(-1.57, 1.57)};
    const double ratio = uniform(1.0, 2.0);
    test::OwnedMap map = emptyMap(320, 320);
    render(map, r, 0.95F);
    for (Mode& mode : modes()) {
      SCOPED_TRACE(::testing::Message() << mode.name << ", seed " << kSeed << ", round " << round << ": " << r.width
                                        << "x" << r.height << " at " << r.angle << ", ratio " << ratio);
      mode.options.unclip_ratio = ratio;
      const PostprocessResult result = findText(map.view(), sameSize(map), mode.options);
      ASSERT_EQ(result.found.size(), 1U);
      // The originals' region is cut to whole pixels, and takes in some of the ground on thin rectangles.
      EXPECT_NEAR(result.found[0].score, 0.95, mode.options.method == PostprocessMethod::kRefined ? 0.06 : 0.2);
      if (mode.options.polygons) {
        expectGrownOutline(result.found[0].points, r, ratio, mode.tolerance);
      } else {
        expectGrownRectangle(result.found[0].points, r, ratio, mode.tolerance);
      }
    }
  }
}

// What training paints is the text shrunk by area · (1 − 0.4²) / perimeter. A pixel that the rendering loses on a side
// of h pixels is lost 1 + 2·d/h times, and d is up to as large as h here.
TEST(Growth, InvertsTheShrinkOfTraining) {
  constexpr unsigned kSeed = 77;
  constexpr double kShrink = 1 - 0.4 * 0.4;
  std::mt19937 random(kSeed);
  const auto uniform = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  PostprocessOptions options;
  options.growth = GrowthRule::kInvertShrink;
  options.unclip_ratio = kShrink;
  for (int round = 0; round < 200; ++round) {
    const Rectangle text{uniform(130, 190), uniform(130, 190), uniform(100, 180), uniform(60, 100),
                         uniform(-1.57, 1.57)};
    const double shrink = growth(text, kShrink);
    const Rectangle painted{text.x, text.y, text.width - 2 * shrink, text.height - 2 * shrink, text.angle};
    test::OwnedMap map = emptyMap(320, 320);
    render(map, painted, 0.95F);
    SCOPED_TRACE(::testing::Message() << "round " << round << ": " << text.width << "x" << text.height << " at "
                                      << text.angle);
    options.polygons = false;
    const PostprocessResult quads = findText(map.view(), sameSize(map), options);
    ASSERT_EQ(quads.found.size(), 1U);
    expectGrownRectangle(quads.found[0].points, text, 0, 4.5);
    // An outline with round corners has the text's sides, not its corners.
    options.polygons = true;
    const PostprocessResult outlines = findText(map.view(), sameSize(map), options);
    ASSERT_EQ(outlines.found.size(), 1U);
    for (const Point& point : outlines.found[0].points) EXPECT_LE(distance(point, text), 6);
    EXPECT_GT(shoelaceArea(outlines.found[0].points), 0.8 * text.width * text.height);
    EXPECT_LT(shoelaceArea(outlines.found[0].points), 1.08 * text.width * text.height);
  }
}

}  // namespace
}  // namespace ocrdet
