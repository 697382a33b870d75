// Verification: does an ONNX file compute what its checkpoint means?
//
//   ocrdet::VerifyOptions options;
//   options.model = "model_800x800.onnx";
//   options.checkpoint = "pytorch_model.pt";
//   const ocrdet::VerifyReport report = ocrdet::verifyOnnx(options);
//   if (!report.passed()) std::cerr << ocrdet::toText(report);
//
// The file is checked, loaded, run on a picture of text and on noise, and compared with the network built anew from the
// checkpoint: no folding, no rewriting, and ONNX Runtime's own optimisations off.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#pragma GCC visibility push(default)  // what libocrdet.so shows
namespace ocrdet {

struct VerifyOptions {
  std::filesystem::path model;
  // Without a checkpoint the file is compared with itself, run without optimisations: weights that were wrong from the
  // start stay unnoticed, and the report says so.
  std::filesystem::path checkpoint;
  std::filesystem::path images;       // a picture or a folder of pictures to run besides the bundled one
  std::filesystem::path onnxruntime;  // where to look for the library first
  int threads = 0;                    // 0: all processors
  bool measure_memory = true;         // run once more in a process of its own, to measure its peak
};

// Largest and mean absolute difference.
struct Difference {
  double maximum = 0;
  double mean = 0;
};

struct VerifyCheck {
  std::string name;  // "probabilities 1x3x800x800 text"
  bool passed = false;
  std::string detail;  // what was found, with the numbers
};

struct VerifyReport {
  std::vector<VerifyCheck> checks;
  std::vector<std::string> shapes;  // of the inputs tried: "1x3x800x800"
  Difference probability;           // over all shapes and pictures
  Difference logits;
  double tolerance = 0;  // allowed largest difference of probabilities
  double load_ms = 0;
  double run_ms = 0;  // of the shape in `timed_shape`, second run
  std::string timed_shape;
  std::int64_t predicted_peak_bytes = 0;  // of a process that loads the file and runs it once
  std::int64_t measured_peak_bytes = 0;   // 0: not measured
  std::string runtime;                    // "ONNX Runtime 1.29.0"

  bool passed() const;
};

// Throws only when there is nothing to judge: a missing or unreadable file (file.*, onnx.*, checkpoint.*), no runtime
// (runtime.missing), run.interrupted. What does not hold is a check that did not pass.
VerifyReport verifyOnnx(const VerifyOptions& options);

// A table for people.
std::string toText(const VerifyReport& report);

}  // namespace ocrdet
#pragma GCC visibility pop
