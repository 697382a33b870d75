// Batches follow from the seed and their number: neither threads nor processes nor a restart change them.
#include "train/sample_loader.h"

#include <gmock/gmock.h>

#include <map>

#include "base/log.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

// A source whose picture number i is of one colour, with one text.
TrainingSource paintedSource(std::size_t size, int first_colour = 10) {
  return {"painted", size, std::nullopt, std::nullopt, [=](std::size_t index, Random&) {
            LabelledImage labelled{makeImage(80, 100), {{{{20, 20}, {70, 20}, {70, 50}, {20, 50}}, false}}, true};
            std::fill(labelled.image.bgr.begin(), labelled.image.bgr.end(), std::uint8_t(first_colour + int(index)));
            return labelled;
          }};
}

LoaderOptions smallOptions() {
  LoaderOptions options;
  options.batch = 4;
  options.size = 64;
  options.augmentation.colour = 0;
  return options;
}

std::vector<TrainingBatch> batches(const LoaderOptions& options, std::int64_t first, int count) {
  SampleLoader loader({{paintedSource(10), 1}}, options, first);
  std::vector<TrainingBatch> all;
  for (int i = 0; i < count; ++i) all.push_back(loader.next());
  return all;
}

bool same(const TrainingBatch& a, const TrainingBatch& b) {
  return a.pixels == b.pixels && a.text == b.text && a.text_mask == b.text_mask && a.border == b.border &&
         a.border_mask == b.border_mask && a.texts == b.texts;
}

TEST(SampleLoader, GivesTheSameBatchesWhateverTheThreads) {
  LoaderOptions one = smallOptions(), many = smallOptions();
  one.workers = 1, many.workers = 5;
  const auto a = batches(one, 0, 6), b = batches(many, 0, 6);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(same(a[i], b[i])) << i;
  EXPECT_FALSE(same(a[0], a[1]));
}

TEST(SampleLoader, GoesOnWhereItStopped) {
  const auto all = batches(smallOptions(), 0, 7), late = batches(smallOptions(), 4, 3);
  for (std::size_t i = 0; i < late.size(); ++i) EXPECT_TRUE(same(all[4 + i], late[i])) << i;
}

TEST(SampleLoader, SharesABatchAmongProcesses) {
  const auto whole = batches(smallOptions(), 0, 3);
  for (int process = 0; process < 2; ++process) {
    LoaderOptions half = smallOptions();
    half.process = process, half.processes = 2;
    const auto parts = batches(half, 0, 3);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      ASSERT_EQ(parts[i].count, 2);
      const std::size_t length = parts[i].pixels.size();
      EXPECT_TRUE(std::equal(parts[i].pixels.begin(), parts[i].pixels.end(),
                             whole[i].pixels.begin() + std::ptrdiff_t(length) * process));
    }
  }
}

TEST(SampleLoader, ShowsEveryPictureOnceAnEpoch) {
  const SampleOrder order({{paintedSource(10), 1}, {paintedSource(4), 2.5}}, 3);
  EXPECT_EQ(order.samplesPerEpoch(), 20U);
  std::map<std::pair<std::size_t, std::size_t>, int> seen;
  std::vector<std::size_t> first_epoch, second_epoch;
  for (const auto& pick : order.epoch(0)) {
    ++seen[{pick.source, pick.index}];
    first_epoch.push_back(pick.index);
  }
  for (const auto& pick : order.epoch(1)) second_epoch.push_back(pick.index);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ((seen[{0, i}]), 1) << i;
  for (std::size_t i = 0; i < 4; ++i) EXPECT_THAT((seen[{1, i}]), testing::AnyOf(2, 3)) << i;
  EXPECT_NE(first_epoch, second_epoch);
}

TEST(SampleLoader, ShowsSomethingOfEverySet) {
  EXPECT_EQ(SampleOrder({{paintedSource(4), 0.1}, {paintedSource(10), 1}}, 3).samplesPerEpoch(), 11U);
}

TEST(SampleLoader, DrawsTheSizeOfABatch) {
  LoaderOptions options = smallOptions();
  options.scales = {0.5, 1, 1.5};
  std::map<int, int> sizes;
  for (const TrainingBatch& batch : batches(options, 0, 30)) ++sizes[batch.size];
  EXPECT_THAT(sizes, testing::ElementsAre(testing::Pair(32, testing::Gt(3)), testing::Pair(64, testing::Gt(3)),
                                          testing::Pair(96, testing::Gt(3))));
}

TEST(SampleLoader, ReplacesAPictureThatCannotBeReadAndGivesUpWhenNoneCan) {
  setLogLevel(LogLevel::kQuiet);
  TrainingSource holes = paintedSource(6);
  const auto read = holes.read;
  holes.read = [read](std::size_t index, Random& random) {
    if (index % 2 == 0) throw Error({&codes::kImageCorrupt, "picture " + std::to_string(index) + " is damaged", ""});
    return read(index, random);
  };
  SampleLoader loader({{holes, 1}}, smallOptions(), 0);
  EXPECT_EQ(loader.next().count, 4);

  TrainingSource broken = holes;
  broken.read = [](std::size_t, Random&) -> LabelledImage { throw Error({&codes::kImageCorrupt, "damaged", ""}); };
  SampleLoader hopeless({{broken, 1}}, smallOptions(), 0);
  EXPECT_THROW(hopeless.next(), Error);
}

TEST(SampleLoader, RefusesToStartWithoutPictures) {
  EXPECT_THROW(SampleLoader({}, smallOptions(), 0), Error);
}

}  // namespace
}  // namespace ocrdet
