// Weights to a network that can be run at once, for those who have no ONNX file.
#pragma once

#include <filesystem>
#include <string>

namespace ocrdet {

// The bytes of an ONNX file with free axes, as exportOnnx writes it by default, but neither verified nor written.
// Throws what loadStateDict throws.
std::string exportInMemory(const std::filesystem::path& checkpoint);

}  // namespace ocrdet
