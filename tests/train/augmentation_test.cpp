// Views of pictures: texts stay on their pixels, text crops cut none of them, everything repeats from its seed.
#include "train/augmentation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <opencv2/imgproc.hpp>

#include "postprocess/extent.h"
#include "postprocess/polygon_area.h"

namespace ocrdet {
namespace {

Polygon rectangle(double left, double top, double right, double bottom) {
  return {{left, top}, {right, top}, {right, bottom}, {left, bottom}};
}

// Black paper with white boxes where the texts are, of different sizes.
LabelledImage page(int height, int width, Random& random) {
  LabelledImage labelled{makeImage(height, width), {}, true};
  for (int top = 30; top + 40 < height; top += 60 + int(random.below(40))) {
    const int left = 20 + int(random.below(std::size_t(width / 3))), right = left + width / 4 + int(random.below(60));
    const int bottom = top + 16 + int(random.below(16));
    labelled.regions.push_back({rectangle(left, top, right - 1, bottom - 1), false});
    for (int y = top; y < bottom; ++y)
      std::fill(labelled.image.row(y) + 3 * left, labelled.image.row(y) + 3 * right, std::uint8_t{255});
  }
  return labelled;
}

bool insideSquare(const Polygon& polygon, int size) {
  return std::all_of(polygon.begin(), polygon.end(),
                     [&](const Point& p) { return p.x >= 0 && p.y >= 0 && p.x <= size - 1 && p.y <= size - 1; });
}

Point middle(const Polygon& polygon) {
  Point sum;
  for (const Point& p : polygon) sum = {sum.x + p.x / double(polygon.size()), sum.y + p.y / double(polygon.size())};
  return sum;
}

TEST(Augmentation, KeepsTextsOnTheirPixels) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Random random(seed);
    const LabelledImage labelled = page(500 + int(random.below(500)), 500 + int(random.below(900)), random);
    AugmentationOptions options;
    options.colour = 0;
    options.quarter_turns = seed % 2 == 0 ? 0.5 : 0;
    const TrainingPicture picture = augment(labelled, 320, options, random);
    const std::vector<std::uint8_t>& pixels = picture.image.bgr;
    for (const TextRegion& region : picture.regions) {
      const Point p = middle(region.points);
      const auto at = std::size_t(std::lround(p.y)) * 320 + std::size_t(std::lround(p.x));
      EXPECT_GT(pixels[3 * at], 100) << "the middle of a text is not white, seed " << seed;
    }
    // And nothing white lies outside of them, but for what is too little to be kept.
    double white = 0, covered = 0;
    for (std::size_t i = 0; i < pixels.size(); i += 3) white += pixels[i] / 255.0;
    for (const TextRegion& region : picture.regions) covered += area(region.points);
    EXPECT_NEAR(white, covered, 0.12 * covered + 250) << "seed " << seed;
  }
}

TEST(Augmentation, NeverCutsACaredTextInATextCrop) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    const LabelledImage labelled = page(700, 900, random);
    AugmentationOptions options;
    options.text_crop = 1;
    const View view = drawView(700, 900, labelled.regions, 640, options, random);
    ASSERT_FALSE(view.regions.empty()) << "a crop without text, seed " << seed;
    double scale = std::hypot(view.xx, view.yx);
    for (const TextRegion& region : view.regions) {
      EXPECT_FALSE(region.ignored) << "seed " << seed;
      // Its area is that of one of the page's texts: nothing was clipped, save for the half pixel that corners may
      // stand beyond a free column.
      const double found = area(region.points) / (scale * scale);
      double nearest = 1e9;
      for (const TextRegion& original : labelled.regions)
        nearest = std::min(nearest, std::abs(area(original.points) - found) / area(original.points));
      EXPECT_LT(nearest, 0.06) << "seed " << seed;
    }
  }
}

TEST(Augmentation, ScalesWindowsAroundTheSizeOfDetection) {
  AugmentationOptions options;
  options.text_crop = 0;
  Random random(3);
  const LabelledImage labelled = page(600, 800, random);
  double smallest = 1e9, largest = 0;
  for (int i = 0; i < 300; ++i) {
    const View view = drawView(600, 800, labelled.regions, 640, options, random);
    const double scale = std::hypot(view.xx, view.yx) / (736.0 / 600);
    smallest = std::min(smallest, scale);
    largest = std::max(largest, scale);
  }
  EXPECT_GE(smallest, 0.5 - 1e-9);
  EXPECT_LT(smallest, 0.53);
  EXPECT_LE(largest, 3 + 1e-9);
  EXPECT_GT(largest, 2.8);
}

TEST(Augmentation, QuarterTurnsMakeColumnsOfLines) {
  AugmentationOptions options;
  options.text_crop = 1, options.rotation = 0, options.quarter_turns = 0.25;
  const std::vector<TextRegion> regions{{rectangle(100, 100, 500, 140), false}, {rectangle(100, 300, 600, 330), false}};
  int clockwise = 0, counterclockwise = 0;
  Random random(5);
  constexpr int kViews = 1000;
  for (int i = 0; i < kViews; ++i) {
    const View view = drawView(600, 800, regions, 320, options, random);
    const bool turned = std::abs(view.xy) > std::abs(view.xx);
    clockwise += turned && view.xy < 0;
    counterclockwise += turned && view.xy > 0;
    for (const TextRegion& region : view.regions) {
      const Extent extent = extentOf(region.points);
      EXPECT_EQ(turned, extent.height() > extent.width());
    }
  }
  EXPECT_NEAR(clockwise, kViews / 8, 40);
  EXPECT_NEAR(counterclockwise, kViews / 8, 40);
}

// A fifth of the windows look elsewhere than at a text: not only into the corners.
TEST(Augmentation, ShowsTheMiddleOfPicturesAsWellAsTheirEdges) {
  AugmentationOptions options;
  options.text_crop = options.mirror = options.rotation = 0;
  options.smallest_scale = options.largest_scale = 1;
  options.detection_short_side = 1000;
  Random random(3);
  const std::vector<TextRegion> regions{{rectangle(495, 495, 505, 505), false}};
  int at_an_edge = 0;
  for (int i = 0; i < 1000; ++i) {
    const double left = -drawView(1000, 1000, regions, 400, options, random).x0;
    at_an_edge += left < 0.5 || left > 599.5;
  }
  EXPECT_LT(at_an_edge, 20);

  // Nor does a picture without texts that is smaller than the window always lie in its upper left.
  double least = 0, most = -1e9;
  for (int i = 0; i < 100; ++i) {
    const double left = -drawView(1000, 1000, {}, 1600, options, random).x0;
    least = std::min(least, left), most = std::max(most, left);
  }
  EXPECT_LT(least, -500);
  EXPECT_GT(most, -100);
}

TEST(Augmentation, ClipsTextsAtTheWindowAndIgnoresStrips) {
  AugmentationOptions options;
  options.text_crop = 0, options.rotation = 0, options.mirror = 0;
  options.smallest_scale = options.largest_scale = 600.0 / 736;  // pixels as they are
  int clipped = 0, strips = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    // One text, longer than the window, and so thick that windows cannot always avoid cutting it lengthwise.
    const std::vector<TextRegion> regions{{rectangle(50, 200, 750, 320), false}};
    const View view = drawView(600, 800, regions, 320, options, random);
    for (const TextRegion& region : view.regions) {
      EXPECT_TRUE(insideSquare(region.points, 320)) << "seed " << seed;
      clipped += area(region.points) < 700 * 120 - 1;
      double top = 1e9, bottom = -1e9;
      for (const Point& p : region.points) top = std::min(top, p.y), bottom = std::max(bottom, p.y);
      if (region.ignored) ++strips;
      EXPECT_EQ(region.ignored, bottom - top < 0.7 * 120) << "seed " << seed << ", " << bottom - top << " px remain";
    }
  }
  EXPECT_GT(clipped, 100);
  EXPECT_GT(strips, 0);
}

// The view's map over the whole picture at once: plain, but OpenCV takes no side of 32767 pixels.
Image warpedWhole(const Image& image, const View& drawn, int size) {
  Image square = makeImage(size, size);
  cv::Mat to = view(square)(cv::Rect(0, 0, drawn.visible_width, drawn.visible_height));
  cv::Mat from = view(image);
  cv::Matx23d map(drawn.xx, drawn.xy, drawn.x0, drawn.yx, drawn.yy, drawn.y0);
  const double share = std::hypot(drawn.xx, drawn.yx) * 1.5;
  cv::Mat smaller;
  if (share < 0.75) {
    cv::resize(from, smaller, {int(from.cols * share), int(from.rows * share)}, 0, 0, cv::INTER_AREA);
    const double fx = double(from.cols) / smaller.cols, fy = double(from.rows) / smaller.rows;
    const cv::Matx33d grown(fx, 0, (fx - 1) / 2, 0, fy, (fy - 1) / 2, 0, 0, 1);
    map = map * grown;
    from = smaller;
  }
  cv::warpAffine(from, to, map, to.size(), cv::INTER_LINEAR, cv::BORDER_CONSTANT);
  return square;
}

TEST(Augmentation, ShowsWhatWarpingTheWholePictureWouldShow) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    Image noise = makeImage(200 + int(random.below(900)), 200 + int(random.below(900)));
    for (std::uint8_t& value : noise.bgr) value = std::uint8_t(random.next());
    AugmentationOptions options;
    options.rotation = 45;
    const View drawn = drawView(noise.height, noise.width, {}, 224, options, random);
    const Image found = applyView(noise, drawn, 224), expected = warpedWhole(noise, drawn, 224);
    int others = 0;
    for (std::size_t i = 0; i < found.bgr.size(); ++i) others += found.bgr[i] != expected.bgr[i];
    EXPECT_LE(others, 30) << "of " << found.bgr.size() << " values, seed " << seed;
  }
}

TEST(Augmentation, KeepsTextsOfLongPicturesOnTheirPixels) {
  for (const bool tall : {false, true}) {
    constexpr int kLength = 40000, kThickness = 64;
    LabelledImage strip{tall ? makeImage(kLength, kThickness) : makeImage(kThickness, kLength), {}, true};
    for (int start = 100; start + 500 < kLength; start += 700) {
      const Polygon text = tall ? rectangle(20, start, 43, start + 399) : rectangle(start, 20, start + 399, 43);
      strip.regions.push_back({text, false});
      cv::Mat(view(strip.image)(cv::Rect(cv::Point(int(text[0].x), int(text[0].y)),
                                         cv::Point(int(text[2].x) + 1, int(text[2].y) + 1))))
          .setTo(cv::Scalar(255, 255, 255));
    }
    AugmentationOptions options;
    options.colour = 0;
    int seen = 0;
    for (std::uint64_t seed = 1; seed <= 160; ++seed) {
      Random random(seed);
      const TrainingPicture picture = augment(strip, 320, options, random);
      for (const TextRegion& region : picture.regions) {
        if (area(region.points) < 200) continue;  // of a crop that shows thousands of pixels: a line of grey
        const Point p = middle(region.points);
        const auto at = std::size_t(std::lround(p.y)) * 320 + std::size_t(std::lround(p.x));
        EXPECT_GT(picture.image.bgr[3 * at], 100) << "tall " << tall << ", seed " << seed;
        ++seen;
      }
    }
    EXPECT_GT(seen, 20);
  }
}

TEST(Augmentation, RepeatsFromItsSeed) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Random first(seed), second(seed);
    const TrainingPicture a = augment(page(400, 600, first), 256, {}, first);
    const TrainingPicture b = augment(page(400, 600, second), 256, {}, second);
    EXPECT_EQ(a.image.bgr, b.image.bgr);
    ASSERT_EQ(a.regions.size(), b.regions.size());
    for (std::size_t i = 0; i < a.regions.size(); ++i) EXPECT_EQ(a.regions[i].points, b.regions[i].points);
  }
}

TEST(Augmentation, SurvivesTinyAndTextlessPictures) {
  Random random(9);
  for (const auto& [height, width] : {std::pair{1, 1}, {1, 700}, {700, 1}, {32, 33}, {1, 50000}, {50000, 1}}) {
    const LabelledImage blank{makeImage(height, width), {}, true};
    for (int i = 0; i < 20; ++i) EXPECT_EQ(augment(blank, 64, {}, random).image.height, 64);
    const LabelledImage odd{makeImage(height, width), {{rectangle(-50, -50, 900, 900), false}, {{}, false}}, true};
    for (int i = 0; i < 20; ++i) EXPECT_EQ(augment(odd, 64, {}, random).image.width, 64);
  }
}

}  // namespace
}  // namespace ocrdet
