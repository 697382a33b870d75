// Half the file and half the memory traffic: weights and maps in float16.
//
// Weights are rounded to the nearest float16, ties to even. Numbers that tell an operator what to do (Resize's scales)
// stay float32, as ONNX wants them. Callers see float32 as before, through a Cast at both ends, unless they ask for
// float16 inputs and outputs.
#pragma once

#include "graph/graph.h"

namespace ocrdet {

// Throws graph.float16-range with every weight that has no finite float16.
Graph convertToFloat16(Graph graph, bool float16_io);

}  // namespace ocrdet
