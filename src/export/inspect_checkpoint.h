// What a checkpoint is: its tensors, and whether they are our network.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "ocrdet/error.h"
#include "tensor/checkpoint.h"

namespace ocrdet {

struct LayerReport {
  std::string name;   // of the layer, or of the tensor where the file is not our network
  std::string kind;   // "3×3 convolution /2", "batch norm"; the type of the numbers where the file is not our network
  TensorShape shape;  // of its weight
  std::int64_t parameters = 0;
  double mega_macs = 0;  // millions of multiply-accumulates at 640×640; 0 for batch norms
};

struct CheckpointReport {
  std::filesystem::path path;
  CheckpointFormat format = CheckpointFormat::kTorchZip;
  std::int64_t file_bytes = 0;
  std::string sha256;
  std::int64_t tensors = 0;
  std::int64_t parameters = 0;            // numbers in all tensors that are floating point
  std::vector<std::string> number_types;  // "float32", in the order of appearance
  // The rest is about our network; `problems` says why it is not.
  bool fits = false;
  std::vector<Problem> problems;
  std::string wrapper, prefix;
  bool has_threshold_head = false;
  std::int64_t inference_parameters = 0;
  double giga_macs = 0;  // at 640×640
  std::vector<LayerReport> layers;
};

// Throws file.* and the checkpoint.* errors of files that cannot be read at all.
CheckpointReport inspectCheckpoint(const std::filesystem::path& path);

std::string toText(const CheckpointReport& report, bool all_layers);
Json toJson(const CheckpointReport& report);

}  // namespace ocrdet
