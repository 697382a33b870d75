// Sources of training pictures: folders and packed files hold the same, drawn pictures are new ones in every epoch.
#include "train/training_source.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "cli/program.h"
#include "dataset/pack.h"
#include "image/encode.h"
#include "ocrdet/error.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

// Two pictures to train on, one of them without text, and one to test with.
void writeSet(const fs::path& folder, const std::string& text) {
  for (const char* name : {"train_images", "train_gts", "test_images", "test_gts"})
    fs::create_directories(folder / name);
  const auto write = [&](const std::string& split, const std::string& name, int grey, const std::string& truth) {
    Image image = makeImage(40, 60);
    std::fill(image.bgr.begin(), image.bgr.end(), std::uint8_t(grey));
    const std::string png = encodePng(image);
    std::ofstream(folder / (split + "_images") / (name + ".png"), std::ios::binary) << png;
    std::ofstream(folder / (split + "_gts") / (name + ".txt")) << truth;
  };
  write("train", "a", 10, "5,5,30,5,30,20,5,20," + text + "\n1,25,50,25,50,35,1,35,###\n");
  write("train", "b", 20, "");
  write("test", "c", 30, "5,5,30,5,30,20,5,20,word\n");
}

TEST(TrainingSource, IsTheSameFromAFolderAndFromAPackedFile) {
  const test::ScratchFolder scratch;
  writeSet(scratch.path() / "set", "word");
  packDataset(scratch.path() / "set", scratch.path() / "set.pack");
  TrainingOptions options;
  options.datasets = {scratch / "set", (scratch / "set.pack") + "@2"};
  const std::vector<WeightedSource> sources = trainingSources(options);
  ASSERT_EQ(sources.size(), 2U);
  EXPECT_EQ(sources[0].source.cared, 1);
  EXPECT_EQ(sources[0].source.ignored, 1);
  EXPECT_EQ(sources[1].times, 2);
  for (const WeightedSource& each : sources) {
    ASSERT_EQ(each.source.size, 2U) << "the test picture is none to learn from";
    Random random(1);
    const LabelledImage a = each.source.read(0, random), b = each.source.read(1, random);
    EXPECT_EQ(a.image.bgr[0], 10);
    ASSERT_EQ(a.regions.size(), 2U);
    EXPECT_EQ(a.regions[0].points, (Polygon{{5, 5}, {30, 5}, {30, 20}, {5, 20}}));
    EXPECT_FALSE(a.regions[0].ignored);
    EXPECT_TRUE(a.regions[1].ignored);
    EXPECT_EQ(b.image.bgr[0], 20);
    EXPECT_TRUE(b.regions.empty());
    EXPECT_TRUE(b.labelled);
  }
}

TEST(TrainingSource, OfDrawnPicturesFollowsTheRandomNumbersAlone) {
  const TrainingSource drawn = drawnSource(3, false);
  EXPECT_EQ(drawn.size, 3U);
  Random first(7), again(7), other(8);
  const LabelledImage a = drawn.read(1, first), same = drawn.read(1, again), next = drawn.read(1, other);
  EXPECT_EQ(a.image.bgr, same.image.bgr);
  EXPECT_NE(a.image.bgr, next.image.bgr);
  EXPECT_FALSE(a.regions.empty() && next.regions.empty());
}

TEST(TrainingSource, OfUnlabelledPicturesHasNoTruth) {
  const test::ScratchFolder scratch;
  writeSet(scratch.path() / "set", "word");
  const TrainingSource source = unlabelledSource(scratch.path() / "set");
  EXPECT_EQ(source.size, 3U) << "pictures of all folders below";
  Random random(1);
  EXPECT_FALSE(source.read(0, random).labelled);
}

TEST(TrainingSource, RefusesSetsWithNothingToLearn) {
  const test::ScratchFolder scratch;
  writeSet(scratch.path() / "set", "###");
  TrainingOptions options;
  options.datasets = {scratch / "set"};
  EXPECT_THROW(trainingSources(options), Error);
  options.drawn = 10;  // something to learn after all
  EXPECT_EQ(trainingSources(options).size(), 2U);
  options.datasets = {(scratch / "set") + "@-1"};
  EXPECT_THROW(trainingSources(options), Error);
}

// Code and message; empty: accepted.
std::string refusalOf(const TrainingOptions& options) {
  try {
    trainingSources(options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(TrainingSource, OfPicturesWithoutTextNeedsATeacherOrDrawnOnes) {
  const test::ScratchFolder scratch;
  writeSet(scratch.path() / "set", "");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch.path() / "set"))
    if (entry.path().extension() == ".txt" && entry.path().parent_path().filename() == "train_gts")
      std::ofstream(entry.path(), std::ios::trunc).close();
  TrainingOptions options;
  options.datasets = {scratch / "set"};
  EXPECT_THAT(refusalOf(options), testing::HasSubstr("hold no texts at all"));
  options.teacher = "teacher.onnx";
  EXPECT_EQ(trainingSources(options).size(), 1U);
}

TEST(TrainingSource, SeesThatAPackedFileHasNothingToLearn) {
  const test::ScratchFolder scratch;
  writeSet(scratch.path() / "set", "###");
  packDataset(scratch.path() / "set", scratch.path() / "set.pack");
  TrainingOptions options;
  options.datasets = {scratch / "set.pack"};
  EXPECT_THAT(refusalOf(options), testing::AllOf(testing::StartsWith("train.all-ignored: "),
                                                 testing::HasSubstr("2 texts, all marked as ignored")));
}

// Of readTruths, as for `ocrdet eval`.
TEST(TrainingSource, NamesEveryDamagedFileOfGroundTruth) {
  const test::ScratchFolder scratch;
  writeSet(scratch.path() / "set", "word");
  for (const char* name : {"a.txt", "b.txt"}) std::ofstream(scratch.path() / "set" / "train_gts" / name) << "1,2,3\n";
  TrainingOptions options;
  options.datasets = {scratch / "set"};
  try {
    trainingSources(options);
    ADD_FAILURE() << "damaged ground truth was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.problems().size(), 2U);
  }
}

TEST(TrainingSource, HasTheSameOriginsUnderAnyName) {
  const test::ScratchFolder scratch;
  writeSet(scratch.path() / "set", "word");
  packDataset(scratch.path() / "set", scratch.path() / "set.pack");
  fs::create_directory_symlink(scratch.path() / "set", scratch.path() / "link");
  const auto origins = [&](const std::string& name) {
    TrainingOptions options;
    options.datasets = {scratch / name};
    return originsOf(trainingSources(options));
  };
  EXPECT_EQ(origins("set").size(), 2U);
  EXPECT_EQ(origins("link"), origins("set"));
  EXPECT_EQ(origins("link/../set"), origins("set"));
  EXPECT_EQ(origins("link/../set.pack"), origins("set.pack"));
  EXPECT_NE(origins("set.pack"), origins("set"));
  EXPECT_TRUE(originsOf({{drawnSource(3, false), 1}}).empty());
}

}  // namespace
}  // namespace ocrdet
