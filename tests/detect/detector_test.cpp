// The whole chain, around a network whose answer is known (tiny_network.h).
#include "ocrdet/detector.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>

#include "contract/file_contract.h"
#include "detect/picture_view.h"
#include "detect/tiny_network.h"
#include "image/encode.h"
#include "image/exif.h"
#include "image/image.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

using test::onnxBytes;
using test::TinyNetwork;
using test::viewOf;
using ::testing::HasSubstr;

std::span<const std::byte> asBytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

struct Bar {
  int left, top, width, height;
};

Image pictureOf(int height, int width, const std::vector<Bar>& bars, std::uint8_t brightness = 255) {
  Image image = makeImage(height, width);
  for (const Bar& bar : bars)
    for (int y = bar.top; y < bar.top + bar.height; ++y)
      std::fill_n(image.row(y) + 3 * bar.left, 3 * bar.width, brightness);
  return image;
}

DetectorOptions plainOptions() {
  DetectorOptions options;
  options.threads = 1;
  options.unclip_ratio = 0;  // boxes are the bars themselves
  return options;
}

Detector tinyDetector(const TinyNetwork& network = {}, const DetectorOptions& options = plainOptions()) {
  return Detector::fromBytes(asBytes(onnxBytes(network)), options);
}

// The box's sides agree with the bar's: pixel centres of its first and last pixel, within `tolerance`.
void expectBar(const TextBox& box, const Bar& bar, double tolerance) {
  ASSERT_EQ(box.points.size(), 4U);
  EXPECT_NEAR(box.points[0].x, bar.left, tolerance);
  EXPECT_NEAR(box.points[0].y, bar.top, tolerance);
  EXPECT_NEAR(box.points[2].x, bar.left + bar.width - 1, tolerance);
  EXPECT_NEAR(box.points[2].y, bar.top + bar.height - 1, tolerance);
}

const std::vector<Bar> kBars = {{40, 30, 200, 24}, {300, 34, 120, 24}, {60, 100, 300, 40}};

struct Way {
  const char* name;
  int height, width;  // of the picture
  ResizeOptions resize;
  int network_height, network_width;
};

ResizeOptions by(ResizeMode mode, int length, int height = 0, int width = 0) {
  ResizeOptions resize;
  resize.mode = mode;
  resize.length = length;
  resize.height = height;
  resize.width = width;
  return resize;
}

TEST(Detector, MapsBoxesBackFromEveryWayOfResizing) {
  const Way ways[] = {
      {"as large", 320, 480, by(ResizeMode::kShortSide, 320), 320, 480},
      {"enlarged", 320, 480, by(ResizeMode::kShortSide, 384), 384, 576},
      {"enlarged by no more than a quarter", 320, 480, by(ResizeMode::kShortSide, 736), 416, 640},
      {"reduced, long side rounded up", 330, 470, by(ResizeMode::kShortSide, 224), 224, 320},
      {"long side", 320, 480, by(ResizeMode::kLongSide, 320), 224, 320},
      {"stretched", 320, 480, by(ResizeMode::kExact, 0, 640, 320), 640, 320},
      {"letterbox, padded below", 320, 480, by(ResizeMode::kLetterbox, 0, 640, 640), 640, 640},
      {"letterbox, padded on the right", 480, 440, by(ResizeMode::kLetterbox, 0, 320, 640), 320, 640},
  };
  for (const Way& way : ways) {
    SCOPED_TRACE(way.name);
    DetectorOptions options = plainOptions();
    options.resize = way.resize;
    const Detection detection = tinyDetector({}, options).detect(viewOf(pictureOf(way.height, way.width, kBars)));
    EXPECT_EQ(detection.network_height, way.network_height);
    EXPECT_EQ(detection.network_width, way.network_width);
    ASSERT_EQ(detection.boxes.size(), kBars.size());
    // An edge is known to half a pixel of the smaller of the two pictures.
    const double scale =
        std::max({1.0, double(way.height) / way.network_height, double(way.width) / way.network_width});
    for (std::size_t i = 0; i < kBars.size(); ++i) expectBar(detection.boxes[i], kBars[i], 0.75 * scale + 0.25);
  }
}

TEST(Detector, EnlargesWithoutLimitWhereItRepeatsAnotherProgram) {
  DetectorOptions options = plainOptions();
  options.resize = by(ResizeMode::kShortSide, 736);
  options.compatibility = Compatibility::kModelScope;
  const Detection detection = tinyDetector({}, options).detect(viewOf(pictureOf(100, 150, kBars)));
  EXPECT_EQ(detection.network_height, 736);
  EXPECT_EQ(detection.network_width, 1120);
}

TEST(Detector, IsExactWhenNothingIsResized) {
  DetectorOptions options = plainOptions();
  options.resize = by(ResizeMode::kShortSide, 320);
  const Detection detection = tinyDetector({}, options).detect(viewOf(pictureOf(320, 480, kBars)));
  ASSERT_EQ(detection.boxes.size(), kBars.size());
  for (std::size_t i = 0; i < kBars.size(); ++i) {
    expectBar(detection.boxes[i], kBars[i], 1e-3);
    EXPECT_NEAR(detection.boxes[i].score, 1, 1e-3);
  }
  EXPECT_EQ(detection.why_empty, "");
}

TEST(Detector, TilesGiveTheBoxesOfTheWholePicture) {
  std::vector<Bar> bars;
  for (int i = 0; i < 12; ++i) bars.push_back({50 + 300 * i, 40 + 5 * i, 280, 30});  // some lie across every seam
  const Image strip = pictureOf(160, 3680, bars);
  DetectorOptions options = plainOptions();
  options.resize = by(ResizeMode::kShortSide, 160);
  options.resize.max_side = 4096;
  const Detection whole = tinyDetector({}, options).detect(viewOf(strip));
  options.resize.max_side = 640;
  const Detection tiled = tinyDetector({}, options).detect(viewOf(strip));
  EXPECT_EQ(whole.tiles, 1);
  EXPECT_EQ(tiled.tiles, 9);
  EXPECT_EQ(tiled.network_width, whole.network_width);
  ASSERT_EQ(whole.boxes.size(), bars.size());
  ASSERT_EQ(tiled.boxes.size(), bars.size());
  for (std::size_t i = 0; i < bars.size(); ++i) EXPECT_EQ(tiled.boxes[i].points, whole.boxes[i].points);
}

TEST(Detector, OrientationNotesChangeNoBox) {
  const Image upright = pictureOf(320, 480, kBars);
  const Detector detector = tinyDetector();
  const Detection expected = detector.detect(viewOf(upright));
  ASSERT_EQ(expected.boxes.size(), kBars.size());
  for (int orientation = 1; orientation <= 8; ++orientation) {
    // Stored so that the note turns it upright; of the eight ways, 6 and 8 undo each other, the others themselves.
    const int inverse = orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;
    const std::string file =
        test::pngWith(encodePng(ocrdet::upright(upright, inverse)), test::exifBlock(orientation, true));
    const Detection detection = detector.detectBytes(asBytes(file));
    EXPECT_EQ(detection.image_width, 480);
    ASSERT_EQ(detection.boxes.size(), expected.boxes.size()) << orientation;
    for (std::size_t i = 0; i < expected.boxes.size(); ++i)
      EXPECT_EQ(detection.boxes[i].points, expected.boxes[i].points) << orientation;
  }
}

TEST(Detector, TakesPixelsInEveryOrderAndWithPadding) {
  const Image image = pictureOf(320, 480, kBars);
  const Detector detector = tinyDetector();
  const auto boxes = detector.detect(viewOf(image)).boxes;
  ASSERT_EQ(boxes.size(), kBars.size());
  for (const auto& [order, channels] : {std::pair(PixelOrder::kRgb, 3), std::pair(PixelOrder::kGrey, 1),
                                        std::pair(PixelOrder::kBgra, 4), std::pair(PixelOrder::kRgba, 4)}) {
    const std::ptrdiff_t stride = 480 * channels + 52;
    std::vector<std::uint8_t> pixels(std::size_t(stride) * 320, 77);
    for (int y = 0; y < 320; ++y)
      for (int x = 0; x < 480; ++x)
        for (int c = 0; c < channels; ++c) pixels[std::size_t(y * stride + x * channels + c)] = image.row(y)[3 * x];
    const auto same = detector.detect({pixels.data(), 320, 480, stride, order}).boxes;
    ASSERT_EQ(same.size(), boxes.size());
    for (std::size_t i = 0; i < boxes.size(); ++i) EXPECT_EQ(same[i].points, boxes[i].points);
  }
}

TEST(Detector, ReadsTheFilesContractAndLetsOptionsWin) {
  FileContract contract;
  contract.resize = {ResizeRule::Kind::kShortSide, 256};
  contract.boxes.pixel_threshold = 0.4;
  contract.boxes.box_threshold = 0.5;
  contract.boxes.unclip_ratio = 1.25;
  TinyNetwork network;
  network.metadata = toMetadata(contract);
  const Image image = pictureOf(320, 480, kBars);
  DetectorOptions options;
  const Detection by_file = tinyDetector(network, options).detect(viewOf(image));
  EXPECT_EQ(by_file.network_height, 256);
  EXPECT_NEAR(by_file.pixel_threshold, 0.4, 1e-6);
  EXPECT_EQ(by_file.box_threshold, 0.5);
  EXPECT_EQ(by_file.unclip_ratio, 1.25);
  options.resize = by(ResizeMode::kShortSide, 320);
  options.box_threshold = 0.6;
  const Detection by_option = tinyDetector(network, options).detect(viewOf(image));
  EXPECT_EQ(by_option.network_height, 320);
  EXPECT_EQ(by_option.box_threshold, 0.6);
  EXPECT_EQ(by_option.unclip_ratio, 1.25);
}

TEST(Detector, GuessesTheFamilyOfFilesWithoutMetadata) {
  const Image image = pictureOf(1200, 2400, {{100, 100, 1000, 100}});
  const Detection paddle = tinyDetector({.input = "x"}, {}).detect(viewOf(image));
  EXPECT_EQ(paddle.network_width, 960);
  EXPECT_EQ(paddle.box_threshold, 0.6);
  const Detection dbnet = tinyDetector({.input = "images"}, {}).detect(viewOf(image));
  EXPECT_EQ(dbnet.network_height, 736);
  EXPECT_EQ(dbnet.box_threshold, 0.3);
  DetectorOptions options;
  options.family = ModelFamily::kPaddleOcr;
  EXPECT_EQ(tinyDetector({.input = "images"}, options).detect(viewOf(image)).box_threshold, 0.6);
}

TEST(Detector, TakesMapsWithoutChannelAndWithSeveral) {
  const Image image = pictureOf(320, 480, kBars);
  EXPECT_EQ(tinyDetector({.drop_channel = true}).detect(viewOf(image)).boxes.size(), kBars.size());
  EXPECT_EQ(tinyDetector({.output_channels = 3}).detect(viewOf(image)).boxes.size(), kBars.size());
}

std::string codeOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code().name;
  }
  return "none";
}

TEST(Detector, StretchesToAFixedSizeAndRefusesOthers) {
  const TinyNetwork fixed{.height = 320, .width = 640};
  const Detection detection = tinyDetector(fixed).detect(viewOf(pictureOf(320, 480, kBars)));
  EXPECT_EQ(detection.network_width, 640);
  ASSERT_EQ(detection.boxes.size(), kBars.size());
  for (std::size_t i = 0; i < kBars.size(); ++i) expectBar(detection.boxes[i], kBars[i], 1);

  DetectorOptions options;
  options.resize.mode = ResizeMode::kLetterbox;
  EXPECT_EQ(tinyDetector(fixed, options).detect(viewOf(pictureOf(100, 100, {}))).network_width, 640);
  options.resize.mode = ResizeMode::kShortSide;
  EXPECT_EQ(codeOf([&] { tinyDetector(fixed, options); }), "usage.option");
  options.resize = by(ResizeMode::kExact, 0, 640, 640);
  EXPECT_EQ(codeOf([&] { tinyDetector(fixed, options); }), "usage.option");
  options.resize = by(ResizeMode::kExact, 0, 600, 640);
  EXPECT_EQ(codeOf([&] { tinyDetector({}, options); }), "usage.option");
  options.resize = by(ResizeMode::kExact, 0);
  EXPECT_EQ(codeOf([&] { tinyDetector({}, options); }), "usage.option");
}

TEST(Detector, RefusesFilesThatAreNoDetector) {
  EXPECT_EQ(codeOf([] { tinyDetector({.input_channels = 1}); }), "model.not-a-detector");
}

TEST(Detector, SaysWhyThereAreNoBoxes) {
  const auto reason = [](const Image& image, const DetectorOptions& options = plainOptions()) {
    const Detection detection = tinyDetector({}, options).detect(viewOf(image));
    EXPECT_TRUE(detection.boxes.empty());
    return detection.why_empty;
  };
  EXPECT_THAT(reason(pictureOf(320, 480, {})), HasSubstr("no text: the best probability is 0.000"));
  EXPECT_THAT(reason(pictureOf(320, 480, {{100, 100, 2, 2}}),
                     [] {
                       DetectorOptions options = plainOptions();
                       options.resize = by(ResizeMode::kShortSide, 320);
                       return options;
                     }()),
              HasSubstr("less than 3 pixels high; the picture was seen at 320×480"));
  // Grey of 110: sigmoid(10 · (330 − 344.4) / 255) = 0.362, so the pixels count, but no box reaches 0.5.
  DetectorOptions options = plainOptions();
  options.box_threshold = 0.5;
  EXPECT_THAT(reason(pictureOf(320, 480, {{100, 100, 200, 40}}, 110), options),
              HasSubstr("0.362, below the box threshold 0.5"));
  // Grey of 95: 0.089.
  EXPECT_THAT(reason(pictureOf(320, 480, {{100, 100, 200, 40}}, 95)),
              HasSubstr("the best is 0.089; the picture was seen at 416×640 (height × width). --pixel-threshold 0.05"));
}

TEST(Detector, SmallPicturesAreNotEnlargedWithoutBound) {
  DetectorOptions options = plainOptions();
  const Detection detection = tinyDetector({}, options).detect(viewOf(pictureOf(20, 300, {{20, 5, 200, 10}})));
  EXPECT_EQ(detection.network_height, 32);  // a quarter more than 20, rounded up
  ASSERT_EQ(detection.boxes.size(), 1U);
  expectBar(detection.boxes[0], {20, 5, 200, 10}, 1);
  EXPECT_NO_THROW(tinyDetector({}, options).detect(viewOf(pictureOf(1, 1, {}))));
  EXPECT_NO_THROW(tinyDetector({}, options).detect(viewOf(pictureOf(1, 3000, {}))));
}

TEST(Detector, ManyThreadsGetTheAnswersOfOne) {
  const Detector detector = tinyDetector();
  std::mt19937 random(17);
  std::vector<Image> images;
  for (int i = 0; i < 24; ++i) {
    const int height = 100 + int(random() % 300), width = 100 + int(random() % 300);
    images.push_back(pictureOf(height, width, {{10, 10, width / 2, 20}, {20, 50, width / 3, 25}}));
  }
  std::vector<Detection> alone, together(images.size());
  for (const Image& image : images) alone.push_back(detector.detect(viewOf(image)));
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = t; i < images.size(); i += 4) together[i] = detector.detect(viewOf(images[i]));
    });
  threads.clear();
  for (std::size_t i = 0; i < images.size(); ++i) {
    ASSERT_EQ(alone[i].boxes.size(), 2U);
    ASSERT_EQ(together[i].boxes.size(), alone[i].boxes.size());
    for (std::size_t b = 0; b < alone[i].boxes.size(); ++b)
      EXPECT_EQ(together[i].boxes[b].points, alone[i].boxes[b].points);
  }
}

}  // namespace
}  // namespace ocrdet
