// Detects again and again and keeps the times. What is measured is the detector itself, from outside: no path of its
// own that could be faster or slower than what users get.
#include "ocrdet/benchmark.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <span>

#include "base/cancellation.h"
#include "base/log.h"
#include "base/ordered_parallel.h"
#include "base/processors.h"
#include "base/progress.h"
#include "export/verification_inputs.h"
#include "graph/memory.h"
#include "image/encode.h"
#include "image/resize.h"
#include "onnx/read.h"
#include "runtime/peak_memory.h"
#include "runtime/runtime.h"
#include "runtime/session.h"

namespace ocrdet {
namespace {

// Of a photograph as small cameras and video give it; height × width.
constexpr PixelSize kBundledPictureSize{720, 1280};

double now() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Of all threads of this process, milliseconds.
double processorTime() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& time) { return 1e3 * double(time.tv_sec) + 1e-3 * double(time.tv_usec); };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

// What is detected: files, or the bundled picture as the bytes of a file.
class Pictures {
 public:
  explicit Pictures(const std::vector<std::filesystem::path>& files) : files_(files) {
    if (files.empty()) bundled_ = encodeJpeg(resize(textPicture().image, kBundledPictureSize));
  }

  std::size_t count() const { return bundled_.empty() ? files_.size() : 1; }

  Detection detect(const Detector& detector, std::size_t index) const {
    throwIfInterrupted();
    if (bundled_.empty()) return detector.detectFile(files_[index % files_.size()]);
    return detector.detectBytes(std::as_bytes(std::span(bundled_)));
  }

  // Detects on every picture once, and leaves out files that cannot be read. Throws the first one's error when none is
  // left. `first_ms` is the time that the first readable one took.
  std::vector<UnreadablePicture> tryAll(const Detector& detector, double& first_ms) {
    std::vector<UnreadablePicture> unreadable;
    std::vector<std::filesystem::path> readable;
    for (std::size_t index = 0; index < count(); ++index) {
      try {
        const double start = now();
        detect(detector, index);
        if (index == unreadable.size()) first_ms = now() - start;
        if (!files_.empty()) readable.push_back(files_[index]);
      } catch (const Error& error) {
        const std::string_view code = error.code().name;
        if (!code.starts_with("image.") && !code.starts_with("file.")) throw;
        unreadable.push_back({files_[index], error.problems().front()});
      }
    }
    if (unreadable.size() == count()) throw Error(unreadable.front().problem);
    files_ = std::move(readable);
    return unreadable;
  }

 private:
  std::vector<std::filesystem::path> files_;
  std::string bundled_;
};

DetectorOptions atSize(DetectorOptions detector, Size size) {
  detector.resize.mode = ResizeMode::kExact;
  detector.resize.height = int(size.height);
  detector.resize.width = int(size.width);
  return detector;
}

// One set of options for each size, or the given ones. Opens the file once for each: all that does not fit is said
// before anything is measured.
std::vector<DetectorOptions> plannedDetectors(const BenchmarkOptions& options) {
  if (options.sizes.empty()) return {options.detector};
  std::vector<DetectorOptions> planned;
  std::vector<Problem> problems;
  const auto collect = [&](const auto& step) {
    try {
      step();
    } catch (const Error& error) {
      if (error.exitStatus() != ExitStatus::kUsage) throw;
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  };
  for (const Size& size : options.sizes) {
    collect([&] {
      throwIfInvalid(checkSize({.size = size, .any_size = true, .allowed = {codes::kSizeOutOfRange.name}}));
      planned.push_back(atSize(options.detector, size));
      Detector::open(options.model, planned.back());
    });
  }
  if (!problems.empty()) throw Error(problems);
  return planned;
}

// Lengths of the input's free axes for a run of this size; nothing when the file does not name them apart.
std::optional<SymbolLengths> lengthsFor(const Value& input, Size size) {
  const std::size_t height_at = input.dtype == DType::kUint8 ? 1 : 2;  // of [N, H, W, 3] or [N, 3, H, W]
  SymbolLengths lengths;
  for (std::size_t axis = 0; axis < input.shape.size(); ++axis) {
    if (input.shape[axis].fixed()) continue;
    const std::int64_t length = axis == 0               ? 1
                                : axis == height_at     ? size.height
                                : axis == height_at + 1 ? size.width
                                                        : 3;
    const auto [known, is_new] = lengths.emplace(input.shape[axis].symbol, length);
    if (!is_new && known->second != length) return {};
  }
  return lengths;
}

// What the network sees at a time: of a picture in tiles one tile.
Size sizeOfOneRun(const Detection& detection, const DetectorOptions& options) {
  const auto side = [&](int whole) {
    return std::int64_t(detection.tiles > 1 ? std::min(whole, options.resize.max_side) : whole);
  };
  return {side(detection.network_height), side(detection.network_width)};
}

// One measurement over all sizes.
class Benchmark {
 public:
  explicit Benchmark(const BenchmarkOptions& options)
      : options_(options), pictures_(options.images), progress_("Measuring", "pictures", 0) {
    report_.runtime = "ONNX Runtime " + loadRuntime(options.detector.onnxruntime).version;
    report_.threads = options.detector.threads > 0 ? options.detector.threads : usableProcessors();
  }

  BenchmarkReport run() {
    for (const DetectorOptions& detector : plannedDetectors(options_)) {
      BenchmarkCase result;
      const Size one_run = timeOneByOne(detector, result);
      timeSideBySide(detector, result);
      if (options_.measure_memory) findPeaks(detector, one_run, result);
      report_.cases.push_back(std::move(result));
    }
    return std::move(report_);
  }

 private:
  // At least so many runs that treat every picture alike.
  std::size_t runs(int wanted) const {
    const std::size_t count = pictures_.count();
    return (std::size_t(std::max(1, wanted)) + count - 1) / count * count;
  }

  Detection detect(const Detector& detector, std::size_t index) { return pictures_.detect(detector, index); }

  // The largest size that the network was run at.
  Size timeOneByOne(DetectorOptions options, BenchmarkCase& result) {
    options.images_at_a_time = 1;
    const double start = now();
    const Detector detector = Detector::open(options_.model, options);
    if (report_.cases.empty()) {
      report_.load_ms = now() - start;
      report_.unreadable = pictures_.tryAll(detector, report_.first_ms);
    }
    result.settings = detector.description();
    for (int i = 0; i < options_.warm_up; ++i) detect(detector, std::size_t(i));

    Size largest_run;
    result.pictures = int(pictures_.count());
    const std::size_t count = runs(options_.runs);
    const double processor_start = processorTime();
    for (std::size_t i = 0; i < count; ++i) {
      const double run_start = now();
      const Detection detection = detect(detector, i);
      result.latencies_ms.push_back(now() - run_start);
      add(detection, i, result);
      const Size one_run = sizeOfOneRun(detection, options);
      if (one_run.height * one_run.width > largest_run.height * largest_run.width) largest_run = one_run;
      progress_.advance();
    }
    result.processor_ms = (processorTime() - processor_start) / double(count);
    result.latency = summarise(result.latencies_ms);
    result.one_by_one = 1e3 / result.latency.mean;
    for (double* stage : {&result.stages.decode_ms, &result.stages.preprocess_ms, &result.stages.inference_ms,
                          &result.stages.postprocess_ms})
      *stage /= double(count);
    return largest_run;
  }

  void add(const Detection& detection, std::size_t run, BenchmarkCase& result) {
    result.stages.decode_ms += detection.timings.decode_ms;
    result.stages.preprocess_ms += detection.timings.preprocess_ms;
    result.stages.inference_ms += detection.timings.inference_ms;
    result.stages.postprocess_ms += detection.timings.postprocess_ms;
    if (run < pictures_.count()) result.boxes += std::int64_t(detection.boxes.size());
    const Size input{detection.network_height, detection.network_width};
    result.mixed = result.mixed || (run > 0 && !(input == result.input));
    if (input.height * input.width > result.input.height * result.input.width) result.input = input;
  }

  void timeSideBySide(DetectorOptions options, BenchmarkCase& result) {
    const int at_a_time = options_.images_at_a_time > 0 ? options_.images_at_a_time : report_.threads;
    if (at_a_time < 2) return;
    result.images_at_a_time = options.images_at_a_time = at_a_time;
    const Detector detector = Detector::open(options_.model, options);
    const auto detectMany = [&](std::size_t count) {
      const auto work = [&](std::size_t index) { return detect(detector, index); };
      orderedParallel(count, at_a_time, work, [&](std::size_t, Detection&&) { progress_.advance(); });
    };
    detectMany(std::size_t(at_a_time));  // every thread of the runtime has its first run behind it
    const std::size_t count = runs(std::max(options_.runs, 4 * at_a_time));
    const double start = now();
    detectMany(count);
    result.side_by_side = 1e3 * double(count) / (now() - start);
  }

  // Both for a run of the network alone.
  void findPeaks(const DetectorOptions& options, Size one_run, BenchmarkCase& result) {
    try {
      const Graph graph = readOnnx(options_.model);
      if (const auto lengths = lengthsFor(graph.inputs.front(), one_run))
        result.predicted_peak_bytes = predictPeakMemory(graph, *lengths, {.arena = !options.low_memory}).peak_bytes;
    } catch (const Error& error) {
      // Files of others have operators that prediction does not know.
      logDebug(fmt::format("The peak of memory is not predicted: {}", error.what()));
    }
    SessionOptions session;
    session.onnxruntime = options.onnxruntime;
    session.threads = report_.threads;
    session.arena = !options.low_memory;
    try {
      if (const auto lengths = lengthsFor(Session::open(options_.model, session).inputs().front(), one_run))
        result.measured_peak_bytes = measurePeakMemory(options_.model, *lengths, session).peak_bytes;
    } catch (const Error& error) {
      // The detector has opened it: then it is a checkpoint, which there is no ONNX file of.
      if (&error.code() != &codes::kRuntimeModelRefused) throw;
    }
  }

  const BenchmarkOptions& options_;
  Pictures pictures_;
  Progress progress_;
  BenchmarkReport report_;
};

}  // namespace

LatencySummary summarise(std::vector<double> milliseconds) {
  if (milliseconds.empty()) return {};
  std::sort(milliseconds.begin(), milliseconds.end());
  const auto count = double(milliseconds.size());
  const auto percentile = [&](int percent) { return milliseconds[std::size_t(std::ceil(percent * count / 100)) - 1]; };
  const double sum = std::accumulate(milliseconds.begin(), milliseconds.end(), 0.0);
  return {milliseconds.front(), sum / count, percentile(50), percentile(90), percentile(99)};
}

BenchmarkReport runBenchmark(const BenchmarkOptions& options) {
  return Benchmark(options).run();
}

}  // namespace ocrdet
