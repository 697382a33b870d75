// Resize rule, resize and normalisation, against the golden files.
#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/sha256.h"
#include "image/draw.h"
#include "image/fixture.h"
#include "image/normalise.h"
#include "image/resize.h"

namespace ocrdet {
namespace {

using test::formulaImage;
using test::readText;

const std::string kGolden = OCRDET_GOLDEN_DIR;

TEST(ShortSide, GivesModelScopesSizes) {
  const auto cases = nlohmann::json::parse(readText(kGolden + "/post/resize.json"));
  ASSERT_EQ(cases.size(), 27U);
  for (const auto& row : cases) EXPECT_EQ(shortSideSize({row[0], row[1]}, row[2]), (PixelSize{row[3], row[4]})) << row;
}

TEST(LongSide, NeverEnlargesAndRoundsToTheNearestMultiple) {
  EXPECT_EQ(longSideSize({720, 1280}, 960, 32), (PixelSize{544, 960}));
  EXPECT_EQ(longSideSize({100, 200}, 960, 32), (PixelSize{96, 192}));
  EXPECT_EQ(longSideSize({5, 9600}, 960, 32), (PixelSize{32, 960}));
  EXPECT_EQ(longSideSize({720, 960}, 960, 32), (PixelSize{704, 960})) << "22.5 goes to 22, as in Python";
  EXPECT_EQ(longSideSize({752, 960}, 960, 32), (PixelSize{768, 960})) << "23.5 goes to 24";
  EXPECT_EQ(longSideSize({1505, 1919}, 960, 32), (PixelSize{768, 960})) << "752.9 is cut to 752";
}

TEST(Resize, AlignsPixelCentres) {
  Image image = makeImage(1, 4);
  for (int x = 0; x < 4; ++x)
    for (int c = 0; c < 3; ++c) image.row(0)[3 * x + c] = std::uint8_t(40 * x);
  const Image doubled = resize(image, {1, 8});
  const int expected[] = {0, 10, 30, 50, 70, 90, 110, 120};  // at −0.25 (held at the edge), 0.25, 0.75, …
  for (int x = 0; x < 8; ++x) EXPECT_EQ(doubled.row(0)[3 * x], expected[x]) << x;
}

TEST(Normalise, FormulaImagesGiveTheGoldenInput) {
  const auto images = nlohmann::json::parse(readText(kGolden + "/network/images.json"));
  for (const auto& [name, expected] : images.items()) {
    int height = 0, width = 0, number = 0;
    ASSERT_EQ(std::sscanf(name.c_str(), "%dx%dx%d", &height, &width, &number), 3);
    const Image image = formulaImage(height, width, number);
    EXPECT_EQ(sha256(std::as_bytes(std::span(image.bgr))), expected["sha256"]) << name;
  }
  const auto outputs = nlohmann::json::parse(readText(kGolden + "/network/outputs.json"));
  int compared = 0;
  for (const auto& run : outputs) {
    const auto& input = run["stages"]["input"];
    const int batch = input["shape"][0], height = input["shape"][2], width = input["shape"][3];
    std::vector<float> planes(std::size_t(batch) * 3 * height * width);
    for (int n = 0; n < batch; ++n)
      normalise(formulaImage(height, width, n), {},
                std::span(planes).subspan(std::size_t(n) * 3 * height * width, std::size_t(3) * height * width));
    for (std::size_t i = 0; i < input["index"].size(); ++i, ++compared)
      EXPECT_EQ(planes.at(input["index"][i].get<std::size_t>()), input["value"][i].get<float>());
  }
  EXPECT_GE(compared, 48);
}

TEST(Normalise, OrderOfPlanesAndTheirMeansIsTheNetworks) {
  Image image = makeImage(1, 1);
  image.bgr = {10, 20, 30};
  const Normalisation normalisation{{1, 2, 3}, {2, 4, 8}, true};
  std::vector<float> planes(3);
  normalise(image, normalisation, planes);
  EXPECT_EQ(planes, (std::vector<float>{(30 - 1) / 2.0F, (20 - 2) / 4.0F, (10 - 3) / 8.0F}));
}

// The colour at a place, as the distance from the ground it was drawn on.
int contrast(const Image& drawn, int x, int y, std::uint8_t ground) {
  int most = 0;
  for (int c = 0; c < 3; ++c) most = std::max(most, std::abs(int(drawn.row(y)[3 * x + c]) - ground));
  return most;
}

TEST(Draw, OutlinesAreSeenOnBlackWhiteAndGreyAndNothingElseChanges) {
  const Polygon box = {{60, 60}, {200, 60}, {200, 120}, {60, 120}};
  for (const int ground : {0, 128, 255}) {
    Image image = makeImage(200, 300);
    std::fill(image.bgr.begin(), image.bgr.end(), std::uint8_t(ground));
    const Image drawn = drawShapes(image, std::vector<Polygon>{box});
    EXPECT_GE(contrast(drawn, 130, 60, std::uint8_t(ground)), 60) << "ground " << ground;
    EXPECT_GE(contrast(drawn, 200, 90, std::uint8_t(ground)), 60) << "ground " << ground;
    EXPECT_EQ(contrast(drawn, 130, 90, std::uint8_t(ground)), 0) << "inside";
    EXPECT_EQ(contrast(drawn, 250, 150, std::uint8_t(ground)), 0) << "outside";
  }
}

TEST(Draw, NumbersLieInsideThePicture) {
  const Image image = makeImage(60, 80);
  const Polygon corner = {{-5, -5}, {20, -5}, {20, 10}, {-5, 10}};
  const Image with = drawShapes(image, std::vector<Polygon>{corner});
  const Image without = drawOutlines(image, std::vector<Outline>{{.points = corner, .colour = {1, 0.35, 0.37}}});
  EXPECT_NE(with.bgr, without.bgr);
  EXPECT_EQ(drawShapes(image, {}).bgr, image.bgr);
}

TEST(Draw, DashesLeaveGapsAndFillsShowInside) {
  const Image image = makeImage(200, 300);
  Outline outline{.points = {{60, 60}, {200, 60}, {200, 120}, {60, 120}}, .colour = {1, 1, 1}};
  const auto covered = [&] {
    const Image drawn = drawOutlines(image, std::vector{outline});
    int count = 0;
    for (int x = 70; x < 190; ++x) count += contrast(drawn, x, 60, 0) > 60;
    return count;
  };
  const int solid = covered();
  outline.style = LineStyle::kDashed;
  const int dashed = covered();
  outline.style = LineStyle::kDotted;
  const int dotted = covered();
  EXPECT_EQ(solid, 120);
  EXPECT_LT(dashed, 100);
  EXPECT_LT(dotted, dashed);
  EXPECT_GT(dotted, 20);
  outline.fill = 0.25;
  EXPECT_NEAR(contrast(drawOutlines(image, std::vector{outline}), 130, 90, 0), 64, 2);
}

TEST(Shrunk, AveragesAndNeverEnlarges) {
  Image image = makeImage(40, 100);
  for (int y = 0; y < 40; y += 2) std::fill_n(image.row(y), 300, std::uint8_t(200));  // every other line
  const Image small = shrunk(image, 50);
  EXPECT_EQ(small.height, 20);
  EXPECT_EQ(small.width, 50);
  EXPECT_THAT(small.bgr, ::testing::Each(100));
  EXPECT_EQ(shrunk(image, 100).bgr, image.bgr);
}

TEST(Draw, HeatmapIsWarmWhereTextIs) {
  const Image image = makeImage(32, 64);
  std::vector<float> map(8 * 16, 0.0F);
  for (int y = 0; y < 8; ++y)
    for (int x = 8; x < 16; ++x) map[y * 16 + x] = 1;
  const Image drawn = drawHeatmap(image, {map, 8, 16, 8, 16});
  EXPECT_GT(drawn.row(16)[3 * 60 + 2], drawn.row(16)[3 * 4 + 2] + 30);  // red
}

}  // namespace
}  // namespace ocrdet
