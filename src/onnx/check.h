// The format's own judgement: ONNX's checker, and its shape inference in strict mode.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace ocrdet {

// Throws onnx.invalid with the checker's words as cause, or what readOnnx throws for files that are not models at all.
void checkOnnx(const std::filesystem::path& path);
void checkOnnx(std::span<const std::byte> bytes);

}  // namespace ocrdet
