// Our graphs and ONNX's own data structure, one into the other. For the .cpp files of this folder alone: no other part
// of ocrdet sees protobuf.
#pragma once

#ifndef ONNX_ML
#define ONNX_ML 1
#endif
#ifndef ONNX_NAMESPACE
#define ONNX_NAMESPACE onnx
#endif
#include <onnx/onnx_pb.h>

#include <cstddef>
#include <span>

#include "graph/graph.h"

namespace ocrdet {

// The bytes of initialisers are moved, not copied.
onnx::ModelProto toModelProto(Graph&& graph);

// Throws onnx.unsupported where the model has what a Graph cannot express, onnx.external-data, onnx.corrupt. Constant
// nodes become initialisers.
Graph toGraph(onnx::ModelProto&& model);

// Decodes bytes that nobody vouches for: throws onnx.corrupt or onnx.too-large, and takes no more memory than a few
// times the number of bytes plus a bounded amount (wire_check.h).
onnx::ModelProto parseModel(std::span<const std::byte> bytes);

}  // namespace ocrdet
