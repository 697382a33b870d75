// The predicted peak of memory against the one that a process of its own reaches, for files as they are exported.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "graph/memory.h"
#include "ocrdet/export.h"
#include "onnx/read.h"
#include "runtime/peak_memory.h"
#include "support/formula_checkpoint.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

// docs/memory.md has the figures of all rows.
struct Row {
  const char* name;
  std::int64_t batch, height, width;
  bool dynamic;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

// Sanitizers and debug allocators change what a process takes; the prediction is about ordinary programs.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kOrdinaryProgram = false;
#else
constexpr bool kOrdinaryProgram = true;
#endif

class Memory : public testing::TestWithParam<Row> {
 protected:
  Memory() : folder_(fs::path(testing::TempDir()) / fmt::format("memory_{}", getpid())) {
    fs::create_directories(folder_);
  }
  ~Memory() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_P(Memory, IsPredictedWithinAQuarterOfWhatIsMeasured) {
  if (!kOrdinaryProgram) GTEST_SKIP() << "Sanitizers take memory of their own.";
  const Row& row = GetParam();
  ExportOptions options;
  options.checkpoint = test::formulaCheckpoint("formula.pt");
  options.output = folder_ / "model.onnx";
  options.verify = false;
  options.batch = row.batch;
  options.height = row.height;
  options.width = row.width;
  if (row.dynamic) options.batch = options.height = options.width = std::nullopt;
  exportOnnx(options);

  SymbolLengths lengths;
  if (row.dynamic) lengths = {{"batch", row.batch}, {"height", row.height}, {"width", row.width}};
  const std::int64_t predicted = predictPeakMemory(readOnnx(options.output), lengths).peak_bytes;
  const MeasuredMemory measured = measurePeakMemory(options.output, lengths);
  const double ratio = static_cast<double>(predicted) / static_cast<double>(measured.peak_bytes);
  fmt::print("| {} | {}×{}×{} | {} MB | {} MB | {} MB | {:.2f} |\n", row.dynamic ? "dynamic" : "fixed", row.batch,
             row.height, row.width, predicted / 1'000'000, measured.peak_bytes / 1'000'000,
             measured.loaded_bytes / 1'000'000, ratio);
  std::fflush(stdout);
  EXPECT_GE(ratio, 0.75);
  EXPECT_LE(ratio, 1.25);
  EXPECT_GT(measured.peak_bytes, measured.loaded_bytes);
}

constexpr Row kRows[] = {
    {"Fixed640x640", 1, 640, 640, false},         {"Fixed800x800", 1, 800, 800, false},
    {"Fixed736x1280", 1, 736, 1280, false},       {"Fixed1536x1536", 1, 1536, 1536, false},
    {"FixedBatch4Of640x640", 4, 640, 640, false}, {"Dynamic640x640", 1, 640, 640, true},
    {"Dynamic800x800", 1, 800, 800, true},        {"Dynamic736x1280", 1, 736, 1280, true},
    {"Dynamic1536x1536", 1, 1536, 1536, true},    {"DynamicBatch4Of640x640", 4, 640, 640, true},
};
INSTANTIATE_TEST_SUITE_P(Files, Memory, testing::ValuesIn(kRows),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace ocrdet
