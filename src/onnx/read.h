// Reading ONNX files back into graphs, for rewriting and inspection.
//
// The files may come from anyone. What they can cost is bounded: sizes are checked before anything is allocated,
// nesting is limited, and weights that lie in other files are refused rather than looked for.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "graph/graph.h"

namespace ocrdet {

// Throws file.missing, file.unreadable, onnx.corrupt, onnx.too-large, onnx.external-data, or onnx.unsupported when the
// file is a model but has what a Graph cannot express (subgraphs, sparse tensors, functions, operators of other
// domains).
Graph readOnnx(const std::filesystem::path& path);
Graph readOnnx(std::span<const std::byte> bytes);

}  // namespace ocrdet
