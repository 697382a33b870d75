#include "ocrdet/export.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "base/cancellation.h"
#include "base/mapped_file.h"
#include "base/sha256.h"
#include "contract/file_contract.h"
#include "model/weights_file.h"
#include "onnx/read.h"
#include "support/formula_checkpoint.h"
#include "support/formula_weights.h"
#include "support/scratch_folder.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

class ExportTest : public testing::Test {
 protected:
  ExportTest() {
    options_.checkpoint = test::formulaCheckpoint("formula.pt");
    options_.output = folder_ / "model.onnx";
    options_.height = options_.width = 320;
    options_.verify = false;
  }

  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_)) found.push_back(entry.path().filename().string());
    return found;
  }
  std::string codeOfFailure() {
    try {
      exportOnnx(options_);
      return "none";
    } catch (const Error& error) {
      return error.code().name;
    }
  }

  test::ScratchFolder scratch_;
  fs::path folder_ = scratch_.path();
  ExportOptions options_;
};

TEST_F(ExportTest, GivesTheSameBytesTwice) {
  exportOnnx(options_);
  const std::string first = sha256(MappedFile::open(options_.output)->bytes());
  options_.overwrite = true;
  exportOnnx(options_);
  EXPECT_EQ(sha256(MappedFile::open(options_.output)->bytes()), first);
}

TEST_F(ExportTest, GivesTheSameBytesTwiceWhenVerified) {
  options_.verify = true;
  exportOnnx(options_);
  const std::string first = sha256(MappedFile::open(options_.output)->bytes());
  options_.overwrite = true;
  const ExportResult result = exportOnnx(options_);
  EXPECT_EQ(sha256(MappedFile::open(options_.output)->bytes()), first);
  EXPECT_TRUE(result.verification->passed());
  EXPECT_GT(result.verification->measured_peak_bytes, 0);
}

TEST_F(ExportTest, PutsTheSettingsThatAreAskedForBeforeThoseOfTheWeights) {
  writeWeights(folder_ / "weights.safetensors", test::formulaStateDict(), Precision::kFloat16, {0.35, 0.45, 1.75});
  options_.checkpoint = folder_ / "weights.safetensors";
  options_.box_threshold = 0.6;
  exportOnnx(options_);
  EXPECT_EQ(readBoxSettings(readOnnx(options_.output).metadata), (BoxSettings{0.35, 0.6, 1.75}));
}

TEST_F(ExportTest, WritesTheContractIntoTheFile) {
  options_.verify = true;
  exportOnnx(options_);
  const auto contract = readFileContract(readOnnx(options_.output).metadata);
  ASSERT_TRUE(contract);
  EXPECT_EQ(contract->size_mode, SizeMode::kFixed);
  EXPECT_EQ(contract->height, 320);
  EXPECT_EQ(contract->source_sha256, sha256(MappedFile::open(options_.checkpoint)->bytes()));
  EXPECT_THAT(contract->passes, testing::StartsWith("fold_batch_norm"));
  EXPECT_THAT(contract->verified, testing::HasSubstr("at 1x3x320x320"));
}

TEST_F(ExportTest, RefusesAWrongSizeBeforeItReadsTheCheckpoint) {
  options_.checkpoint = folder_ / "missing.pt";
  options_.height = 819;
  EXPECT_EQ(codeOfFailure(), "size.not-multiple-of-32");
}

TEST_F(ExportTest, RoundsOnRequestAndSaysSo) {
  options_.height = 819;
  options_.width = 600;
  options_.round = Rounding::kClosest;
  const ExportResult result = exportOnnx(options_);
  EXPECT_EQ(result.rounded_from, (Size{819, 600}));
  EXPECT_EQ(result.rounded_to, (Size{832, 608}));
  EXPECT_EQ(readFileContract(readOnnx(options_.output).metadata)->height, 832);
}

TEST_F(ExportTest, KeepsWhatIsThereUnlessToldOtherwise) {
  exportOnnx(options_);
  EXPECT_EQ(codeOfFailure(), "file.exists");
}

TEST_F(ExportTest, LeavesNoFileWhenVerificationCannotRun) {
  options_.verify = true;
  options_.onnxruntime = folder_ / "nowhere";
  EXPECT_NE(codeOfFailure(), "none");
  EXPECT_THAT(names(), testing::IsEmpty());
}

TEST_F(ExportTest, LeavesNoFileWhenInterrupted) {
  setInterrupted(true);
  options_.verify = true;
  EXPECT_EQ(codeOfFailure(), "run.interrupted");
  setInterrupted(false);
  EXPECT_THAT(names(), testing::IsEmpty());
}

TEST_F(ExportTest, LeavesNoFileInAFolderThatIsNotThere) {
  options_.output = folder_ / "nowhere" / "model.onnx";
  EXPECT_EQ(codeOfFailure(), "file.unwritable");
}

TEST_F(ExportTest, RefusesWhatWouldNotFitIntoTheMemoryAllowed) {
  options_.memory_limit = 10'000'000;
  EXPECT_EQ(codeOfFailure(), "memory.exceeds-limit");
  EXPECT_THAT(names(), testing::IsEmpty());
}

TEST_F(ExportTest, RefusesInt8ByName) {
  options_.precision = Precision::kInt8;
  options_.opset = 13;
  EXPECT_EQ(codeOfFailure(), "usage.option");
}

}  // namespace
}  // namespace ocrdet
