// Initialisers made from numbers, and read back.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace ocrdet {

Initialiser makeInitialiser(std::string name, TensorShape shape, std::span<const float> values);
Initialiser makeInitialiser(std::string name, TensorShape shape, std::span<const std::int64_t> values);

// Copies a checkpoint's tensor as float32; contiguous float32 is copied without a detour.
Initialiser makeInitialiser(std::string name, const Tensor& tensor);

// The values of a float32 initialiser. Asking another type is a mistake of the program (internal.bug).
std::vector<float> floatValues(const Initialiser& initialiser);

// Element `index` of float32 bytes, which need not be aligned. Loops over these two are vectorised.
inline float loadFloat(const char* bytes, std::size_t index) {
  float value = 0;
  std::memcpy(&value, bytes + index * sizeof(float), sizeof(float));
  return value;
}
inline void storeFloat(char* bytes, std::size_t index, float value) {
  std::memcpy(bytes + index * sizeof(float), &value, sizeof(float));
}

}  // namespace ocrdet
