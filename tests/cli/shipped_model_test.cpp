// The model that is used without --model: where it is looked for, and what is said when it is not there.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "cli/small_set.h"
#include "support/formula_checkpoint.h"

namespace ocrdet::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kFile = "ocrdet-line.safetensors";

class ShippedModel : public ::testing::Test {
 protected:
  ShippedModel() : picture_(writePng(folder_ / "in/page.png", pictureWith(96, 128, {{20, 30, 80, 24}}))) {}

  std::string putModelInto(const std::string& folder) const {
    fs::create_directories(folder_ / folder);
    fs::copy_file(formulaCheckpoint("formula.safetensors"), folder_ / (folder + "/" + kFile));
    return folder_ / (folder + "/" + kFile);
  }
  // The program as it lies at `place`, without the variables that would lead it elsewhere.
  json detectWith(const std::string& place, const std::string& arguments = "") const {
    fs::create_directories(fs::path(folder_ / place).parent_path());
    if (!fs::exists(folder_ / place)) fs::copy_file(OCRDET_PROGRAM, folder_ / place);
    const std::string out = folder_ / "out";
    fs::remove_all(out);
    const std::string command = "env -u OCRDET_MODELS -u OCRDET_MODEL '" + (folder_ / place) + "' detect " + picture_ +
                                " --onnxruntime " OCRDET_ONNXRUNTIME_LIBRARY " --resize short:96 --quiet --out " + out +
                                " " + arguments;
    if (std::system((command + " >" + (folder_ / "log") + " 2>&1").c_str()) != 0) return json();
    return json::parse(std::ifstream(fs::directory_iterator(out)->path() / "run.json"));
  }

  ScratchFolder folder_;
  std::string picture_;
};

TEST_F(ShippedModel, ServesDetectEvalAndLabelFromTheNamedFolder) {
  const std::string model = putModelInto("models");
  const std::string named = "OCRDET_RESIZE=short:96 OCRDET_MODELS=" + (folder_ / "models");
  const ProgramResult detected = runProgram("detect " + picture_ + " --json --quiet", named);
  ASSERT_EQ(detected.status, 0) << detected.out << detected.err;
  const json expected =
      json::parse(runProgram("detect " + picture_ + " --json --quiet --model " + model, "OCRDET_RESIZE=short:96").out);
  EXPECT_EQ(json::parse(detected.out)["images"][0]["detections"], expected["images"][0]["detections"]);

  EXPECT_EQ(runProgram("dataset label " + (folder_ / "in") + " " + (folder_ / "set") + " --quiet", named).status, 0);
  ASSERT_TRUE(fs::exists(folder_ / "set"));
  const ProgramResult evaluated = runProgram("eval " + (folder_ / "set") + " --split train --quiet", named);
  EXPECT_EQ(evaluated.status, 0) << evaluated.err;
  EXPECT_THAT(evaluated.out, HasSubstr("hmean"));
}

TEST_F(ShippedModel, IsFoundInTheTreeOfABuildAndOfAnInstallation) {
  EXPECT_TRUE(detectWith("tree/build/bin/ocrdet").is_null()) << "there is no model yet";
  const std::string built = putModelInto("tree/models");
  EXPECT_EQ(detectWith("tree/build/bin/ocrdet")["model"]["path"], built);
  const std::string installed = putModelInto("tree/build/share/ocrdet/models");
  EXPECT_EQ(detectWith("tree/build/bin/ocrdet")["model"]["path"], installed);
  const std::string other = writeModel(folder_ / "other.onnx", {});
  EXPECT_EQ(detectWith("tree/build/bin/ocrdet", "--model " + other)["model"]["path"], other);
}

// Another place would have one (the build tree, perhaps), but a folder was named.
TEST_F(ShippedModel, IsMissedWithAnErrorThatSaysWhereItWasLookedFor) {
  for (const char* command : {"detect ", "eval ", "dataset label "}) {
    const std::string arguments = command + (folder_ / "in") + (command[0] == 'd' && command[1] == 'a' ? " new" : "");
    const ProgramResult result = runProgram(arguments, "OCRDET_MODELS=/nowhere/models");
    EXPECT_EQ(result.status, 2) << command;
    EXPECT_THAT(result.err, AllOf(HasSubstr("usage.option"), HasSubstr("--model is needed"), HasSubstr(kFile),
                                  HasSubstr("looked in /nowhere/models.")));
  }
  detectWith("apart/bin/ocrdet");
  std::ifstream log(folder_ / "log");
  EXPECT_THAT(std::string(std::istreambuf_iterator<char>(log), {}),
              HasSubstr("looked in " + (folder_ / "apart/share/ocrdet/models, ") + (folder_ / "models.")));
}

}  // namespace
}  // namespace ocrdet::test
