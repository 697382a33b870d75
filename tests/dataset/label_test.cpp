// Ground truth from a detector, here a function whose answers are known.
#include "dataset/label.h"

#include <gmock/gmock.h>

#include "dataset/layout.h"
#include "dataset/small_set.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;
using ocrdet::test::SmallSet;

Detection threeBoxes(const fs::path& path) {
  if (path.filename() == "tr2.png")
    throw Error({&codes::kImageCorrupt, "tr2.png is damaged.", "Leave it out.", {}, {}});
  Detection detection;
  if (path.filename() == "tr3.png") return detection;
  detection.boxes = {{{{10, 10}, {60, 10}, {60, 30}, {10, 30}}, 0.9},
                     {{{20, 50}, {20, 70}, {90, 70}, {90, 50}}, 0.5},  // counter-clockwise, doubtful
                     {{{5, 5}, {5, 5}, {5, 5}, {5, 5}}, 0.9}};         // nothing
  return detection;
}

TEST(Label, WritesSureBoxesAsTextAndDoubtfulOnesAsIgnored) {
  const SmallSet set("label");
  const std::vector<fs::path> images = {set.path() / "train_images/tr1.png", set.path() / "train_images/tr2.png",
                                        set.path() / "train_images/tr3.png"};
  for (const int threads : {1, 3}) {
    const fs::path out = set.path() / ("out" + std::to_string(threads));
    LabelOptions options;
    options.images_at_a_time = threads;
    options.sure = 0.6;
    const LabelResult result = labelImages(images, out, threeBoxes, options);
    EXPECT_EQ(result.images, 2U);
    EXPECT_EQ(result.texts, 2U);
    EXPECT_EQ(result.doubtful, 1U);
    ASSERT_EQ(result.failures.size(), 1U);
    EXPECT_STREQ(result.failures[0].code->name, "image.corrupt");
    const std::vector<TruthImage> found = findTruth(out, "train");
    ASSERT_EQ(found.size(), 2U);
    const std::vector<TruthLine> truth = readTruthFile(found[0].truth);
    ASSERT_EQ(truth.size(), 2U);
    EXPECT_FALSE(truth[0].ignored);
    EXPECT_TRUE(truth[1].ignored);
    EXPECT_EQ(truth[1].points, (Polygon{{20, 50}, {90, 50}, {90, 70}, {20, 70}}));
    EXPECT_TRUE(readTruthFile(found[1].truth).empty());
  }
}

TEST(Label, LeavesNoFolderWhenNoPictureCanBeRead) {
  const SmallSet set("none");
  const std::vector<fs::path> images = {set.path() / "train_images/tr2.png"};
  EXPECT_THROW(labelImages(images, set.path() / "out", threeBoxes), Error);
  EXPECT_FALSE(fs::exists(set.path() / "out"));
}

TEST(Label, LeavesNoFolderBehindAFailureOfTheDetector) {
  const SmallSet set("fails");
  const auto fail = [](const fs::path&) -> Detection {
    throw Error({&codes::kMemoryExhausted, "Memory ran out.", "Use a smaller size.", {}, {}});
  };
  const std::vector<fs::path> images = {set.path() / "train_images/tr1.png"};
  EXPECT_THROW(labelImages(images, set.path() / "out", fail), Error);
  EXPECT_FALSE(fs::exists(set.path() / "out"));
}

}  // namespace
}  // namespace ocrdet
