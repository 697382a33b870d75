// `ocrdet bench` as users type it: figures on stdout, errors with their code.

#include <gmock/gmock.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "support/sanitized.h"

namespace ocrdet::test {
namespace {

using nlohmann::json;

// Formula weights paint noise all over the map; below this, post-processing would take longer than the network.
constexpr const char* kNoNoise = " --pixel-threshold 0.97";

class BenchCommand : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<ScratchFolder>();
    checkpoint_ = *folder_ / "formula.pt";
    ASSERT_EQ(std::system(("xz -dkc " OCRDET_GOLDEN_DIR "/weights/formula.pt.xz > " + checkpoint_).c_str()), 0);
    model_ = *folder_ / "model.onnx";
    const ProgramResult exported = runProgram("export " + checkpoint_ + " --dynamic --no-verify -o " + model_);
    ASSERT_EQ(exported.status, 0) << exported.err;
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static std::string model_, checkpoint_;

 private:
  static std::unique_ptr<ScratchFolder> folder_;
};
std::string BenchCommand::model_, BenchCommand::checkpoint_;
std::unique_ptr<ScratchFolder> BenchCommand::folder_;

TEST_F(BenchCommand, PrintsOneDocumentWithEveryTimeAndTheMemory) {
  const ProgramResult result = runProgram("bench " + model_ + kNoNoise +
                                          " --size 320x320 --size 320x416 --runs 2 --warm-up 0 --threads 2 --json");
  ASSERT_EQ(result.status, 0) << result.err;
  const json report = json::parse(result.out);
  EXPECT_EQ(report["success"], true);
  EXPECT_EQ(report["threads"], 2);
  ASSERT_EQ(report["cases"].size(), 2U);
  EXPECT_EQ(report["cases"][1]["input"], (json{{"height", 320}, {"width", 416}, {"mixed", false}}));
  for (const json& each : report["cases"]) {
    EXPECT_EQ(each["latency_ms"]["all"].size(), 2U);
    EXPECT_GT(each["images_per_second"]["side_by_side"], 0);
    // docs/memory.md says how far prediction may be off.
    if (kSanitized) continue;
    const double measured = each["memory"]["measured_peak_bytes"], predicted = each["memory"]["predicted_peak_bytes"];
    EXPECT_NEAR(predicted / measured, 1, 0.25);
  }
}

TEST_F(BenchCommand, TakesPictures) {
  const ProgramResult result =
      runProgram("bench " + model_ + kNoNoise + " --resize short:320 --no-memory --images-at-a-time 1 --runs 1 " +
                 "--json --images " OCRDET_SOURCE_DIR "/examples/images");
  ASSERT_EQ(result.status, 0) << result.err;
  const json only = json::parse(result.out)["cases"][0];
  EXPECT_EQ(only["pictures"], 1);
  EXPECT_EQ(only["input"]["width"], 320);
  EXPECT_TRUE(only["memory"]["measured_peak_bytes"].is_null());
}

TEST_F(BenchCommand, TakesACheckpointButCannotMeasureItsMemory) {
  const ProgramResult result = runProgram("bench " + checkpoint_ + kNoNoise +
                                          " --size 320x320 --images-at-a-time 1 --runs 1 --warm-up 0 --json");
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(json::parse(result.out)["cases"][0]["memory"]["measured_peak_bytes"].is_null());
}

TEST_F(BenchCommand, GivesErrorsTheirCodeAndStatus) {
  struct Row {
    std::string arguments;
    int status;
    std::string code;
  };
  const Row rows[] = {{"missing.onnx", 3, "file.missing"},
                      {OCRDET_SOURCE_DIR "/LICENSE", 3, "runtime.model-refused"},
                      {model_ + " --size 100x100", 2, "usage.option"},
                      {model_ + " --size 320", 2, "usage.option"},
                      {model_ + " --size 320x99999", 2, "size.out-of-range"},
                      {model_ + " --images nowhere.jpg", 3, "file.missing"},
                      {model_ + " --runs 0", 2, "usage.option"},
                      {model_ + " --provider abacus", 2, "usage.option"},
                      {model_ + " --provider cuda", 4, "runtime.provider-missing"}};
  for (const Row& row : rows) {
    const ProgramResult result = runProgram("bench --json " + row.arguments);
    EXPECT_EQ(result.status, row.status) << row.arguments << "\n" << result.out << result.err;
    EXPECT_EQ(json::parse(result.out)["error"]["code"], row.code) << row.arguments;
  }
}

// `timeout` signals the program, and then its group with the program in it.
TEST_F(BenchCommand, EndsCleanlyWithControlC) {
  const ProgramResult result = runProgram("bench " + model_ + " --size 320x320 --runs 100000 --json",
                                          "timeout --preserve-status --signal=INT 2");
  EXPECT_EQ(result.status, 130);
  EXPECT_EQ(json::parse(result.out)["error"]["code"], "run.interrupted");
}

}  // namespace
}  // namespace ocrdet::test
