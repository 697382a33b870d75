#include "export/memory_forecast.h"

#include "model/architecture.h"

namespace ocrdet {
namespace {

StateDict zeroWeights() {
  StateDict weights;
  for (const ExpectedTensor& expected : expectedTensors()) {
    if (expected.counter || expected.threshold_head) continue;
    const auto count = static_cast<std::size_t>(elementCount(expected.shape).value());
    weights.tensors.emplace(expected.name, makeTensor(expected.shape, std::vector<float>(count)));
  }
  return weights;
}

}  // namespace

MemoryPrediction forecastMemory(const GraphOptions& options, std::int64_t height, std::int64_t width,
                                std::int64_t batch) {
  return predictPeakMemory(buildExportGraph(zeroWeights(), options),
                           {{"batch", batch}, {"height", height}, {"width", width}});
}

}  // namespace ocrdet
