#include "model/weights_file.h"

#include <unordered_map>
#include <vector>

#include "model/architecture.h"
#include "tensor/safetensors.h"

namespace ocrdet {
namespace {

// By plain name; of a repeated key the last one, as Python does.
std::unordered_map<std::string, Tensor> countersOf(const StateDict& weights) {
  const std::string place = (weights.wrapper.empty() ? "" : weights.wrapper + "/") + weights.prefix;
  std::unordered_map<std::string, Tensor> counters;
  for (const NamedTensor& entry : weights.source.tensors)
    if (entry.name.starts_with(place) && entry.tensor.dtype == DType::kInt64 && entry.tensor.shape.empty())
      counters.insert_or_assign(entry.name.substr(place.size()), entry.tensor);
  return counters;
}

std::vector<NamedTensor> allTensors(const StateDict& weights) {
  const std::unordered_map<std::string, Tensor> counters = countersOf(weights);
  std::vector<NamedTensor> all;
  for (const ExpectedTensor& expected : expectedTensors()) {
    if (expected.threshold_head && !weights.has_threshold_head) continue;
    if (!expected.counter) {
      all.push_back({expected.name, weights.tensor(expected.name)});
    } else if (const auto counter = counters.find(expected.name); counter != counters.end()) {
      all.push_back({expected.name, counter->second});
    }
  }
  return all;
}

}  // namespace

std::map<std::string, std::string> weightsMetadata(const BoxSettings& boxes) {
  std::map<std::string, std::string> metadata = toMetadata(boxes);
  metadata["format"] = "pt";
  return metadata;
}

void writeWeights(const std::filesystem::path& path, const StateDict& weights, Precision precision,
                  const BoxSettings& boxes) {
  if (precision == Precision::kInt8)
    throw Error({&codes::kUsageOption,
                 "Weights are written as fp32 or fp16, not as int8.",
                 "Use --precision fp16 for a file of half the size, or fp32.",
                 {{"given", std::string("int8")}}});
  const auto type = [=](const NamedTensor& entry) {
    return precision == Precision::kFloat16 && entry.tensor.shape.size() > 1 ? DType::kFloat16 : DType::kFloat32;
  };
  writeSafetensors(path, allTensors(weights), type, weightsMetadata(boxes));
}

}  // namespace ocrdet
