// PyTorch's own outputs (tests/golden/network), from every kind of checkpoint file and through every kind of ONNX file.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "ocrdet/export.h"
#include "runtime/session.h"
#include "support/formula_checkpoint.h"
#include "support/formula_weights.h"
#include "support/npy.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

struct Case {
  const char* checkpoint;
  const char* form;
  std::function<void(ExportOptions&)> change;
  double tolerance = 1e-4;
};

void fixed(ExportOptions&) {}
void dynamic(ExportOptions& options) {
  options.batch = options.height = options.width = std::nullopt;
}
void anySize(ExportOptions& options) {
  dynamic(options);
  options.any_size = true;
}
void float16(ExportOptions& options) {
  options.precision = Precision::kFloat16;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const char* checkpoint : {"formula.pt", "formula_legacy.pt", "formula.safetensors"}) {
    all.push_back({checkpoint, "fixed", fixed});
    all.push_back({checkpoint, "dynamic", dynamic});
    all.push_back({checkpoint, "any size", anySize});
    all.push_back({checkpoint, "float16", float16, 5e-3});
  }
  for (int opset = 11; opset <= 17; ++opset) {
    all.push_back({"formula.pt", "dynamic, one opset", [opset](ExportOptions& o) { dynamic(o), o.opset = opset; }});
    all.push_back({"formula.pt", "any size, one opset", [opset](ExportOptions& o) { anySize(o), o.opset = opset; }});
    all.push_back(
        {"formula.pt", "float16, one opset", [opset](ExportOptions& o) { float16(o), o.opset = opset; }, 5e-3});
  }
  all.push_back({"formula.pt", "float16, any size", [](ExportOptions& o) { anySize(o), float16(o); }, 5e-3});
  return all;
}

struct Golden {
  int batch, height, width;
  std::string name() const {
    return std::to_string(batch) + "x" + std::to_string(height) + "x" + std::to_string(width);
  }
};

double largestDifference(const Session& session, const Golden& golden) {
  const std::vector<float> input = test::formulaInput(golden.batch, golden.height, golden.width);
  const std::vector<NamedTensor> output =
      session.run({{"input", viewOf({golden.batch, 3, golden.height, golden.width}, input)}});
  const test::FloatArray expected = test::readNpy(OCRDET_GOLDEN_DIR "/network/prob_" + golden.name() + ".npy");
  const std::span<const float> found = floatsOf(output.at(0).tensor);
  // The large case is stored every fourth row and column.
  const std::int64_t step = golden.height == 640 ? 4 : 1;
  double largest = 0;
  std::size_t index = 0;
  for (std::int64_t row = 0; row < golden.batch * golden.height; row += step) {
    for (std::int64_t column = 0; column < golden.width; column += step, ++index) {
      const double difference = std::abs(double{found[static_cast<std::size_t>(row * golden.width + column)]} -
                                         double{expected.values.at(index)});
      largest = std::max(largest, std::isnan(difference) ? INFINITY : difference);
    }
  }
  EXPECT_EQ(index, expected.values.size());
  return largest;
}

TEST(GoldenNetwork, IsReproducedFromEveryCheckpointThroughEveryFile) {
  const fs::path model = fs::path(testing::TempDir()) / ("golden_" + std::to_string(getpid()) + ".onnx");
  for (const Case& each : cases()) {
    ExportOptions options;
    options.checkpoint = test::formulaCheckpoint(each.checkpoint);
    options.output = model;
    options.overwrite = true;
    options.verify = false;
    options.allowed = {"size.out-of-range"};
    options.height = 96;
    options.width = 160;
    each.change(options);
    exportOnnx(options);
    const Session session = Session::open(model);
    std::vector<Golden> goldens = {{1, 96, 160}};
    if (!options.height) goldens.insert(goldens.end(), {{1, 64, 64}, {2, 128, 96}});
    for (const Golden& golden : goldens) {
      EXPECT_LT(largestDifference(session, golden), each.tolerance)
          << each.checkpoint << ", " << each.form << ", opset " << options.opset << ", " << golden.name();
    }
  }
  fs::remove(model);
}

TEST(GoldenNetwork, IsReproducedAtSixHundredForty) {
  const fs::path model = fs::path(testing::TempDir()) / ("golden640_" + std::to_string(getpid()) + ".onnx");
  ExportOptions options;
  options.checkpoint = test::formulaCheckpoint("formula.pt");
  options.output = model;
  options.height = options.width = 640;
  options.verify = false;
  exportOnnx(options);
  EXPECT_LT(largestDifference(Session::open(model), {1, 640, 640}), 1e-4);
  fs::remove(model);
}

}  // namespace
}  // namespace ocrdet
