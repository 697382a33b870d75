// A teacher's maps are those of its ONNX file, and come with the batches that they belong to.
#include "train/teacher.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>

#include "cli/program.h"
#include "ocrdet/error.h"
#include "support/formula_checkpoint.h"
#include "support/formula_weights.h"
#include "support/npy.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

// The formula weights as an ONNX file.
class TeacherFile : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const test::ProgramResult exported =
        test::runProgram("export '" + test::formulaCheckpoint("formula.pt").string() +
                         "' --dynamic --no-verify --force -o '" + file().string() + "'");
    ASSERT_EQ(exported.status, 0) << exported.err;
  }
  static void TearDownTestSuite() { fs::remove(file()); }
  static fs::path file() { return fs::path(testing::TempDir()) / ("teacher_" + std::to_string(getpid()) + ".onnx"); }
};

float largestDifference(std::span<const float> a, std::span<const float> b) {
  float largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

TEST_F(TeacherFile, GivesTheGoldenMaps) {
  TrainingBatch batch;
  batch.count = 2, batch.size = 64;
  for (int copy = 0; copy < 2; ++copy) {
    const std::vector<std::uint8_t> image = test::formulaImage(64, 64);
    batch.pixels.insert(batch.pixels.end(), image.begin(), image.end());
  }
  const std::vector<float> maps = Teacher(file(), {}, 1, {64}).probabilities(batch);
  const test::FloatArray golden = test::readNpy(OCRDET_GOLDEN_DIR "/network/prob_1x64x64.npy");
  const std::size_t plane = golden.values.size();
  ASSERT_EQ(maps.size(), 2 * plane);
  for (const std::size_t begin : {std::size_t{0}, plane})
    EXPECT_LT(largestDifference(std::span(maps).subspan(begin, plane), golden.values), 1e-4F);
}

TEST_F(TeacherFile, OfAFixedSizeRefusesBatchesOfAnother) {
  const fs::path fixed = fs::path(testing::TempDir()) / ("fixed_" + std::to_string(getpid()) + ".onnx");
  const test::ProgramResult exported =
      test::runProgram("export '" + test::formulaCheckpoint("formula.pt").string() +
                       "' --size 320x320 --no-verify --force -o '" + fixed.string() + "'");
  ASSERT_EQ(exported.status, 0) << exported.err;
  LoaderOptions options;
  options.size = 320;
  EXPECT_NO_THROW(Teacher(fixed, {}, 1, batchSizes(options)));
  options.scales = {1, 0.5};
  try {
    Teacher(fixed, {}, 1, batchSizes(options));
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.code().name, "usage.option");
    EXPECT_THAT(error.what(), testing::HasSubstr("320×320 only (height × width); batches have 160×160."));
  }
  fs::remove(fixed);
}

TrainingSource paintedSource() {
  return {"painted", 9, std::nullopt, std::nullopt, [](std::size_t index, Random&) {
            LabelledImage unlabelled{makeImage(50, 70), {}, false};
            std::fill(unlabelled.image.bgr.begin(), unlabelled.image.bgr.end(), std::uint8_t(20 * index));
            return unlabelled;
          }};
}

TEST_F(TeacherFile, TeachesEachBatchItsOwnMaps) {
  LoaderOptions options;
  options.batch = 2, options.size = 64, options.workers = 1;
  SampleLoader plain({{paintedSource(), 1}}, options, 0), taught({{paintedSource(), 1}}, options, 0);
  const Teacher teacher(file(), {}, 1, {64});
  BatchStream stream(taught, &teacher);
  for (int i = 0; i < 3; ++i) {
    const TrainingBatch expected = plain.next();
    const TaughtBatch found = stream.next();
    EXPECT_EQ(found.batch.pixels, expected.pixels) << i;
    EXPECT_EQ(found.batch.unlabelled, 2);
    EXPECT_EQ(found.teacher, teacher.probabilities(expected)) << i;
  }
}

TEST_F(TeacherFile, PassesOnWhyThereIsNoNextBatch) {
  TrainingSource broken = paintedSource();
  broken.read = [](std::size_t, Random&) -> LabelledImage { throw Error({&codes::kImageCorrupt, "damaged", ""}); };
  LoaderOptions options;
  options.batch = 2, options.size = 64;
  SampleLoader loader({{broken, 1}}, options, 0);
  const Teacher teacher(file(), {}, 1, {64});
  BatchStream stream(loader, &teacher);
  EXPECT_THROW(stream.next(), Error);
}

}  // namespace
}  // namespace ocrdet
