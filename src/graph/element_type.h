// Element types as ONNX numbers them (TensorProto.DataType): the attribute `to` of Cast holds such a number.
#pragma once

#include <cstdint>
#include <optional>

#include "tensor/tensor.h"

namespace ocrdet {

std::int64_t onnxElementType(DType dtype);

// Nothing for types that no tensor of ours can have: strings, complex and unsigned wide integers.
std::optional<DType> dtypeOfOnnxElementType(std::int64_t number);

}  // namespace ocrdet
