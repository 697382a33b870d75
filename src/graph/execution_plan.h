// How ONNX Runtime executes a graph on x86 with all optimisations on, as far as memory is concerned.
//
// Three things make its memory differ from the graph's own liveness (graph/liveness.h):
//
//   Fusion      Conv → Add → Relu becomes one step; the maps between them never exist.
//   Layout      Convolutions compute in a channel-blocked layout. An operator that knows only the plain one
//               (ConvTranspose, Slice, …) gets a copy made by an extra step.
//   Sharing     Where shapes are known when the file is loaded, a value takes over the buffer of a dead input, or any
//               buffer of exactly its shape that is free by then; such a buffer stays allocated in between. With free
//               height or width no two shapes are known to be equal, so nothing is shared, and Adds whose other operand
//               was upsampled are not fused. That is why free axes cost memory.
//
// A transposed convolution also needs a workspace: its matrix product before the columns are summed up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "graph/liveness.h"
#include "graph/shape_inference.h"

namespace ocrdet {

struct PlannedStep {
  std::string node;                  // the last node that was fused into it
  std::int64_t workspace_bytes = 0;  // while it runs
};

struct ExecutionPlan {
  std::vector<PlannedStep> steps;
  std::vector<LiveRange> buffers;  // by step; named after the first value that they hold
};

ExecutionPlan planExecution(const Graph& graph, const ValueTable& values);

}  // namespace ocrdet
