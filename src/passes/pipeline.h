// From weights to the graph that is exported: the reference network, and the passes that its options ask for.
//
// A pass is a function from graph to graph with a file of its own; kPasses in pipeline.cpp lists them in the order in
// which they run. New ones are one file and one line there.
#pragma once

#include <optional>

#include "graph/graph.h"
#include "model/state_dict.h"

namespace ocrdet {

struct GraphOptions {
  // Absent: a free axis. Each can be free alone; a fixed one has the same length in the output.
  std::optional<int> height;
  std::optional<int> width;
  std::optional<int> batch;
  bool any_size = false;          // pad to a multiple of 32 and crop inside the graph
  bool embed_preprocess = false;  // input is uint8 [N, H, W, 3], BGR
  enum Precision { kFloat32, kFloat16 } precision = kFloat32;
  bool float16_io = false;  // float16 inputs and outputs too; means something with kFloat16 alone
  int opset = 12;           // 11…17
};

// Sizes and opset must satisfy the size contract. A fixed size that does not is found by shape inference at the latest:
// throws graph.shape-mismatch. The metadata key `ocrdet.passes` names the passes that ran.
Graph buildExportGraph(const StateDict& weights, const GraphOptions& options);

}  // namespace ocrdet
