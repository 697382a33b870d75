// The finished run's ONNX file, written and verified by the program `ocrdet`: LibTorch and the ONNX library carry the
// same protobuf names and cannot live in one process.
#pragma once

#include <filesystem>

namespace ocrdet {

// `ocrdet` lies beside the running program. `onnxruntime`, with which it verifies: empty to search the usual places.
// Throws train.export-failed with what it printed.
void exportWeights(const std::filesystem::path& weights, const std::filesystem::path& onnx,
                   const std::filesystem::path& onnxruntime);

}  // namespace ocrdet
