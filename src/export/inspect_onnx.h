// What an ONNX file is: ours, or another detector whose inputs and sizes are found by trying.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "contract/file_contract.h"
#include "export/size_trial.h"
#include "graph/graph.h"
#include "onnx/header.h"

namespace ocrdet {

struct OnnxReport {
  std::filesystem::path path;
  OnnxHeader header;
  std::vector<Value> inputs, outputs;
  std::int64_t parameters = 0;
  std::optional<double> giga_macs;  // at `counted_shape`; absent where an operator has no rule
  std::string counted_shape;
  std::optional<FileContract> contract;  // of files that ocrdet wrote
  std::optional<SizeTrial> trial;        // of other files
  std::vector<std::string> remarks;      // what could not be found out, and why
};

struct InspectOptions {
  std::filesystem::path onnxruntime;
  bool try_sizes = true;  // false: nothing is run
};

// True when the bytes cannot be a checkpoint (zip, pickle, safetensors), so that ONNX is what is left.
bool looksLikeOnnx(const std::filesystem::path& path);

// Throws file.*, onnx.corrupt, onnx.too-large. A file that our reader refuses is never given to ONNX Runtime.
OnnxReport inspectOnnx(const std::filesystem::path& path, const InspectOptions& options = {});

std::string toText(const OnnxReport& report);
Json toJson(const OnnxReport& report);

}  // namespace ocrdet
