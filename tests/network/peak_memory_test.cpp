// Predicted against measured peak memory; prints the table of docs/memory.md.
//
// A measurement is a process of its own that loads the exported file and runs it once (runtime/peak_memory.h).

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "base/atomic_file.h"
#include "graph/memory.h"
#include "onnx/serialise.h"
#include "passes/pipeline.h"
#include "runtime/peak_memory.h"
#include "support/formula_weights.h"
#include "support/sanitized.h"

namespace ocrdet {
namespace {

struct Shape {
  int batch, height, width;
};
constexpr Shape kAllShapes[] = {{1, 640, 640}, {1, 800, 800}, {1, 736, 1280}, {1, 1536, 1536}, {4, 640, 640}};
constexpr Shape kSomeShapes[] = {{1, 640, 640}, {1, 736, 1280}};
// Not multiples of 32: the file pads.
constexpr Shape kOddShapes[] = {{1, 630, 620}, {1, 720, 1270}};

// What the accuracy of the prediction is promised to be.
constexpr double kMemoryTolerance = 0.25;

class ExportedFile {
 public:
  explicit ExportedFile(const Graph& graph) {
    path_ = std::filesystem::path(testing::TempDir()) / ("peak_" + std::to_string(getpid()) + ".onnx");
    Graph copy = graph;
    writeFileAtomically(path_, serialiseOnnx(std::move(copy)));
  }
  ~ExportedFile() { std::filesystem::remove(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void compare(const char* what, const Graph& graph, const ExportedFile& file, const Shape& shape) {
  const SymbolLengths lengths{{"batch", shape.batch}, {"height", shape.height}, {"width", shape.width}};
  const MemoryPrediction predicted = predictPeakMemory(graph, lengths);
  const MeasuredMemory measured = measurePeakMemory(file.path(), lengths);
  const double ratio = static_cast<double>(predicted.peak_bytes) / static_cast<double>(measured.peak_bytes);
  std::printf("%-14s %d×%d×%d  predicted %4.0f MB, measured %4.0f MB, ratio %.2f\n", what, shape.batch, shape.height,
              shape.width, static_cast<double>(predicted.peak_bytes) / 1e6,
              static_cast<double>(measured.peak_bytes) / 1e6, ratio);
  EXPECT_NEAR(ratio, 1, kMemoryTolerance) << what << ' ' << describe(predicted);
  EXPECT_LE(measured.loaded_bytes, measured.peak_bytes);
}

void compareFixed(const char* what, GraphOptions options, std::span<const Shape> shapes) {
  if (test::kSanitized) GTEST_SKIP() << "memory is not measured under a sanitizer";
  const StateDict weights = test::formulaStateDict();
  for (const Shape& shape : shapes) {
    options.batch = shape.batch;
    options.height = shape.height;
    options.width = shape.width;
    const Graph graph = buildExportGraph(weights, options);
    compare(what, graph, ExportedFile(graph), shape);
  }
}

void compareDynamic(const char* what, const GraphOptions& options, std::span<const Shape> shapes) {
  if (test::kSanitized) GTEST_SKIP() << "memory is not measured under a sanitizer";
  const Graph graph = buildExportGraph(test::formulaStateDict(), options);
  const ExportedFile file(graph);
  for (const Shape& shape : shapes) compare(what, graph, file, shape);
}

TEST(PeakMemory, OfFixedFilesIsPredicted) {
  compareFixed("fixed", {}, kAllShapes);
}

TEST(PeakMemory, OfDynamicFilesIsPredicted) {
  compareDynamic("dynamic", {}, kAllShapes);
}

TEST(PeakMemory, OfFloat16FilesIsPredicted) {
  GraphOptions options;
  options.precision = GraphOptions::kFloat16;
  compareFixed("float16 fixed", options, kSomeShapes);
  compareDynamic("float16 dyn.", options, kSomeShapes);
}

TEST(PeakMemory, OfAnySizeFilesIsPredicted) {
  GraphOptions options;
  options.any_size = true;
  compareFixed("any fixed", options, kOddShapes);
  compareDynamic("any dynamic", options, kOddShapes);
}

TEST(PeakMemory, OfFilesThatNormaliseByThemselvesIsPredicted) {
  GraphOptions options;
  options.embed_preprocess = true;
  compareFixed("bytes fixed", options, kSomeShapes);
  compareDynamic("bytes dynamic", options, kSomeShapes);
}

}  // namespace
}  // namespace ocrdet
