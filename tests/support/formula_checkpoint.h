// The formula weights as checkpoints written by real PyTorch; 49 MB each, so the repository has them packed.
#pragma once

#include <filesystem>
#include <string>

namespace ocrdet::test {

// Path of the unpacked file: "formula.pt", "formula_legacy.pt" or "formula.safetensors". Unpacked once into the build
// folder; several test programs may ask at the same time.
std::filesystem::path formulaCheckpoint(const std::string& name);

}  // namespace ocrdet::test
