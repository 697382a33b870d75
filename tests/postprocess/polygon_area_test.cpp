#include "postprocess/polygon_area.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace ocrdet {
namespace {

TEST(PolygonArea, KnowsSimplePolygons) {
  EXPECT_TRUE(isSimple({{0, 0}, {4, 0}, {4, 3}}));
  EXPECT_TRUE(isSimple({{0, 0}, {4, 0}, {4, 0}, {4, 3}, {0, 0}})) << "repeated corners";
  EXPECT_TRUE(isSimple({{0, 0}, {4, 0}, {2, 1}, {4, 3}})) << "concave";
  EXPECT_FALSE(isSimple({{0, 0}, {4, 4}, {4, 0}, {0, 4}})) << "crosses itself";
  EXPECT_FALSE(isSimple({{0, 0}, {4, 0}, {8, 0}})) << "no area";
  EXPECT_FALSE(isSimple({{0, 0}, {4, 0}, {4, 4}, {2, 0}})) << "a corner on a side";
  EXPECT_FALSE(isSimple({{0, 0}, {8, 0}, {4, 0}, {4, 4}})) << "doubles back";
  EXPECT_FALSE(isSimple({{0, 0}, {4, 0}, {4, NAN}}));
  EXPECT_FALSE(isSimple({}));
}

// Counting points on a fine lattice is slow, crude and independent.
TEST(PolygonArea, IntersectionsAgreeWithCountedPoints) {
  const auto inside = [](const Polygon& polygon, double x, double y) {
    bool odd = false;
    for (std::size_t i = 0, j = polygon.size() - 1; i < polygon.size(); j = i++) {
      const Point &p = polygon[i], &q = polygon[j];
      if ((p.y > y) != (q.y > y) && x < (q.x - p.x) * (y - p.y) / (q.y - p.y) + p.x) odd = !odd;
    }
    return odd;
  };
  std::mt19937 random(9);
  const auto star = [&](int corners) {  // simple by construction, usually concave
    Polygon polygon;
    for (int i = 0; i < corners; ++i) {
      const double angle = 2 * 3.14159265358979 * i / corners, radius = 4 + double(random() % 1000) / 100;
      polygon.push_back({15 + radius * std::cos(angle) + double(random() % 100) / 50, 15 + radius * std::sin(angle)});
    }
    return polygon;
  };
  for (int round = 0; round < 40; ++round) {
    const Polygon a = star(4 + round % 5), b = star(3 + round % 4);
    if (!isSimple(a) || !isSimple(b)) continue;
    int counted = 0;
    constexpr int kSteps = 600;
    for (int y = 0; y < kSteps; ++y)
      for (int x = 0; x < kSteps; ++x) {
        const double px = (x + 0.5) * 40 / kSteps - 5, py = (y + 0.5) * 40 / kSteps - 5;
        counted += inside(a, px, py) && inside(b, px, py);
      }
    EXPECT_NEAR(intersectionArea(a, b), counted * (40.0 / kSteps) * (40.0 / kSteps), 0.6) << "round " << round;
    EXPECT_NEAR(intersectionArea(a, a), area(a), 0.02) << "round " << round;
  }
}

}  // namespace
}  // namespace ocrdet
