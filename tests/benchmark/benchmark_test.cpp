// The benchmark around a network whose answer is known (detect/tiny_network.h): what it counts, and what it refuses.
#include "ocrdet/benchmark.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "base/cancellation.h"
#include "benchmark/benchmark_json.h"
#include "detect/tiny_network.h"
#include "image/encode.h"
#include "image/image.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;
using test::onnxBytes;
using test::TinyNetwork;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class BenchmarkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("benchmark_" + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override {
    setInterrupted(false);
    fs::remove_all(folder_);
  }

  fs::path write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }

  // A black picture with so many white bars.
  fs::path picture(const std::string& name, int bars) const {
    Image image = makeImage(64, 96);
    for (int bar = 0; bar < bars; ++bar)
      for (int y = 10 + 20 * bar; y < 18 + 20 * bar; ++y) std::fill_n(image.row(y) + 3 * 10, 3 * 60, 255);
    return write(name, encodePng(image));
  }

  BenchmarkOptions small(const TinyNetwork& network = {}) const {
    BenchmarkOptions options;
    options.model = write("tiny.onnx", onnxBytes(network));
    options.detector.threads = 2;
    options.detector.resize.mode = ResizeMode::kLongSide;
    options.detector.resize.length = 128;
    options.runs = 4;
    options.warm_up = 1;
    options.measure_memory = false;
    return options;
  }

 private:
  fs::path folder_;
};

TEST(Latency, OfPercentilesIsATimeThatWasMeasured) {
  std::vector<double> times;
  for (int ms = 200; ms >= 1; --ms) times.push_back(ms);
  const LatencySummary summary = summarise(times);
  EXPECT_EQ(summary.min, 1);
  EXPECT_EQ(summary.p50, 100);
  EXPECT_EQ(summary.p90, 180);
  EXPECT_EQ(summary.p99, 198);
  EXPECT_EQ(summary.mean, 100.5);
}

TEST(Latency, OfFewRunsHasTheSlowestAsItsHighPercentiles) {
  const LatencySummary two = summarise({7, 3});
  EXPECT_EQ(two.p50, 3);
  EXPECT_EQ(two.p90, 7);
  EXPECT_EQ(two.p99, 7);
  EXPECT_EQ(summarise({5}).p50, 5);
  EXPECT_EQ(summarise({}).p99, 0);
}

TEST_F(BenchmarkTest, MeasuresEverySizeThatIsAskedFor) {
  BenchmarkOptions options = small();
  options.sizes = {{64, 96}, {128, 128}};
  options.measure_memory = true;
  const BenchmarkReport report = runBenchmark(options);
  EXPECT_THAT(report.runtime, HasSubstr("ONNX Runtime 1."));
  EXPECT_GT(report.load_ms, 0);
  EXPECT_GT(report.first_ms, 0);
  ASSERT_EQ(report.cases.size(), 2U);
  EXPECT_EQ(report.cases[0].input, (Size{64, 96}));
  EXPECT_EQ(report.cases[1].input, (Size{128, 128}));
  for (const BenchmarkCase& result : report.cases) {
    EXPECT_EQ(result.latencies_ms.size(), 4U);
    EXPECT_EQ(result.pictures, 1);
    EXPECT_FALSE(result.mixed);
    EXPECT_GT(result.stages.decode_ms, 0);
    EXPECT_GT(result.stages.inference_ms, 0);
    EXPECT_LE(result.stages.total_ms(), result.latency.mean) << "stages are parts of the whole";
    EXPECT_DOUBLE_EQ(result.one_by_one, 1e3 / result.latency.mean);
    EXPECT_GT(result.side_by_side, 0);
    EXPECT_EQ(result.images_at_a_time, 2) << "as many as threads";
    EXPECT_GT(result.processor_ms, 0);
    EXPECT_GT(result.predicted_peak_bytes.value_or(0), 1'000'000);
    EXPECT_GT(result.measured_peak_bytes.value_or(0), 1'000'000);
  }
}

TEST_F(BenchmarkTest, TimesEveryPictureEquallyOften) {
  BenchmarkOptions options = small();
  options.images = {picture("one.png", 1), picture("two.png", 2), picture("none.png", 0)};
  options.images_at_a_time = 1;
  const BenchmarkReport report = runBenchmark(options);
  ASSERT_EQ(report.cases.size(), 1U);
  EXPECT_EQ(report.cases[0].latencies_ms.size(), 6U) << "four runs were asked for, three pictures go round twice";
  EXPECT_EQ(report.cases[0].boxes, 3) << "of each picture once";
  EXPECT_EQ(report.cases[0].side_by_side, 0) << "was switched off";
}

TEST_F(BenchmarkTest, SaysTheLargestInputWhenPicturesGetDifferentOnes) {
  BenchmarkOptions options = small();
  Image tall = makeImage(128, 32);
  options.images = {picture("wide.png", 1), write("tall.png", encodePng(tall))};
  const BenchmarkCase result = runBenchmark(options).cases.at(0);
  EXPECT_TRUE(result.mixed);
  EXPECT_EQ(result.input, (Size{64, 96})) << "6144 pixels, against 4096";
}

TEST_F(BenchmarkTest, LeavesOutPicturesThatCannotBeRead) {
  BenchmarkOptions options = small();
  options.images = {write("text.jpg", "no picture"), picture("one.png", 1), "missing.png"};
  const BenchmarkReport report = runBenchmark(options);
  ASSERT_EQ(report.unreadable.size(), 2U);
  EXPECT_EQ(std::string(report.unreadable[0].problem.code->name), "image.unsupported");
  EXPECT_EQ(std::string(report.unreadable[1].problem.code->name), "file.missing");
  EXPECT_EQ(report.cases.at(0).pictures, 1);
  EXPECT_EQ(report.cases.at(0).boxes, 1);
  EXPECT_GT(report.first_ms, 0);
  EXPECT_FALSE(toJson(report)["success"]);

  options.images = {"missing.png"};
  EXPECT_THROW(runBenchmark(options), Error);
}

std::vector<std::string> codesOf(const BenchmarkOptions& options) {
  try {
    runBenchmark(options);
  } catch (const Error& error) {
    std::vector<std::string> codes;
    for (const Problem& problem : error.problems()) codes.emplace_back(problem.code->name);
    return codes;
  }
  return {};
}

TEST_F(BenchmarkTest, RefusesAllSizesThatDoNotFitAtOnceAndBeforeMeasuring) {
  BenchmarkOptions options = small({.height = 64, .width = 64});
  options.sizes = {{96, 96}, {64, 64}, {64, 128}};
  EXPECT_THAT(codesOf(options), ElementsAre("usage.option", "usage.option"));
  options.sizes = {{1'000'000, 64}, {64, -1}};
  EXPECT_THAT(codesOf(options), ElementsAre("size.out-of-range", "size.not-positive"));
  options.model = "missing.onnx";
  options.sizes = {{64, 64}};
  EXPECT_THAT(codesOf(options), ElementsAre("file.missing"));
}

TEST_F(BenchmarkTest, StopsWhenTheUserInterrupts) {
  BenchmarkOptions options = small();
  options.runs = 1'000'000;
  setInterrupted(true);
  EXPECT_THAT(codesOf(options), ElementsAre("run.interrupted"));
}

TEST_F(BenchmarkTest, PrintsTheSameFiguresAsTextAndAsJson) {
  BenchmarkReport report;
  report.runtime = "ONNX Runtime 1.29.0";
  report.threads = 2;
  report.cases.resize(1);
  BenchmarkCase& result = report.cases[0];
  result.input = {736, 1280};
  result.pictures = 1;
  result.latencies_ms = {100, 110};
  result.latency = summarise(result.latencies_ms);
  result.stages = {4, 1, 90, 5};
  result.measured_peak_bytes = 440'000'000;
  const std::string text = toText(report);
  for (const char* figure :
       {"736x1280", "min 100.0, p50 100.0, p90 110.0, p99 110.0 ms", "inference 90.0 ms (90.0 %)", "measured 440 MB"})
    EXPECT_THAT(text, HasSubstr(figure));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("predicted")));
  const Json json = toJson(report)["cases"][0];
  EXPECT_EQ(json["latency_ms"]["all"], (Json{100.0, 110.0}));
  EXPECT_EQ(json["stages"]["inference"]["share"], 0.9);
  EXPECT_TRUE(json["memory"]["predicted_peak_bytes"].is_null());
  EXPECT_TRUE(json["images_per_second"]["side_by_side"].is_null());
}

}  // namespace
}  // namespace ocrdet
