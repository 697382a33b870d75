// The names of element types in a safetensors header.
#pragma once

#include <string_view>

#include "tensor/tensor.h"

namespace ocrdet {

struct SafetensorsType {
  std::string_view name;
  DType dtype;
};

inline constexpr SafetensorsType kSafetensorsTypes[] = {
    {"F64", DType::kFloat64}, {"F32", DType::kFloat32}, {"F16", DType::kFloat16}, {"BF16", DType::kBfloat16},
    {"I64", DType::kInt64},   {"I32", DType::kInt32},   {"I16", DType::kInt16},   {"I8", DType::kInt8},
    {"U8", DType::kUint8},    {"BOOL", DType::kBool},
};

}  // namespace ocrdet
