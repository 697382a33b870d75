// Many pictures through one detector of the real network (formula weights): threads, memory, batches.

#include <gtest/gtest.h>

#include <bit>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <thread>

#include "detect/picture_view.h"
#include "detect/running_threads.h"
#include "image/encode.h"
#include "image/image.h"
#include "ocrdet/detector.h"
#include "support/formula_checkpoint.h"

namespace ocrdet {
namespace {

using test::countThreads;
using test::ThreadCount;
using test::viewOf;

// Bars of every size, place and brightness.
Image pictureOf(std::uint32_t number) {
  std::mt19937 random(number);
  const auto between = [&](int low, int high) { return low + int(random() % std::uint32_t(high - low)); };
  Image image = makeImage(between(40, 400), between(40, 400));
  for (int i = 0; i < 6; ++i) {
    const int top = between(0, image.height), left = between(0, image.width);
    const auto brightness = std::uint8_t(random());
    for (int y = top; y < std::min(image.height, top + between(4, 60)); ++y)
      std::fill_n(image.row(y) + 3 * left, 3 * std::min(image.width - left, 80), brightness);
  }
  return image;
}

DetectorOptions smallInputs() {
  DetectorOptions options;
  options.resize.mode = ResizeMode::kLongSide;
  options.resize.length = 320;
  options.box_threshold = 0.1;
  return options;
}

Detector formulaDetector(const DetectorOptions& options) {
  return Detector::open(test::formulaCheckpoint("formula.safetensors"), options);
}

std::int64_t residentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * 4096;
}

// What the network answered, to the last bit: formula weights find few boxes, but every probability counts.
std::uint64_t fingerprint(const Detection& detection) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const float value : detection.map) hash = (hash ^ std::bit_cast<std::uint32_t>(value)) * 0x100000001b3U;
  return hash;
}

void expectSame(const Detection& a, const Detection& b, double tolerance) {
  ASSERT_EQ(a.boxes.size(), b.boxes.size());
  for (std::size_t i = 0; i < a.boxes.size(); ++i) {
    ASSERT_EQ(a.boxes[i].points.size(), b.boxes[i].points.size());
    EXPECT_NEAR(a.boxes[i].score, b.boxes[i].score, tolerance);
    for (std::size_t p = 0; p < a.boxes[i].points.size(); ++p) {
      EXPECT_NEAR(a.boxes[i].points[p].x, b.boxes[i].points[p].x, tolerance);
      EXPECT_NEAR(a.boxes[i].points[p].y, b.boxes[i].points[p].y, tolerance);
    }
  }
}

// The number of pictures is OCRDET_SOAK_IMAGES for `make soak`.
TEST(ManyPictures, FromFourThreadsGiveTheSameBoxesInFlatMemory) {
  const char* wanted = std::getenv("OCRDET_SOAK_IMAGES");
  const int count = wanted ? std::atoi(wanted) : 240;
  DetectorOptions options = smallInputs();
  options.threads = 4;
  options.images_at_a_time = 4;
  options.keep_map = true;
  const Detector detector = formulaDetector(options);

  std::vector<std::uint64_t> together(static_cast<std::size_t>(count));
  std::vector<std::int64_t> resident;
  constexpr int kRounds = 12;
  int done = 0;
  for (int round = 1; round <= kRounds; ++round) {
    const int end = count * round / kRounds;
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t, from = done] {
        for (int i = from + t; i < end; i += 4)
          together[std::size_t(i)] = fingerprint(detector.detect(viewOf(pictureOf(std::uint32_t(i)))));
      });
    threads.clear();
    done = end;
    resident.push_back(residentBytes());
    std::cout << done << " pictures: " << resident.back() / 1'000'000 << " MB resident" << std::endl;
  }
  for (int i = 0; i < count; ++i)
    EXPECT_EQ(together[std::size_t(i)], fingerprint(detector.detect(viewOf(pictureOf(std::uint32_t(i)))))) << i;
  // The first pictures fill the arena; what comes later finds its place there.
  EXPECT_LT(resident.back(), resident[kRounds / 2] + (24LL << 20)) << "memory grows with the number of pictures";
}

TEST(ManyPictures, KeepWithinTheBudgetOfThreads) {
  std::vector<Image> images;
  for (std::uint32_t i = 0; i < 24; ++i) images.push_back(pictureOf(i));
  std::vector<ImageView> views;
  for (const Image& image : images) views.push_back(viewOf(image));
  struct Case {
    int threads, images_at_a_time, batch, started;
  };
  // `started` are threads beyond the caller's and the runtime's, which were there before; the caller computes itself
  // when pictures come one by one.
  for (const Case& c : {Case{1, 1, 1, 0}, Case{2, 1, 1, 0}, Case{2, 2, 1, 2}, Case{3, 2, 1, 2}, Case{4, 4, 1, 4},
                        Case{1, 1, 4, 8}, Case{2, 2, 4, 8}, Case{4, 1, 4, 8}}) {
    SCOPED_TRACE(c.threads * 100 + c.images_at_a_time * 10 + c.batch);
    DetectorOptions options = smallInputs();
    options.threads = c.threads;
    options.images_at_a_time = c.images_at_a_time;
    options.batch = c.batch;
    const Detector detector = formulaDetector(options);
    detector.detect(views.front());  // what the runtime starts, it has started now
    const ThreadCount count = countThreads([&] {
      for (const DetectionOutcome& outcome : detector.detect(views)) EXPECT_TRUE(outcome.detection);
    });
    EXPECT_LE(count.alive, c.started);
    EXPECT_LE(count.processors, c.threads + 0.1);  // the observer takes a little
    // Whose turn it is in batches changes; one by one, the same threads compute from beginning to end.
    if (c.batch == 1) {
      EXPECT_EQ(count.computing, c.threads);
    }
  }
}

TEST(ManyPictures, InBatchesGiveTheBoxesOfOneByOne) {
  std::vector<Image> images;
  for (std::uint32_t i = 0; i < 40; ++i) images.push_back(pictureOf(i));
  std::vector<ImageView> views;
  for (const Image& image : images) views.push_back(viewOf(image));
  DetectorOptions options = smallInputs();
  options.threads = 4;
  options.resize.bucket = 160;  // the same padding with and without batches
  const Detector one_by_one = formulaDetector(options);
  options.batch = 4;
  const std::vector<DetectionOutcome> outcomes = formulaDetector(options).detect(views);
  ASSERT_EQ(outcomes.size(), images.size());
  int largest = 1;
  for (std::size_t i = 0; i < images.size(); ++i) {
    SCOPED_TRACE(i);
    ASSERT_TRUE(outcomes[i].detection);
    const Detection alone = one_by_one.detect(views[i]);
    EXPECT_EQ(alone.network_height % 160, 0);
    expectSame(*outcomes[i].detection, alone, 1e-3);  // the runtime may add up in another order
    largest = std::max(largest, outcomes[i].detection->batch);
  }
  EXPECT_GT(largest, 1);
  EXPECT_LE(largest, 4);
}

TEST(ManyPictures, ReportFailuresInTheirPlaces) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "ocrdet_many_pictures";
  std::filesystem::create_directories(folder);
  std::vector<std::filesystem::path> paths;
  for (std::uint32_t i = 0; i < 9; ++i) {
    paths.push_back(folder / (std::to_string(i) + ".png"));
    std::ofstream(paths.back(), std::ios::binary) << encodePng(pictureOf(i));
  }
  std::ofstream(paths[2], std::ios::trunc) << "no picture";
  std::filesystem::resize_file(paths[5], 60);
  std::filesystem::remove(paths[7]);
  DetectorOptions options = smallInputs();
  options.images_at_a_time = 2;
  options.threads = 2;
  const Detector detector = formulaDetector(options);
  const std::vector<DetectionOutcome> outcomes = detector.detectFiles(paths);
  ASSERT_EQ(outcomes.size(), paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const bool broken = i == 2 || i == 5 || i == 7;
    EXPECT_EQ(outcomes[i].error.has_value(), broken) << i;
    ASSERT_EQ(outcomes[i].detection.has_value(), !broken) << i;
    if (!broken) expectSame(*outcomes[i].detection, detector.detectFile(paths[i]), 0);
  }
  EXPECT_EQ(outcomes[2].error->code().name, std::string("image.unsupported"));
  EXPECT_EQ(outcomes[7].error->code().name, std::string("file.missing"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace ocrdet
