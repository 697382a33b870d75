// How fast is a detector on this machine, and how much memory does it take?
//
//   ocrdet::BenchmarkOptions options;
//   options.model = "model_dynamic.onnx";
//   options.sizes = {{640, 640}, {736, 1280}};
//   for (const ocrdet::BenchmarkCase& result : ocrdet::runBenchmark(options).cases)
//     std::cout << result.latency.p50 << " ms, " << result.one_by_one << " pictures a second\n";
//
// Everything is measured end to end, from the bytes of an encoded picture to boxes, by the same calls that detect. One
// detector is open at a time: the idle threads of a second one would take processor time from the first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ocrdet/contract.h"
#include "ocrdet/detector.h"
#include "ocrdet/error.h"

#pragma GCC visibility push(default)  // what libocrdet.so shows
namespace ocrdet {

struct BenchmarkOptions {
  std::filesystem::path model;  // an ONNX file, or a checkpoint, whose memory is not measured
  DetectorOptions detector;     // images_at_a_time is set by the benchmark itself
  // Sizes of the network's input that pictures are stretched to; empty: what the file and `detector.resize` say.
  std::vector<Size> sizes;
  // Pictures to read from files; empty: a bundled page of text, a JPEG file of 720×1280 pixels (height × width).
  std::vector<std::filesystem::path> images;
  int runs = 20;             // timed at least, so that every picture is as often timed as the others
  int warm_up = 3;           // not timed; at least every picture once
  int images_at_a_time = 0;  // side by side, for throughput; 0: as many as threads; 1: do not measure it
  bool measure_memory = true;
};

// Milliseconds. A percentile is a time that was measured: the smallest that so many of 100 runs did not exceed (nearest
// rank), so that p99 of fewer than 100 runs is the slowest one.
struct LatencySummary {
  double min = 0, mean = 0, p50 = 0, p90 = 0, p99 = 0;
};
// All zero for no runs.
LatencySummary summarise(std::vector<double> milliseconds);

struct BenchmarkCase {
  std::string settings;    // Detector::description
  Size input;              // of the network; the largest when pictures get different ones
  bool mixed = false;      // pictures got inputs of different sizes
  int pictures = 0;        // different ones
  std::int64_t boxes = 0;  // found on all of them
  // In the order of the runs: picture after picture, again and again.
  std::vector<double> latencies_ms;
  LatencySummary latency;
  double processor_ms = 0;  // of all threads, per picture
  DetectionTimings stages;  // means
  double one_by_one = 0;    // pictures a second
  double side_by_side = 0;  // the same with `images_at_a_time` pictures in work at a time; 0: not measured
  int images_at_a_time = 1;
  // Of a process that loads the file and runs the network once on `input`.
  std::optional<std::int64_t> measured_peak_bytes, predicted_peak_bytes;
};

// A picture that could not be read, and is in no figure.
struct UnreadablePicture {
  std::filesystem::path path;
  Problem problem;
};

struct BenchmarkReport {
  std::string runtime;  // "ONNX Runtime 1.29.0"
  int threads = 0;
  double load_ms = 0;                // from the file to a detector; ONNX Runtime's own library was loaded before
  double first_ms = 0;               // the first picture, which fills caches and allocates
  std::vector<BenchmarkCase> cases;  // one for each of `sizes`, or one
  std::vector<UnreadablePicture> unreadable;
};

// Throws what Detector::open throws, size.* and usage.option for all sizes that the file does not take at once, the
// error of the first picture when none can be read, and run.interrupted.
BenchmarkReport runBenchmark(const BenchmarkOptions& options);

// Tables for people.
std::string toText(const BenchmarkReport& report);

}  // namespace ocrdet
#pragma GCC visibility pop
