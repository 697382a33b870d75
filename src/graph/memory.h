// Predicting the peak of memory that a run takes, from the graph alone.
//
//   const MemoryPrediction prediction = predictPeakMemory(graph, {{"batch", 1}, {"height", 736}, {"width", 1280}});
//   prediction.peak_bytes;     // 421 MB
//   describe(prediction);      // "421 MB at decoder.binarize.3: weights and runtime 199 MB, …"
//
// It follows ONNX Runtime's own planning on x86 (execution_plan.h: which operators are fused, which buffers are shared)
// and its allocator (arena.h), because these decide more than the graph does: the same network takes up to 1.3 times as
// much with free axes as with fixed ones. docs/memory.md compares predictions with measurements.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "graph/shape_inference.h"

namespace ocrdet {

// As runtime/session.h's SessionOptions has them by default.
struct RunSettings {
  bool arena = true;
};

struct MemoryShare {
  std::string name;  // "weights", "decoder.binarize.3", …
  std::int64_t bytes = 0;
};

struct MemoryPrediction {
  std::int64_t peak_bytes = 0;        // resident, of a process that loads the file and runs it once
  std::int64_t loaded_bytes = 0;      // of these: process, runtime and weights
  std::int64_t input_bytes = 0;       // the caller's buffers
  std::int64_t activation_bytes = 0;  // maps and workspaces at the peak, with what the allocator cannot give back
  std::string node;                   // where the peak is reached
  std::vector<MemoryShare> largest;   // what is alive there, the largest first
};

// `lengths` as for inferShapes. Throws what inferShapes throws.
MemoryPrediction predictPeakMemory(const Graph& graph, const SymbolLengths& lengths, const RunSettings& settings = {});

// One sentence: the peak, where it is reached, and the three largest shares.
std::string describe(const MemoryPrediction& prediction);

}  // namespace ocrdet
