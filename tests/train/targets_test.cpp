// Training targets against the originals' (tests/golden/train), and against a slow computation of their definition.
#include "train/targets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "base/json.h"
#include "base/random.h"
#include "image/decode.h"
#include "postprocess/polygon_area.h"
#include "support/npy.h"

namespace ocrdet {
namespace {

struct GoldenCase {
  std::string name;
  int height, width;
  double min_text_size;
  std::vector<TextRegion> regions;
  std::vector<bool> ignored_after;

  friend void PrintTo(const GoldenCase& golden, std::ostream* out) { *out << golden.name; }
};

std::vector<GoldenCase> goldenCases() {
  std::ifstream file(OCRDET_GOLDEN_DIR "/train/targets.json");
  std::vector<GoldenCase> cases;
  for (const Json& entry : Json::parse(file)) {
    GoldenCase one{entry["name"], entry["height"], entry["width"], entry["min_text_size"], {}, entry["ignored_after"]};
    for (std::size_t i = 0; i < entry["polygons"].size(); ++i) {
      TextRegion region{{}, entry["ignored_before"][i]};
      for (const Json& point : entry["polygons"][i]) region.points.push_back({point[0], point[1]});
      one.regions.push_back(std::move(region));
    }
    cases.push_back(std::move(one));
  }
  return cases;
}

class GoldenTargets : public testing::TestWithParam<GoldenCase> {};

TEST_P(GoldenTargets, AreTheOriginals) {
  const GoldenCase& golden = GetParam();
  std::vector<TextRegion> regions = prepareRegions(golden.regions, golden.height, golden.width);
  const TrainingTargets targets = makeTargets(regions, golden.height, golden.width, golden.min_text_size);

  for (std::size_t i = 0; i < regions.size(); ++i) EXPECT_EQ(regions[i].ignored, golden.ignored_after[i]) << i;
  const Image maps = readImage(OCRDET_GOLDEN_DIR "/train/" + golden.name + ".png");  // three side by side
  const test::FloatArray border = test::readNpy(OCRDET_GOLDEN_DIR "/train/" + golden.name + ".npy");
  const std::vector<std::uint8_t>* ours[] = {&targets.text, &targets.text_mask, &targets.border_mask};
  int wrong = 0;
  float largest = 0;
  for (int y = 0; y < golden.height; ++y)
    for (int x = 0; x < golden.width; ++x) {
      const std::size_t at = std::size_t(y) * golden.width + x;
      for (int map = 0; map < 3; ++map)
        wrong += (maps.row(y)[3 * (map * golden.width + x)] > 0) != ((*ours[map])[at] > 0);
      largest = std::max(largest, std::abs(border.values[at] - targets.border[at]));
    }
  EXPECT_EQ(wrong, 0);
  EXPECT_LT(largest, 1e-6F);
}

INSTANTIATE_TEST_SUITE_P(Train, GoldenTargets, testing::ValuesIn(goldenCases()),
                         [](const auto& one) { return one.param.name; });

Polygon turnedRectangle(Point middle, double width, double height, double degrees) {
  const double angle = degrees * std::acos(-1) / 180, c = std::cos(angle), s = std::sin(angle);
  Polygon corners;
  for (const auto& [x, y] : {std::pair{-1, -1}, {1, -1}, {1, 1}, {-1, 1}}) {
    const double dx = x * width / 2, dy = y * height / 2;
    corners.push_back({middle.x + c * dx - s * dy, middle.y + s * dx + c * dy});
  }
  return corners;
}

// Distance to a closed polygon's outline, by projection onto every side: another formula than the implementation's.
double distanceToOutline(const Polygon& polygon, const Point& p) {
  double nearest = 1e9;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point &a = polygon[i], &b = polygon[(i + 1) % polygon.size()];
    const double length2 = (b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y);
    const double t = std::clamp(((p.x - a.x) * (b.x - a.x) + (p.y - a.y) * (b.y - a.y)) / length2, 0.0, 1.0);
    nearest = std::min(nearest, std::hypot(p.x - a.x - t * (b.x - a.x), p.y - a.y - t * (b.y - a.y)));
  }
  return nearest;
}

// The originals' distance, which differs beside short sides: to the line through a side where p sees the side under an
// obtuse angle, else to its nearer end.
double originalsDistance(const Polygon& polygon, const Point& p) {
  double nearest = 1e9;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point &a = polygon[i], &b = polygon[(i + 1) % polygon.size()];
    const double to_a = std::atan2(a.y - p.y, a.x - p.x), to_b = std::atan2(b.y - p.y, b.x - p.x);
    const bool obtuse = std::cos(to_a - to_b) < 0;
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    const double to_line = std::abs((b.x - a.x) * (a.y - p.y) - (b.y - a.y) * (a.x - p.x)) / length;
    const double to_end = std::min(std::hypot(a.x - p.x, a.y - p.y), std::hypot(b.x - p.x, b.y - p.y));
    nearest = std::min(nearest, obtuse ? to_line : to_end);
  }
  return nearest;
}

bool inside(const Polygon& polygon, const Point& p) {
  bool in = false;
  for (std::size_t i = 0, j = polygon.size() - 1; i < polygon.size(); j = i++) {
    const Point &a = polygon[i], &b = polygon[j];
    if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x) in = !in;
  }
  return in;
}

double growth(const Polygon& polygon) {
  double perimeter = 0;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point &a = polygon[i], &b = polygon[(i + 1) % polygon.size()];
    perimeter += std::hypot(b.x - a.x, b.y - a.y);
  }
  return area(polygon) * (1 - 0.4 * 0.4) / perimeter;
}

// Clipper works on whole pixels, and cuts corners to them: away from the exact boundary by this much nothing may
// differ.
constexpr double kSlack = 2.2;

void expectDefinition(const Polygon& polygon, int size, const std::string& what) {
  std::vector<TextRegion> regions = prepareRegions({{polygon, false}}, size, size);
  const TrainingTargets targets = makeTargets(regions, size, size, 8);
  const double distance = growth(polygon);
  int wrong_text = 0, wrong_ring = 0, compared = 0;
  double largest = 0;
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      const Point p{double(x), double(y)};
      const std::size_t at = std::size_t(y) * size + x;
      const double away = distanceToOutline(polygon, p);
      const double depth = inside(polygon, p) ? away : -away;  // inside is positive
      if (std::abs(depth - distance) > kSlack) wrong_text += targets.text[at] != (depth > distance ? 1 : 0);
      // The outer ring has round corners, as the distance itself.
      if (std::abs(depth + distance) > kSlack) wrong_ring += targets.border_mask[at] != (depth > -distance ? 1 : 0);
      const double expected = 0.3 + 0.4 * (1 - std::min(originalsDistance(polygon, p) / distance, 1.0));
      // Outside the drawn ring's box nothing is written; what is compared lies safely in it.
      if (targets.border_mask[at] != 0 && away < distance - kSlack) {
        largest = std::max(largest, std::abs(expected - double(targets.border[at])));
        ++compared;
      }
    }
  EXPECT_EQ(wrong_text, 0) << what;
  EXPECT_EQ(wrong_ring, 0) << what;
  EXPECT_GT(compared, 100) << what;
  EXPECT_LT(largest, 1e-4) << what;
}

TEST(Targets, OfTurnedRectanglesFollowTheDefinition) {
  Random random(11);
  for (int i = 0; i < 25; ++i) {
    const double width = random.between(60, 200), height = random.between(24, 56), degrees = random.between(-45, 45);
    expectDefinition(turnedRectangle({random.between(130, 190), random.between(130, 190)}, width, height, degrees), 320,
                     "rectangle " + std::to_string(i) + " of seed 11");
  }
}

TEST(Targets, OfPolygonsFollowTheDefinition) {
  Random random(12);
  for (int i = 0; i < 15; ++i) {
    // A bent line of text: an upper and a lower arc.
    const double radius = random.between(90, 140), thickness = random.between(26, 44), turn = random.between(0, 6);
    Polygon polygon;
    constexpr int kSteps = 10;
    for (int step = 0; step <= kSteps; ++step) {
      const double angle = turn + 1.2 * step / kSteps;
      polygon.push_back({160 + radius * std::cos(angle), 160 + radius * std::sin(angle)});
    }
    for (int step = kSteps; step >= 0; --step) {
      const double angle = turn + 1.2 * step / kSteps;
      polygon.push_back({160 + (radius - thickness) * std::cos(angle), 160 + (radius - thickness) * std::sin(angle)});
    }
    expectDefinition(polygon, 320, "polygon " + std::to_string(i) + " of seed 12");
  }
}

TEST(Targets, OfHostileRegionsAreIgnored) {
  const double huge = 1e300;
  std::vector<TextRegion> regions =
      prepareRegions({{{}, false},
                      {{{1, 1}, {2, 2}}, false},
                      {{{5, 5}, {5, 5}, {5, 5}, {5, 5}}, false},
                      {{{-huge, -huge}, {huge, -huge}, {huge, huge}, {-huge, huge}}, false}},
                     64, 64);
  const TrainingTargets targets = makeTargets(regions, 64, 64, 8);
  ASSERT_EQ(regions.size(), 2U);
  EXPECT_TRUE(regions[0].ignored);
  EXPECT_FALSE(regions[1].ignored) << "clipped to the picture, it is a large text";
  EXPECT_GT(std::count(targets.text.begin(), targets.text.end(), 1), 100);
}

}  // namespace
}  // namespace ocrdet
