// `ocrdet export`, `verify` and `inspect` as a user meets them.

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/exported_checkpoint.h"
#include "cli/program.h"

namespace ocrdet::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(ExportCommand, WritesAVerifiedFileAndSaysWhatHolds) {
  const ScratchFolder folder;
  const std::string model = folder / "model.onnx";
  const ProgramResult result = runProgram("export " + checkpoint() + " --size 320x480 -o " + model + " --json");
  ASSERT_EQ(result.status, 0) << result.err;
  const json document = json::parse(result.out);
  EXPECT_EQ(document["path"], model);
  EXPECT_TRUE(document["verification"]["passed"]);
  EXPECT_LT(document["verification"]["probability_difference"]["max"], 1e-4);
  EXPECT_GT(document["verification"]["measured_peak_bytes"], 100'000'000);

  const ProgramResult verified = runProgram("verify " + model + " --against " + checkpoint());
  EXPECT_EQ(verified.status, 0) << verified.out << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("model.onnx: verified"));

  const json inspected = json::parse(runProgram("inspect --json " + model).out);
  EXPECT_EQ(inspected["opset"], 12);
}

TEST(ExportCommand, VerifyFailsForADamagedFileWithStatus1) {
  const ScratchFolder folder;
  const std::string model = folder / "model.onnx";
  ASSERT_EQ(runProgram("export " + checkpoint() + " --size 320x320 --no-verify -o " + model).status, 0);
  {
    // A thousand weights far inside the file (of a single one the input may happen to be zero).
    std::fstream file(model, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(3'000'000);
    const std::string damage(4096, '\x42');
    file.write(damage.data(), 4096);
  }
  const ProgramResult result = runProgram("verify " + model + " --no-memory --against " + checkpoint());
  EXPECT_EQ(result.status, 1) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("FAIL"));
}

TEST(ExportCommand, NamesItsFileAfterTheSize) {
  const ScratchFolder folder;
  const std::string go = "cd " + folder.path().string() + " &&";
  EXPECT_EQ(runProgram("export " + checkpoint() + " --no-verify --size 640x640", go).status, 0);
  EXPECT_EQ(runProgram("export " + checkpoint() + " --no-verify --dynamic", go).status, 0);
  EXPECT_EQ(runProgram("export " + checkpoint() + " --no-verify --any-size", go).status, 0);
  EXPECT_EQ(runProgram("export --round " + checkpoint() + " --no-verify --size 819x819", go).status, 0);
  EXPECT_THAT(runProgram("export " + checkpoint() + " --no-verify --force --size 819x600 --round", go).err,
              HasSubstr("Size 819x600 was rounded to 832x608."));
  for (const char* name : {"model_640x640.onnx", "model_dynamic.onnx", "model_any.onnx", "model_832x832.onnx"}) {
    EXPECT_TRUE(std::filesystem::exists(folder / name)) << name;
  }
}

TEST(ExportCommand, PrintsCodeThatRunsTheFile) {
  const ScratchFolder folder;
  for (const char* language : {"cpp", "python", "opencv"}) {
    const ProgramResult result =
        runProgram("export " + checkpoint() + " --no-verify --size 320x320 --force --snippet " + language + " -o " +
                   (folder / "model.onnx"));
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("model.onnx")) << language;
    EXPECT_THAT(result.out, HasSubstr("123.68")) << language;
  }
}

// Verifying a dynamic file takes seconds; Ctrl-C comes in the middle.
TEST(ExportCommand, LeavesNothingAfterCtrlC) {
  const ScratchFolder folder;
  const std::string model = folder / "model.onnx";
  const std::string path = checkpoint();
  const pid_t child = fork();
  if (child == 0) {
    std::freopen("/dev/null", "w", stdout);
    std::freopen("/dev/null", "w", stderr);
    execl(OCRDET_PROGRAM, OCRDET_PROGRAM, "export", path.c_str(), "--dynamic", "-o", model.c_str(), nullptr);
    _exit(127);
  }
  // Wait for the temporary file, so that the signal hits the verification and not the start.
  bool started = false;
  for (int i = 0; i < 600 && !started; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    started = !std::filesystem::is_empty(folder.path());
  }
  ASSERT_TRUE(started);
  kill(child, SIGINT);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(InspectCommand, DescribesACheckpoint) {
  const json report = json::parse(runProgram("inspect --json " + checkpoint()).out);
  EXPECT_EQ(report["format"], "PyTorch zip");
  EXPECT_TRUE(report["is_dbnet_resnet18"]);
  EXPECT_EQ(report["tensors"], 158);
  EXPECT_EQ(report["inference_parameters"], 12'176'513);
  EXPECT_NEAR(report["gmac_640x640"], 24.83, 0.005);
  const ProgramResult text = runProgram("inspect --layers " + checkpoint());
  EXPECT_THAT(text.out, HasSubstr("backbone.layer4.1.conv2"));
  EXPECT_THAT(text.out, HasSubstr("943.7"));
}

TEST(InspectCommand, TellsWhyACheckpointIsNotOurNetwork) {
  const ProgramResult result = runProgram("inspect " OCRDET_GOLDEN_DIR "/pickles/plain.pt");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, HasSubstr("not our network"));
}

TEST(InspectCommand, RefusesWhatIsNeither) {
  const ScratchFolder folder;
  std::ofstream(folder / "page.onnx") << "<!DOCTYPE html><html>not found</html>";
  const ProgramResult result = runProgram("inspect --json " + (folder / "page.onnx"));
  EXPECT_EQ(result.status, 3);
  EXPECT_THAT(json::parse(result.out)["error"]["message"].get<std::string>(), HasSubstr("HTML"));
}

}  // namespace
}  // namespace ocrdet::test
