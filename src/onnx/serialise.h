// Writing ONNX files. The same graph gives the same bytes.
#pragma once

#include <string>

#include "base/atomic_file.h"
#include "graph/graph.h"

namespace ocrdet {

// The whole file in memory.
std::string serialiseOnnx(Graph&& graph);

// Straight into `file`, which the caller commits. Throws file.unwritable.
void writeOnnx(Graph&& graph, AtomicFile& file);

}  // namespace ocrdet
