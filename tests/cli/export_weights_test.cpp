// `ocrdet export -o NAME.safetensors`: weights alone.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/exported_checkpoint.h"
#include "cli/program.h"

namespace ocrdet::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

TEST(ExportWeights, WritesWhatTheOtherCommandsTakeForACheckpoint) {
  const ScratchFolder folder;
  const std::string weights = folder / "line.safetensors";
  const ProgramResult result = runProgram("export " + checkpoint() + " -o " + weights + " --precision fp16 --json");
  ASSERT_EQ(result.status, 0) << result.err;
  const json document = json::parse(result.out);
  EXPECT_EQ(document["success"], true);
  EXPECT_EQ(document["path"], weights);
  EXPECT_EQ(document["bytes"], fs::file_size(weights));
  EXPECT_EQ(document["precision"], "fp16");
  EXPECT_EQ(document["threshold_head"], true);

  const json report = json::parse(runProgram("inspect --json " + weights).out);
  EXPECT_EQ(report["format"], "safetensors");
  EXPECT_TRUE(report["is_dbnet_resnet18"]);
  EXPECT_EQ(report["tensors"], 158);
  const ProgramResult onnx =
      runProgram("export " + weights + " --size 320x320 --no-verify -o " + (folder / "model.onnx"));
  EXPECT_EQ(onnx.status, 0) << onnx.err;
}

TEST(ExportWeights, CarriesTheSettingsOfBoxesOn) {
  const ScratchFolder folder;
  const std::string weights = folder / "line.safetensors", onnx = folder / "line.onnx";
  ASSERT_EQ(
      runProgram("export " + checkpoint() + " -o " + weights + " --pixel-threshold 0.35 --unclip-ratio 1.75").status,
      0);
  ASSERT_EQ(runProgram("export " + weights + " --size 320x320 --no-verify --box-threshold 0.45 -o " + onnx).status, 0);
  const json contract = json::parse(runProgram("inspect --json " + onnx).out)["contract"];
  EXPECT_EQ(contract["ocrdet.pixel_threshold"], "0.35");
  EXPECT_EQ(contract["ocrdet.box_threshold"], "0.45");
  EXPECT_EQ(contract["ocrdet.unclip_ratio"], "1.75");
  EXPECT_EQ(runProgram("export " + weights + " -o " + (folder / "other.onnx") + " --box-threshold 1.5").status, 2);
}

TEST(ExportWeights, SaysWhatToDoNext) {
  const ScratchFolder folder;
  const ProgramResult result = runProgram("export " + checkpoint() + " -o " + (folder / "line.safetensors"));
  EXPECT_THAT(result.out, AllOf(HasSubstr("weights alone, fp32"),
                                HasSubstr("Next: ocrdet detect PICTURE --model " + (folder / "line.safetensors"))));
}

TEST(ExportWeights, RefusesOptionsThatBelongToOnnxFilesByName) {
  const ScratchFolder folder;
  const std::string start = "export " + checkpoint() + " -o " + (folder / "line.safetensors") + " ";
  const ProgramResult several = runProgram(start + "--size 640x640 --no-verify --snippet cpp");
  EXPECT_EQ(several.status, 2);
  EXPECT_THAT(several.err, HasSubstr("--size, --snippet, --no-verify are for ONNX files"));
  for (const char* option :
       {"--dynamic", "--any-size", "--free batch", "--batch 2", "--float16-io", "--embed-preprocess", "--opset 12",
        "--round", "--allow size.out-of-range", "--target tensorrt", "--max-memory 1GB"}) {
    const ProgramResult result = runProgram(start + option);
    EXPECT_EQ(result.status, 2) << option;
    const std::string name = std::string(option).substr(0, std::string(option).find(' '));
    EXPECT_THAT(result.err, HasSubstr("weights alone; " + name + " is for ONNX files")) << option;
  }
  EXPECT_EQ(runProgram(start + "--precision int8").status, 2);
  EXPECT_TRUE(fs::is_empty(folder.path()));
  EXPECT_EQ(runProgram(start + "--threads 2", "OCRDET_ONNXRUNTIME=/somewhere").status, 0) << "of the machine";
}

TEST(ExportWeights, ReplacesOnlyWithForceAndNeverItsCheckpoint) {
  const ScratchFolder folder;
  const std::string input = folder / "best.safetensors", output = folder / "line.safetensors";
  ASSERT_EQ(runProgram("export " + checkpoint() + " -o " + input).status, 0);
  const std::string to_output = "export " + input + " --precision fp16 -o " + output;
  EXPECT_EQ(runProgram(to_output).status, 0);
  EXPECT_THAT(runProgram(to_output).err, HasSubstr("file.exists"));
  EXPECT_EQ(runProgram(to_output + " --force").status, 0);
  const auto size = fs::file_size(input);
  for (const std::string& onto : {input, folder / "./best.safetensors"})
    EXPECT_THAT(runProgram("export " + input + " --precision fp16 --force -o " + onto).err,
                HasSubstr("is what the output is made from"));
  EXPECT_EQ(fs::file_size(input), size);
}

// The same rule for ONNX files.
TEST(ExportCommand, NeverReplacesItsCheckpoint) {
  const ScratchFolder folder;
  fs::copy_file(checkpoint(), folder / "best.pt");
  const ProgramResult result =
      runProgram("export " + (folder / "best.pt") + " --no-verify --force -o " + (folder / "best.pt"));
  EXPECT_THAT(result.err, HasSubstr("file.exists"));
  EXPECT_EQ(fs::file_size(folder / "best.pt"), fs::file_size(checkpoint()));
}

}  // namespace
}  // namespace ocrdet::test
