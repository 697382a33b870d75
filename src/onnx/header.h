// What an ONNX file says about itself besides its graph.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace ocrdet {

struct OnnxHeader {
  std::int64_t ir_version = 0;
  std::int64_t opset = 0;  // of the default domain; 0: none is declared
  std::string producer;    // "pytorch 1.13.1"; may be empty
  std::int64_t nodes = 0;
  std::int64_t initialisers = 0;
  std::int64_t file_bytes = 0;
};

// Throws file.missing, file.unreadable, onnx.corrupt, onnx.too-large.
OnnxHeader readOnnxHeader(const std::filesystem::path& path);

}  // namespace ocrdet
