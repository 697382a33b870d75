// The finished run's ONNX file, written and verified by the program `ocrdet`: LibTorch and the ONNX library carry the
// same protobuf names and cannot live in one process.
#pragma once

#include <filesystem>

namespace ocrdet {

// The folder of the running program holds `ocrdet` unless `program` names it. Throws train.export-failed with what that
// program printed.
void exportWeights(const std::filesystem::path& weights, const std::filesystem::path& onnx,
                   const std::filesystem::path& program);

}  // namespace ocrdet
