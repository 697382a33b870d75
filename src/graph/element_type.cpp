#include "graph/element_type.h"

#include <utility>

namespace ocrdet {
namespace {

constexpr std::pair<DType, std::int64_t> kNumbers[] = {
    {DType::kFloat32, 1}, {DType::kUint8, 2}, {DType::kInt8, 3},     {DType::kInt16, 5},    {DType::kInt32, 6},
    {DType::kInt64, 7},   {DType::kBool, 9},  {DType::kFloat16, 10}, {DType::kFloat64, 11}, {DType::kBfloat16, 16},
};

}  // namespace

std::int64_t onnxElementType(DType dtype) {
  for (const auto& [type, number] : kNumbers)
    if (type == dtype) return number;
  return 0;  // ONNX's UNDEFINED; the table holds every DType
}

std::optional<DType> dtypeOfOnnxElementType(std::int64_t number) {
  for (const auto& [type, known] : kNumbers)
    if (known == number) return type;
  return std::nullopt;
}

}  // namespace ocrdet
