// Reading NumPy's .npy files, in which the golden maps lie: little-endian float32, row-major.
#pragma once

#include <filesystem>
#include <vector>

#include "tensor/tensor.h"

namespace ocrdet::test {

struct FloatArray {
  TensorShape shape;
  std::vector<float> values;
};

// Throws std::runtime_error for files of another type.
FloatArray readNpy(const std::filesystem::path& path);

}  // namespace ocrdet::test
