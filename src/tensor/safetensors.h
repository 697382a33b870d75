// The safetensors format: 8 bytes with the length of a JSON header, the header, the tensors' bytes without gaps.
//
//   {"__metadata__": {"format": "pt"}, "conv1.weight": {"dtype": "F32", "shape": [64, 3, 7, 7], "data_offsets": [0,
//   37632]}}
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace ocrdet {

struct SafetensorsContent {
  std::vector<NamedTensor> tensors;  // in the header's order
  std::map<std::string, std::string> metadata;
};

// True when the bytes begin like a safetensors file: a plausible length, then an opening brace.
bool looksLikeSafetensors(std::span<const std::byte> bytes);

// Throws checkpoint.truncated, .corrupt, .too-large or .unsupported. The tensors are views of `file`.
SafetensorsContent readSafetensors(const Storage& file);

// The type in which a floating-point tensor is written: kFloat32 or kFloat16.
using WrittenType = std::function<DType(const NamedTensor&)>;

// Writes the tensors, floating-point ones converted (rounded to the nearest, ties to even), others as they are. The
// same arguments give the same bytes. Throws file.unwritable, and checkpoint.float16-range when a finite value would
// become infinite.
void writeSafetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors, const WrittenType& type,
                      const std::map<std::string, std::string>& metadata = {});

// All of them in the same type.
void writeSafetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors, DType dtype,
                      const std::map<std::string, std::string>& metadata = {});

}  // namespace ocrdet
