// The contents of a TensorProto as plain bytes, from whichever of its fields holds them.
#pragma once

#include "graph/graph.h"
#include "onnx/model_proto.h"

namespace ocrdet {

// Takes raw bytes out of `tensor` without a copy. Throws onnx.external-data, onnx.unsupported (strings, complex
// numbers), or onnx.corrupt when there are more or fewer values than the shape needs.
Initialiser takeInitialiser(onnx::TensorProto& tensor);

}  // namespace ocrdet
