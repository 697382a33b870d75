// Export: a checkpoint becomes a verified ONNX file.
//
//   ocrdet::ExportOptions options;
//   options.checkpoint = "pytorch_model.pt";
//   options.height = 736;
//   options.width = 1280;
//   const ocrdet::ExportResult result = ocrdet::exportOnnx(options);  // result.path: model_736x1280.onnx
//
// The size is checked before any work. The file is written under a temporary name and gets its own only when
// verification held: after an error, or Ctrl-C, there is no file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ocrdet/contract.h"
#include "ocrdet/verify.h"

#pragma GCC visibility push(default)  // what libocrdet.so shows
namespace ocrdet {

struct ExportOptions {
  std::filesystem::path checkpoint;
  // Empty: model_{H}x{W}.onnx, model_dynamic.onnx or model_any.onnx in the current folder.
  std::filesystem::path output;
  bool overwrite = false;
  // Axes of the input; nothing frees one.
  std::optional<std::int64_t> batch = 1;
  std::optional<std::int64_t> height = 800;
  std::optional<std::int64_t> width = 800;
  bool any_size = false;          // pad to a multiple of 32 inside, crop the output
  bool embed_preprocess = false;  // input uint8 [N, H, W, 3] BGR, normalised inside
  Precision precision = Precision::kFloat32;
  bool float16_io = false;  // with float16: input and output are float16 too
  int opset = kDefaultOpset;
  // What detection is to do with the output; unset: what the weights carry, else 0.2, 0.3 and 1.5.
  std::optional<double> pixel_threshold, box_threshold, unclip_ratio;
  std::optional<Rounding> round;     // take the suggested size instead of refusing
  std::vector<std::string> allowed;  // codes of errors that become warnings
  const Target* target = nullptr;
  std::optional<std::int64_t> memory_limit;  // bytes
  bool verify = true;
  std::filesystem::path onnxruntime;
  int threads = 0;
};

struct ExportResult {
  std::filesystem::path path;
  std::int64_t file_bytes = 0;
  // The size that was asked for and the one that was taken, when ExportOptions::round changed it.
  std::optional<Size> rounded_from, rounded_to;
  std::vector<Finding> remarks;  // warnings and notes of the size contract
  std::vector<std::string> passes;
  std::string source_sha256;
  std::int64_t predicted_peak_bytes = 0;  // of a process that loads the file and runs it once
  std::string memory_sentence;            // the same in words, with what it is made of
  std::optional<VerifyReport> verification;
  double seconds = 0;
};

// Throws size.*, batch.*, opset.*, memory.* (all broken rules at once), checkpoint.*, file.*,
// export.verification-failed, runtime.missing, run.interrupted.
ExportResult exportOnnx(const ExportOptions& options);

// What the size contract says about these options; nothing is read or written.
Verdict checkExport(const ExportOptions& options);

}  // namespace ocrdet
#pragma GCC visibility pop
